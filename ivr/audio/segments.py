"""pydub: sound as it is handed from stage to stage, and the program that reads what pydub cannot."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
import subprocess
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():  # it asks for a system's ffmpeg, and for a module that Python 3.13 dropped
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

Samples = NDArray[np.float64]
Segment = Any  # pydub is not typed

_FULL_SCALE = 32768
_DECODE_TIMEOUT_S = 30
_DECODED_HZ = 48_000


class UnreadableError(ValueError):
    """A file is no sound, or not one that can be read; the message says why in a few words."""


def read_wav(path: Path) -> Segment:
    """Read a WAV file that the voice wrote. Raises: UnreadableError."""
    try:
        with path.open("rb") as file:  # pydub would leave it open
            return AudioSegment.from_wav(file)
    except Exception as error:  # noqa: BLE001 pydub raises what it comes across
        raise UnreadableError(f"not a WAV file ({type(error).__name__})") from None


def read_any(path: Path, kind: str, most_s: float) -> Segment:
    """Read a `wav` or `mp3` of any rate, width and number of channels, as one channel: 64 would be gigabytes.

    Raises: UnreadableError, also where it is longer than most_s.
    """
    wanted = ["-f", "wav", "-c:a", "pcm_s16le", "-ar", str(_DECODED_HZ), "-ac", "1"]
    command = [ffmpeg(), "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-f", kind]
    command += ["-i", f"file:{path}", "-map", "0:a:0", "-t", str(most_s + 1), *wanted, "pipe:1"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_DECODE_TIMEOUT_S, check=True)  # noqa: S603 ours
    except subprocess.CalledProcessError:
        raise UnreadableError(f"not a readable {kind.upper()} file") from None
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"reading it took more than {_DECODE_TIMEOUT_S} s") from None
    sound = AudioSegment.from_wav(BytesIO(done.stdout))
    if sound.duration_seconds > most_s:
        raise UnreadableError(f"longer than {most_s:.0f} s")
    return sound


def ffmpeg() -> str:
    """Return the path of the program that came with imageio-ffmpeg, and have pydub use it too."""
    AudioSegment.converter = imageio_ffmpeg.get_ffmpeg_exe()
    return str(AudioSegment.converter)


def samples_of(segment: Segment) -> tuple[Samples, int]:
    """Return the sound as mono samples between -1 and 1, and its rate in hertz."""
    mono = segment.set_channels(1).set_sample_width(2)
    return np.frombuffer(mono.raw_data, np.int16) / _FULL_SCALE, int(mono.frame_rate)


def segment_of(samples: Samples, rate_hz: int) -> Segment:
    """Make a pydub segment of mono samples; what is beyond full scale is clipped."""
    whole = np.clip(np.round(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    return AudioSegment(data=whole.tobytes(), sample_width=2, frame_rate=rate_hz, channels=1)


def wav_of(segment: Segment) -> bytes:
    """Return a plain WAV file: one channel, 16 bits."""
    file = BytesIO()
    segment.set_channels(1).set_sample_width(2).export(file, format="wav")
    return file.getvalue()


def silence(seconds: float, rate_hz: int) -> Segment:
    """Digital silence, to the sample; pydub's own counts whole milliseconds, which is what 8 kHz is made of."""
    return AudioSegment.silent(round(seconds * 1000), frame_rate=rate_hz)
