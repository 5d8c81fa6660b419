"""Who holds the receiver: a script, or a person at a terminal."""

import select
import shlex
import sys
from collections import deque
from time import monotonic
from typing import Protocol, TextIO

from ivr.simulator.acts import Act, Break, HangUp, Keys, Listening, Silence, Speech

SPEAKS, BREAKS = "say:", "fault:"


class ScriptError(ValueError):
    """Raised for a script that cannot be understood; the message is one line."""


class Caller(Protocol):
    """Decides what the caller does."""

    def act(self, listening: Listening) -> Act:
        """Return what the caller does in this moment."""
        ...


class ScriptedCaller:
    """Does what a script says, left to right, and is silent when it is used up.

    Each word is for one wait: the caller hears every menu to its end and reacts half a second later. Keys that a
    Gather does not take go to the next one, whose prompt they cut off.
    script: `1234#` keys pressed together; `wait` nothing until the line moves on; `say:"..."` speech; `hangup`;
        `fault:error` lets the next webhook fail, `fault:error,always` each one, `fault:none` none any more.
    Raises: ScriptError.
    """

    def __init__(self, script: str) -> None:
        try:
            words = shlex.split(script)
        except ValueError as error:
            raise ScriptError(f"script: {error}") from None
        self._acts = deque(_act(word) for word in words)

    def act(self, listening: Listening) -> Act:
        """Return the script's next act where the line waits, silence elsewhere."""
        return self._acts.popleft() if listening.waits and self._acts else Silence()


class TerminalCaller:
    """A person typing: a line is keys, an empty line waits, `say:` and words speaks, `h` or the end hangs up.

    `fault:error` breaks the next webhook. live: call time is clock time, so a key can cut off what is being heard, and
    silence passes by itself.
    """

    def __init__(self, source: TextIO | None = None, prompt: TextIO | None = None, *, live: bool = False) -> None:
        self._source = source or sys.stdin
        self._prompt = prompt
        self._live = live and self._source.isatty()

    def act(self, listening: Listening) -> Act:
        """Ask the person where the line waits; live, listen for keys in every moment."""
        began = monotonic()
        try:
            if self._live:
                if not select.select([self._source], [], [], listening.seconds)[0]:
                    return Silence()
            elif not listening.waits:
                return Silence()
            return self._ask(listening, began)
        except KeyboardInterrupt:
            return HangUp()

    def _ask(self, listening: Listening, began: float) -> Act:
        while True:
            if self._prompt is not None and not self._live:
                self._prompt.write(f"{'speak or press' if listening.kind == 'record' else 'keys'}> ")
                self._prompt.flush()
            line = self._source.readline()
            if not line or line.strip().lower() in {"h", "hangup"}:
                return HangUp()
            if not line.strip() or line.strip() == "wait":
                return Silence()
            try:
                act = _act(line.strip())
            except ScriptError as error:
                sys.stderr.write(f"{error}\n")
                continue
            return Keys(act.keys, monotonic() - began) if self._live and isinstance(act, Keys) else act


def _act(word: str) -> Act:
    if word == "wait":
        return Silence()
    if word == "hangup":
        return HangUp()
    if word.startswith(SPEAKS):
        return Speech(word.removeprefix(SPEAKS).strip(' "'))
    try:
        return Break.read(word.removeprefix(BREAKS)) if word.startswith(BREAKS) else Keys(word)
    except ValueError as error:
        if word.startswith(BREAKS):
            raise ScriptError(str(error)) from None
        raise ScriptError(f'{word!r} is neither keys (0-9, *, #), wait, say:"..." nor hangup') from None
