"""The voice program, run as a program: one process speaks one text after another."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

from ivr.audio.one_thread import ENVIRONMENT
from ivr.audio.voice import Voice, VoiceError

PROGRAM = (sys.executable, "-P", "-m", "piper")  # of this installation, whatever lies in the current folder
SPEED = "1.15"  # times as long as the model would speak: callers are told about 165 words a minute, not 200
_NO_NOISE = ("--noise-scale", "0", "--noise-w-scale", "0")  # the same text sounds the same every time
_PAUSE = ("--sentence-silence", "0.25")
_WROTE = "Wrote "
_LONGEST_S = 120


class Speaker:
    """One process of the voice program, which lives as long as it is told texts, and ends with this process."""

    def __init__(self, voice: Voice, folder: Path, core: int | None = None) -> None:
        """Start it. folder: where it writes, a folder of its own. core: the only one it may use.

        Raises: VoiceError.
        """
        command = [*PROGRAM, "-m", str(voice.model), "-d", str(folder)]
        command += ["--output-dir-naming", "timestamp", "--length-scale", SPEED, *_NO_NOISE, *_PAUSE]
        environment = {**os.environ, **ENVIRONMENT, "PYTHONUTF8": "1"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 ours
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env=environment,
            )
        except OSError as error:
            raise VoiceError(f"the voice program cannot be started: {error.strerror}") from None
        if core is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self._process.pid, {core})

    def say(self, words: str) -> Path:
        """Speak one line, and return the WAV file it became. Raises: VoiceError when the program fails."""
        stdin, stderr = self._process.stdin, self._process.stderr
        assert stdin is not None  # noqa: S101 both are pipes
        assert stderr is not None  # noqa: S101 the same
        last = ""
        watch = Timer(_LONGEST_S, self._process.kill)
        watch.start()
        try:
            stdin.write(words + "\n")
            stdin.flush()
            for line in stderr:
                if _WROTE in line:
                    return Path(line.split(_WROTE, 1)[1].strip())
                last = line.strip() or last
        except OSError:
            pass
        finally:
            watch.cancel()
        raise VoiceError(f"the voice program failed: {last or 'it ended without a word'}")

    def kill(self) -> None:
        """End the program at once; whoever waits for a text gets a VoiceError."""
        self._process.kill()

    def close(self) -> None:
        """End the program and forget it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stderr):
            with suppress(OSError):  # what it was still to be told
                if pipe:
                    pipe.close()
