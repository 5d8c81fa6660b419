"""Documents of a call: requested, understood and, where that fails, replaced by the fallback's.

Source: https://www.twilio.com/docs/usage/security/availability-reliability
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.simulator.carrier import Failure
from ivr.simulator.departures import CallOver, Goto
from ivr.simulator.documents import Script, understand
from ivr.simulator.events import Warned
from ivr.simulator.line import Line

MOST_REQUESTS = 1000


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The addresses set on a number. fallback, status_callback: '' is none. most_requests: safety cap of a call."""

    voice: str
    method: str = "POST"
    fallback: str = ""
    status_callback: str = ""
    most_requests: int = MOST_REQUESTS
    fallback_method: str = "POST"


class Fetcher:
    """Gets the documents of one call."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    def script(self, line: Line, goto: Goto) -> Script:
        """Return the document at an address, or the fallback's. Raises: CallOver when that fails as well."""
        return self.request(line, goto, {**line.facts.parameters(line.status), **goto.extra})

    def request(self, line: Line, goto: Goto, params: Mapping[str, str]) -> Script:
        """Do the same with the parameters as they are."""
        script = self.once(line, goto, params)
        if isinstance(script, Script):
            return script
        line.fail(script)
        if goto.purpose == "fallback":
            raise CallOver("failed", "error")
        return self.fallback(line, script, goto.url, params)

    def fallback(self, line: Line, failure: Failure, url: str, params: Mapping[str, str] | None = None) -> Script:
        """Return the fallback's document. Raises: CallOver where there is none."""
        if not self._webhooks.fallback:
            raise CallOver("failed", "error")
        extra = {"ErrorCode": str(failure.code), "ErrorUrl": url}
        params = line.facts.parameters(line.status) if params is None else params
        return self.request(
            line, Goto(self._webhooks.fallback, self._webhooks.fallback_method, {}, "fallback"), {**params, **extra}
        )

    def once(self, line: Line, goto: Goto, params: Mapping[str, str]) -> Script | Failure:
        """Return the document at an address, or why there is none."""
        if len(line.carrier.exchanges) >= self._webhooks.most_requests:
            most = self._webhooks.most_requests
            message = f"more than {most} requests in one call: does the application go in circles?"
            line.fail(Failure(0, message, goto.url))
            raise CallOver("failed", "error")
        reply = line.carrier.request(goto.url, goto.method, params, goto.purpose)
        if isinstance(reply, Failure):
            return reply
        script = understand(reply, unknown_verb_fails=line.switches.unknown_verb_fails)
        if isinstance(script, Failure):
            return script
        for p in script.document.problems:
            line.emit(Warned(line.now, p.code, p.message, p.line, p.column))
        return script if line.switches.base_after_redirect else Script(script.document, goto.url)
