"""Recordings that are tried at the console: in processes of their own, one at a time, since sound takes a processor.

A draft is a folder of the prompt's id below `instance/drafts`: the recording, the clip as callers would hear it, and
what was found. Nothing of it is played to callers before it is put in place.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from ivr.audio.lock import locked
from ivr.audio.store import write_whole
from ivr.config import ROOT, Settings

LIMIT_S = 120
_VERDICT, _UPLOAD, _RECORDING, _CLIP = "verdict.json", "upload", "recording.wav", "clip.wav"


class RecorderError(Exception):
    """It cannot be done; the message is one sentence for whoever asked. busy: somebody else is at it."""

    def __init__(self, text: str, *, busy: bool = False) -> None:
        super().__init__(text)
        self.busy = busy


@dataclass(frozen=True)
class Draft:
    """A recording that was tried. token: names this try. seconds: None where nothing is to be heard."""

    token: str
    who: str
    seconds: float | None
    problems: tuple[str, ...]


class Recorder:
    """Tries recordings for a line, puts them in place, and takes them back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.instance_dir / "drafts"

    def draft(self, prompt_id: str) -> Draft | None:
        """Return what was tried last for a prompt."""
        try:
            found = json.loads((self._folder / prompt_id / _VERDICT).read_bytes())
            return Draft(found["token"], found["who"], found["seconds"], tuple(found["problems"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def sound(self, prompt_id: str, token: str) -> Path | None:
        """Return the clip of a draft."""
        path = self._folder / prompt_id / _CLIP
        draft = self.draft(prompt_id)
        return path if draft is not None and draft.token == token and path.exists() else None

    def listen(self, prompt_id: str, upload: FileStorage, who: str) -> Draft:
        """Try a recording. Raises: RecorderError."""
        folder = self._folder / prompt_id
        with self._alone():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            try:
                upload.save(folder / _UPLOAD)
                said = self._flask("try", prompt_id, str(folder / _UPLOAD), "--into", str(folder))
            finally:
                with suppress(OSError):
                    (folder / _UPLOAD).unlink()
            try:
                verdict = json.loads(said)
            except ValueError:
                raise RecorderError("The recording could not be checked; the log says why.") from None
            told: dict[str, Any] = {"token": secrets.token_hex(8), "who": who, **verdict}
            write_whole(folder / _VERDICT, json.dumps(told).encode())
        return Draft(told["token"], who, told["seconds"], tuple(told["problems"]))

    def put(self, prompt_id: str, token: str) -> Draft:
        """Have callers hear a draft from now on. Raises: RecorderError."""
        with self._alone():
            draft = self.draft(prompt_id)
            if draft is None or draft.token != token:
                raise RecorderError("That recording is not the newest one any more; listen to it again.", busy=True)
            if draft.problems:
                raise RecorderError("It was not put in place: the check has found problems.")
            self._flask("record", prompt_id, str(self._folder / prompt_id / _RECORDING))
            shutil.rmtree(self._folder / prompt_id, ignore_errors=True)
        return draft

    def discard(self, prompt_id: str) -> None:
        """Forget a draft."""
        with self._alone():
            shutil.rmtree(self._folder / prompt_id, ignore_errors=True)

    def reset(self, prompt_id: str) -> str:
        """Take a recording away, and return what is heard instead, in a sentence. Raises: RecorderError."""
        with self._alone():
            return self._flask("reset", prompt_id).strip()

    def _alone(self) -> AbstractContextManager[None]:
        def busy() -> None:
            raise RecorderError("Another recording is being worked on. Try again in a minute.", busy=True)

        return locked(self._folder / ".lock", busy)

    def _flask(self, *words: str) -> str:
        softly = [found, "-n", "10"] if (found := shutil.which("nice")) else []  # a caller's webhooks go first
        command = [*softly, sys.executable, "-m", "flask", "prompts", *words]
        environment = {**os.environ, **self._settings.environment()}
        try:
            done = subprocess.run(  # noqa: S603 no shell: prompt ids are known ones, files are ours
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise RecorderError(f"It took more than {LIMIT_S} s and was stopped; nothing was changed.") from None
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            why = lines[-1].removeprefix("Error: ") if lines else f"exit code {done.returncode}"
            raise RecorderError(f"It could not be done: {why}.".replace("..", "."))
        return done.stdout
