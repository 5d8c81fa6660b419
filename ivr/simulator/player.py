"""Plays one call: requests documents, runs their verbs in call time, and sees it to the end."""

from ivr.simulator.acts import Steps
from ivr.simulator.carrier import Failure
from ivr.simulator.departures import Broken, CallOver, Goto, NeverBegun, Updated
from ivr.simulator.documents import Script
from ivr.simulator.events import Ended
from ivr.simulator.execute import execute
from ivr.simulator.fetch import MOST_REQUESTS, Fetcher, Webhooks
from ivr.simulator.line import Line
from ivr.simulator.progress import Progress
from ivr.simulator.verbs import Document
from ivr.simulator.verbs.flow import Redirect

__all__ = ["MOST_REQUESTS", "Player", "Webhooks"]

NOT_ALLOWED_HERE = 12200


class Player:
    """Runs one call on a line.

    progress: who is told of it; left out, the webhooks' status callback of its end. twiml: the first document itself.
    """

    def __init__(
        self, line: Line, webhooks: Webhooks, progress: Progress | None = None, twiml: Document | None = None
    ) -> None:
        self.ended: Ended | None = None
        self._line = line
        self._progress = progress or Progress(line, line.facts, webhooks.status_callback)
        self._twiml = twiml
        self._webhooks = webhooks
        self._fetch = Fetcher(webhooks)
        self._redirects = 0
        line.stage = self

    def run(self, ring: Steps[None] | None = None) -> Steps[Ended]:
        """Run the call: yields each moment, is sent the caller's act, and returns how it ended.

        ring: what comes before the answer of a call that the application places.
        """
        try:
            if ring is not None:
                yield from ring
            yield from self._documents()
        except CallOver as over:
            return self._end(over)
        raise AssertionError("a call ends by CallOver")  # pragma: no cover

    def perform(self, line: Line, goto: Goto, allowed: frozenset[str], code: int) -> Steps[Failure | None]:
        """Run a document inside a verb; see `Stage`."""
        base = line.base
        try:
            next_: Goto | None = goto
            while next_ is not None:
                params = {**line.facts.parameters(line.status), **next_.extra}
                script = self._fetch.once(line, next_, params)
                if isinstance(script, Failure):
                    line.fail(script)
                    return script
                line.base, next_ = script.base, None
                for verb in script.document.verbs:
                    if type(verb).__name__ not in allowed:
                        failure = Failure(code, f"<{type(verb).__name__}> is not allowed here", script.base)
                        line.fail(failure)
                        return failure
                    next_ = yield from execute(line, verb)
                    if next_ is not None:
                        break
        finally:
            line.base = base
        return None

    def _documents(self) -> Steps[None]:
        line = self._line
        if self._twiml is not None:
            script = Script(self._twiml, "")
        else:
            first = line.facts.parameters(line.status, first=line.facts.direction == "inbound")
            script = self._fetch.request(line, Goto(self._webhooks.voice, self._webhooks.method, {}, "voice"), first)
        while True:
            try:
                script = self._next((yield from self._verbs(script)))
            except Updated as update:
                to = update.to
                script = to if isinstance(to, Script) else self._fetch.script(line, to)
            except Broken as broken:
                line.fail(broken.failure)
                script = self._fetch.fallback(line, broken.failure, line.base)
            while line.afterwards:
                line.afterwards.popleft()()

    def _next(self, goto: Goto | None) -> Script:
        if goto is None:
            self._line.answer()
            raise CallOver("completed", "application")
        return self._fetch.script(self._line, goto)

    def _verbs(self, script: Script) -> Steps[Goto | None]:
        self._line.base = script.base
        for verb in script.document.verbs:
            self._count(chained=isinstance(verb, Redirect))
            goto = yield from execute(self._line, verb)
            if goto is not None:
                return goto
        return None

    def _count(self, *, chained: bool) -> None:
        """Keep count of Redirects in a row, for the carrier that has a limit."""
        self._redirects = self._redirects + 1 if chained else 0
        most = self._line.switches.most_redirects
        if most and self._redirects > most:
            self._redirects = 0
            raise Broken(Failure(0, f"more than {most} Redirects in a row", self._line.base))

    def _end(self, over: CallOver) -> Ended:
        line = self._line
        outbound = line.facts.direction != "inbound"
        # A caller who gives up before the answer was not answered.
        unanswered = over.by == "caller" and line.answered_at is None
        status = "no-answer" if unanswered else over.status
        duration = 0.0 if line.answered_at is None else line.now - line.answered_at
        while line.afterwards:
            line.afterwards.popleft()()
        if not isinstance(over, NeverBegun):
            self._progress.tell("completed", status, duration)
        by = "callee" if outbound and over.by == "caller" else over.by
        self.ended = Ended(line.now, status, round(duration, 3), by)
        line.emit(self.ended)
        return self.ended
