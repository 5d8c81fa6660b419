"""HTTP as the carrier speaks it: signed webhooks with retries, redirects, cookies and limits.

Source: https://www.twilio.com/docs/voice/twiml#how-twilio-interacts-with-your-app
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from uuid import uuid4

from ivr.simulator.addresses import bare, encoded, unusable
from ivr.simulator.clock import Clock
from ivr.simulator.cookies import Cookies
from ivr.simulator.events import Emit, Request, Response, Warned
from ivr.simulator.faults import Faults
from ivr.simulator.media_cache import MediaCache
from ivr.simulator.overrides import Overrides, overrides
from ivr.simulator.refusals import reason
from ivr.simulator.signature import sign
from ivr.simulator.switches import Switches
from ivr.simulator.transport import Answer, Limits, Transport, WireError

MAX_TWIML_BYTES = 64 * 1024
MAX_REDIRECTS = 10
MOVED = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
BAD_CALLBACK = 15003
NO_CONTENT = 204
HTTP_ERROR = 400
SERVER_ERROR = 500
TOO_SLOW = 11200
NO_FORM: dict[str, str] = {}
UNSIGNED = frozenset({"CallToken", "StirVerstat"})
DELAY_HEADER = "simulated-delay"
SIMULATED_HEADER = "X-Simulated-Call"  # the one thing no carrier sends: statistics can leave such calls out
Delay = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it was sent, and its answer; None where none came. ms: clock time."""

    purpose: str
    method: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    answer: Answer | None
    ms: float

    @property
    def form(self) -> Mapping[str, str]:
        """The POST fields; empty for GET, where they are in the address."""
        return self.params if self.method == "POST" else NO_FORM


@dataclass(frozen=True, slots=True)
class Reply:
    """The last answer to a webhook, redirects followed, and the address it came from."""

    url: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Failure:
    """A webhook or document that cannot be used. code: from Twilio's error dictionary."""

    code: int
    message: str
    url: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class _Ask:
    url: str
    method: str
    params: Mapping[str, str]


@dataclass(slots=True)
class Wire:
    """What the webhooks of a call go over, and what its phone keeps for it.

    delay: how many seconds of call time an answer takes, by method and address; else its `Simulated-Delay` header.
    faults: what a tester breaks.
    """

    transport: Transport
    auth_token: str
    cookies: Cookies = field(default_factory=Cookies)
    media: MediaCache = field(default_factory=MediaCache)
    delay: Delay | None = None
    faults: Faults = field(default_factory=Faults)


