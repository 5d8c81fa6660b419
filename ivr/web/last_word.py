"""The last word to a caller, spoken outside of the framework: for when not even an apology can be made any more.

All of it is written beforehand, since where memory has run out nothing new can be. It is said to whoever asks: what
failed may have been the check of the signature, and there is nothing in it but the numbers of the company.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from ivr.bootstrap import Answerline

log = logging.getLogger("answerline")
_NOTED = ("/voice/status", "/voice/recording", "/voice/text", "/voice/debugger")  # the carrier tells it again, or not


class LastWord:
    """A WSGI application around another, for webhooks of calls that fail altogether. line: for its people and voice."""

    def __init__(self, serve: Callable[..., Iterable[bytes]], line: Answerline) -> None:
        self._serve = serve
        people = line.people
        self._person = [line.voice.apology(people, failed=failed).encode() for failed in range(len(people) + 1)]
        self._leave, self._hang_up = line.voice.leave().encode(), line.voice.hang_up().encode()
        self._rung = ("leg", *line.line.legs)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the application does, or as well as can be."""
        try:
            return self._serve(environ, start_response)
        except Exception:
            word = self._word(environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
            if word is None or environ.get("REQUEST_METHOD") != "POST":
                raise
            with suppress(Exception):
                log.exception("%s failed, and so did its apology", environ["PATH_INFO"])
            start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(word)))])
            return [word]

    def _word(self, path: str, query: str) -> bytes | None:
        if (path != "/voice" and not path.startswith("/voice/")) or path in _NOTED:
            return None
        if path.endswith("/hold"):
            return self._leave
        if path.removeprefix("/voice/").partition("/")[0] in self._rung:
            return self._hang_up
        tried = [failed for failed in range(1, len(self._person)) if f"failed={failed}" in query]
        return self._person[tried[-1] if tried else 0]
