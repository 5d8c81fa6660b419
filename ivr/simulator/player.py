"""Plays one call: requests documents, runs their verbs in call time, and sees it to the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from ivr.simulator.acts import Steps
from ivr.simulator.carrier import Failure
from ivr.simulator.documents import Script, understand
from ivr.simulator.events import Ended, Failed, Warned
from ivr.simulator.execute import execute
from ivr.simulator.line import CallOver, Goto, Line
from ivr.simulator.verbs import Document

MOST_REQUESTS = 1000
SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The addresses set on a number. fallback, status_callback: '' is none. most_requests: safety cap of a call."""

    voice: str
    method: str = "POST"
    fallback: str = ""
    status_callback: str = ""
    most_requests: int = MOST_REQUESTS


class Player:
    """Runs one call on a line."""

    def __init__(self, line: Line, webhooks: Webhooks) -> None:
        self.ended: Ended | None = None
        self._line = line
        self._webhooks = webhooks

    def run(self) -> Steps[Ended]:
        """Run the call: yields each moment, is sent the caller's act, and returns how it ended."""
        try:
            yield from self._documents()
        except CallOver as over:
            return self._end(over)
        raise AssertionError("a call ends by CallOver")  # pragma: no cover

    def _documents(self) -> Steps[None]:
        first = self._line.facts.parameters("ringing", first=True)
        script = self._request(self._webhooks.voice, self._webhooks.method, first, "voice")
        while True:
            goto = yield from self._verbs(script)
            if goto is None:
                self._line.answer()
                raise CallOver("completed", "application")
            script = self._go(goto)

    def _verbs(self, script: Script) -> Steps[Goto | None]:
        self._line.base = script.base
        for verb in script.document.verbs:
            goto = yield from execute(self._line, verb)
            if goto is not None:
                return goto
        return None

    def _go(self, goto: Goto) -> Script:
        params = {**self._line.facts.parameters(self._line.status), **goto.extra}
        return self._request(goto.url, goto.method, params, goto.purpose)

    def _request(self, url: str, method: str, params: Mapping[str, str], purpose: str) -> Script:
        script = self._fetch(url, method, params, purpose)
        if isinstance(script, Script):
            return script
        self._fail(script)
        if not self._webhooks.fallback or purpose == "fallback":
            raise CallOver("failed", "error")
        extra = {"ErrorCode": str(script.code), "ErrorUrl": url}
        return self._request(self._webhooks.fallback, "POST", {**params, **extra}, "fallback")

    def _fetch(self, url: str, method: str, params: Mapping[str, str], purpose: str) -> Script | Failure:
        line = self._line
        if len(line.carrier.exchanges) >= self._webhooks.most_requests:
            most = self._webhooks.most_requests
            self._fail(Failure(0, f"more than {most} requests in one call: does the application go in circles?", url))
            raise CallOver("failed", "error")
        reply = line.carrier.request(url, method, params, purpose)
        if isinstance(reply, Failure):
            return reply
        script = understand(reply, unknown_verb_fails=line.switches.unknown_verb_fails)
        if isinstance(script, Failure):
            return script
        self._warn(script.document)
        return script if line.switches.base_after_redirect else Script(script.document, url)

    def _warn(self, document: Document) -> None:
        for p in document.problems:
            self._line.emit(Warned(self._line.now, p.code, p.message, p.line, p.column))

    def _fail(self, f: Failure) -> None:
        self._line.emit(Failed(self._line.now, f.code, f.message, f.url, f.line, f.column))

    def _end(self, over: CallOver) -> Ended:
        line = self._line
        # A caller who gives up before the answer was not answered.
        unanswered = over.by == "caller" and line.answered_at is None
        status = "no-answer" if unanswered else over.status
        duration = 0.0 if line.answered_at is None else line.now - line.answered_at
        if self._webhooks.status_callback:
            line.carrier.tell(self._webhooks.status_callback, "POST", self._final(status, duration), "status")
        self.ended = Ended(line.now, status, round(duration, 3), over.by)
        line.emit(self.ended)
        return self.ended

    def _final(self, status: str, duration: float) -> dict[str, str]:
        seconds = ceil(duration)
        return self._line.facts.parameters(status) | {
            "CallDuration": str(seconds),
            "CallbackSource": "call-progress-events",
            "Duration": str(ceil(seconds / SECONDS_A_MINUTE)),
            "SequenceNumber": "0",
            "Timestamp": self._line.clock.stamp,
        }