class Carrier:
    """Sends the webhooks of one call and keeps each exchange."""

    def __init__(self, wire: Wire, clock: Clock, emit: Emit, switches: Switches) -> None:
        self.exchanges: list[Exchange] = []
        self._wire = wire
        self._clock = clock
        self._emit = emit
        self._switches = switches

    def fork(self, clock: Clock, emit: Emit) -> "Carrier":
        """Return the carrier of another call over the same wire."""
        return Carrier(self._wire, clock, emit, self._switches)

    def request(self, url: str, method: str, params: Mapping[str, str], purpose: str) -> Reply | Failure:
        """Request a webhook, trying again and following redirects as far as the rules go."""
        problem = unusable(url)
        if problem is not None:
            return Failure(*problem, url)
        settings = overrides(url)
        if settings.problem:
            self._emit(Warned(self._clock.now, 11243, f"connection settings ignored: {settings.problem}"))
        address = urldefrag(url).url
        idempotency = str(uuid4())
        ask = _Ask(address, method, params)
        # Redirects and further tries share one budget of time.
        until = self._clock.now + settings.total_s
        return self._follow(ask, lambda hop: self._attempts(settings, idempotency, purpose, hop, until))

    def tell(self, url: str, method: str, params: Mapping[str, str], purpose: str) -> None:
        """Send a status callback, whose answer steers nothing; a bad one is warning 15003."""
        reply = self.request(url, method, params, purpose)
        problem = reply.message if isinstance(reply, Failure) else _bad_acknowledgement(reply)
        if problem:
            self._emit(Warned(self._clock.now, BAD_CALLBACK, problem))

    def media(self, url: str) -> Reply | Failure:
        """Fetch a file to play; such requests carry none of the call's parameters."""
        problem = unusable(url)
        if problem is not None:
            return Failure(*problem, url)
        settings = overrides(url)
        return self._follow(_Ask(urldefrag(url).url, "GET", NO_FORM), lambda hop: self._media_once(settings, hop))

    def _follow(self, ask: _Ask, send: Callable[[_Ask], Answer | Failure]) -> Reply | Failure:
        for _ in range(MAX_REDIRECTS + 1):
            answer = send(ask)
            if isinstance(answer, Failure):
                return answer
            if answer.status not in MOVED:
                return self._checked(ask.url, answer)
            if "location" not in answer.headers:
                return Failure(11216, f"{ask.url} answered {answer.status} without a Location", ask.url)
            url = urljoin(ask.url, answer.headers["location"])
            if problem := unusable(url):
                return Failure(11216, problem[1], url)
            keeps = answer.status in _KEEPS_METHOD
            # As in a browser: the form is not sent again after a 302, so Digits are lost here.
            ask = _Ask(urldefrag(url).url, ask.method if keeps else "GET", ask.params if keeps else NO_FORM)
        return Failure(11215, f"more than {MAX_REDIRECTS} redirects", ask.url)

    def _checked(self, url: str, answer: Answer) -> Reply | Failure:
        if answer.status >= HTTP_ERROR:
            why = reason(answer)
            message = f"{url} answered {answer.status}{f': {why}' if why else ''}"
            return Failure(self._switches.http_error_code, message, url)
        return Reply(url, answer)

    def _attempts(
        self, settings: Overrides, idempotency: str, purpose: str, ask: _Ask, until: float
    ) -> Answer | Failure:
        left = settings.retries
        while True:
            try:
                answer = self._once(_limits(settings, until - self._clock.now), idempotency, purpose, ask)
                kind = "5xx" if answer.status >= SERVER_ERROR else "4xx" if answer.status >= HTTP_ERROR else ""
                result: Answer | Failure = answer
            except WireError as error:
                kind, result = error.kind, Failure(error.code, str(error), ask.url)
            if not kind or not left or self._clock.now >= until or not settings.retry(kind):
                return result
            left -= 1

    def _once(self, limits: Limits, idempotency: str, purpose: str, ask: _Ask) -> Answer:
        method, params = ask.method, dict(ask.params)
        url, body, form = _message(ask)
        signature = self._sign(url, form)
        headers = self._headers(url, signature) | {"I-Twilio-Idempotency-Token": idempotency}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._emit(Request(self._clock.now, method, url, params, signature, idempotency, purpose))
        began = perf_counter()
        sent = Exchange(purpose, method, url, params, headers, body, None, 0.0)
        try:
            wire = self._wire.faults.before(self._wire.transport, purpose, idempotency)
            answer = wire.send(method, bare(url), headers, body, limits)
        except WireError as error:
            self._clock.advance_to(self._clock.now + error.after_s)
            self.exchanges.append(replace(sent, ms=_ms_since(began)))
            raise
        except BaseException:
            self.exchanges.append(replace(sent, ms=_ms_since(began)))
            raise
        ms = _ms_since(began)
        self.exchanges.append(replace(sent, answer=answer, ms=ms))
        self._take_time(method, url, answer, limits)
        self._wire.cookies.keep(url, answer.cookies)
        text = answer.body.decode("utf-8", "replace")
        content_type = answer.headers.get("content-type", "")
        self._emit(Response(self._clock.now, answer.status, ms, content_type, text))
        return answer

    def _take_time(self, method: str, url: str, answer: Answer, limits: Limits) -> None:
        """Let the call time pass that the answer took. Raises: WireError when that is longer than the patience."""
        seconds = answer.took_s
        if self._wire.delay is not None:
            seconds += self._wire.delay(method, url)
        elif DELAY_HEADER in answer.headers:
            seconds += _seconds(answer.headers[DELAY_HEADER])
        patience = min(limits.read_s, limits.total_s)
        if seconds:
            self._clock.advance_to(self._clock.now + min(seconds, patience))
        if seconds > patience:
            raise WireError(TOO_SLOW, "rt", f"{url} took longer than {patience:g} s")

    def _sign(self, url: str, form: Mapping[str, str]) -> str:
        if not self._switches.signs_every_parameter:
            form = {name: value for name, value in form.items() if name not in UNSIGNED}
        return sign(url, form, self._wire.auth_token)

    def _media_once(self, settings: Overrides, ask: _Ask) -> Answer | Failure:
        cache, now = self._wire.media, self._clock.utc.timestamp()
        copy = cache.fresh(ask.url, now)
        if copy is not None:
            return copy
        most = self._switches.most_media_bytes
        headers = self._headers(ask.url, self._sign(ask.url, NO_FORM)) | cache.conditions(ask.url)
        try:
            limits = _limits(settings, settings.total_s, most)
            answer = self._wire.transport.send("GET", bare(ask.url), headers, b"", limits)
        except WireError as error:
            return Failure(error.code, str(error), ask.url)
        if len(answer.body) > most:
            return Failure(TOO_SLOW, f"{ask.url} is larger than {most} bytes", ask.url)
        return cache.settle(ask.url, answer, now)

    def _headers(self, url: str, signature: str) -> dict[str, str]:
        headers = {
            "Accept": "*/*",
            "Cache-Control": "max-age=259200",
            "User-Agent": "TwilioProxy/1.1",
            SIMULATED_HEADER: "true",
            "X-Twilio-Signature": signature,
        }
        parts = urlsplit(url)
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        cookie = self._wire.cookies.header(url)
        return headers | ({"Cookie": cookie} if cookie else {})


def _ms_since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 3)


def _bad_acknowledgement(reply: Reply) -> str:
    answer = reply.answer
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status == NO_CONTENT or kind in {"text/xml", "application/xml"}:
        return ""
    return f"{reply.url} answered {answer.status} {kind or '(no type)'}; 204, or 200 text/xml, is expected"


def _message(ask: _Ask) -> tuple[str, bytes, Mapping[str, str]]:
    """Return the address, the body and the signed form of a request."""
    form = encoded(ask.params)
    if ask.method == "POST":
        return ask.url, form.encode(), ask.params
    return (f"{ask.url}{'&' if '?' in ask.url else '?'}{form}" if form else ask.url), b"", NO_FORM


def _limits(settings: Overrides, total_s: float, body_bytes: int = MAX_TWIML_BYTES) -> Limits:
    return Limits(settings.connect_s, settings.read_s, total_s, body_bytes)


def _seconds(text: str) -> float:
    """Read a delay; what is no number is none."""
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
