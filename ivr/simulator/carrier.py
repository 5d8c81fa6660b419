"""HTTP as the carrier speaks it: signed webhooks with retries, redirects, cookies and limits.

Source: https://www.twilio.com/docs/voice/twiml#how-twilio-interacts-with-your-app
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from urllib.parse import SplitResult, unquote, urldefrag, urlencode, urljoin, urlsplit, urlunsplit
from uuid import uuid4

from ivr.simulator.clock import Clock
from ivr.simulator.cookies import Cookies
from ivr.simulator.events import Emit, Request, Response, Warned
from ivr.simulator.overrides import Overrides, overrides
from ivr.simulator.signature import sign
from ivr.simulator.transport import Answer, Limits, Transport, WireError

MAX_TWIML_BYTES = 64 * 1024
MAX_MEDIA_BYTES = 50 * 1024 * 1024
MAX_REDIRECTS = 10
MOVED = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
BAD_CALLBACK = 15003
NO_CONTENT = 204
HTTP_ERROR = 400
SERVER_ERROR = 500
NO_FORM: dict[str, str] = {}


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


class Carrier:
    """Sends the webhooks of one call and keeps each exchange."""

    def __init__(self, transport: Transport, auth_token: str, clock: Clock, emit: Emit, http_error_code: int) -> None:
        self.exchanges: list[Exchange] = []
        self._transport = transport
        self._token = auth_token
        self._clock = clock
        self._emit = emit
        self._http_error_code = http_error_code
        self._cookies = Cookies()

    def request(self, url: str, method: str, params: Mapping[str, str], purpose: str) -> Reply | Failure:
        """Request a webhook, trying again and following redirects as far as the rules go."""
        problem = _unusable(url)
        if problem is not None:
            return problem
        settings = overrides(url)
        if settings.problem:
            self._emit(Warned(self._clock.now, 11243, f"connection settings ignored: {settings.problem}"))
        address = urldefrag(url).url
        idempotency = str(uuid4())
        ask = _Ask(address, method, params)
        return self._follow(ask, lambda hop: self._attempts(settings, idempotency, purpose, hop))

    def tell(self, url: str, method: str, params: Mapping[str, str], purpose: str) -> None:
        """Send a status callback, whose answer steers nothing; a bad one is warning 15003."""
        reply = self.request(url, method, params, purpose)
        problem = reply.message if isinstance(reply, Failure) else _bad_acknowledgement(reply)
        if problem:
            self._emit(Warned(self._clock.now, BAD_CALLBACK, problem))

    def media(self, url: str) -> Reply | Failure:
        """Fetch a file to play; such requests carry none of the call's parameters."""
        problem = _unusable(url)
        if problem is not None:
            return problem
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
            if problem := _unusable(url):
                return Failure(11216, problem.message, url)
            keeps = answer.status in _KEEPS_METHOD
            # As in a browser: the form is not sent again after a 302, so Digits are lost here.
            ask = _Ask(urldefrag(url).url, ask.method if keeps else "GET", ask.params if keeps else NO_FORM)
        return Failure(11215, f"more than {MAX_REDIRECTS} redirects", ask.url)

    def _checked(self, url: str, answer: Answer) -> Reply | Failure:
        if answer.status >= HTTP_ERROR:
            return Failure(self._http_error_code, f"{url} answered {answer.status}", url)
        return Reply(url, answer)

    def _attempts(self, settings: Overrides, idempotency: str, purpose: str, ask: _Ask) -> Answer | Failure:
        left = settings.retries
        while True:
            try:
                answer = self._once(settings, idempotency, purpose, ask)
                kind = "5xx" if answer.status >= SERVER_ERROR else "4xx" if answer.status >= HTTP_ERROR else ""
                result: Answer | Failure = answer
            except WireError as error:
                kind, result = error.kind, Failure(error.code, str(error), ask.url)
            if not kind or not left or not settings.retry(kind):
                return result
            left -= 1

    def _once(self, settings: Overrides, idempotency: str, purpose: str, ask: _Ask) -> Answer:
        method, params = ask.method, dict(ask.params)
        url, body, form = _message(ask)
        signature = sign(url, form, self._token)
        headers = self._headers(url, signature) | {"I-Twilio-Idempotency-Token": idempotency}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._emit(Request(self._clock.now, method, url, params, signature, idempotency, purpose))
        began = perf_counter()
        sent = Exchange(purpose, method, url, params, headers, body, None, 0.0)
        try:
            answer = self._transport.send(method, _bare(url), headers, body, _limits(settings, MAX_TWIML_BYTES))
        except BaseException:
            self.exchanges.append(replace(sent, ms=_ms_since(began)))
            raise
        ms = _ms_since(began)
        self.exchanges.append(replace(sent, answer=answer, ms=ms))
        self._cookies.keep(url, answer.cookies)
        text = answer.body.decode("utf-8", "replace")
        content_type = answer.headers.get("content-type", "")
        self._emit(Response(self._clock.now, answer.status, ms, content_type, text))
        return answer

    def _media_once(self, settings: Overrides, ask: _Ask) -> Answer | Failure:
        headers = self._headers(ask.url, sign(ask.url, NO_FORM, self._token))
        try:
            return self._transport.send("GET", _bare(ask.url), headers, b"", _limits(settings, MAX_MEDIA_BYTES))
        except WireError as error:
            return Failure(error.code, str(error), ask.url)

    def _headers(self, url: str, signature: str) -> dict[str, str]:
        headers = {
            "Accept": "*/*",
            "Cache-Control": "max-age=259200",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature,
        }
        parts = urlsplit(url)
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        cookie = self._cookies.header(url)
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
    encoded = urlencode(ask.params)
    if ask.method == "POST":
        return ask.url, encoded.encode(), ask.params
    return (f"{ask.url}{'&' if '?' in ask.url else '?'}{encoded}" if encoded else ask.url), b"", NO_FORM


def _limits(settings: Overrides, body_bytes: int) -> Limits:
    return Limits(settings.connect_s, settings.read_s, settings.total_s, body_bytes)


def _bare(url: str) -> str:
    """Return the address without user and password, which travel in a header."""
    return url if "@" not in url else urlunsplit(urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]))


def _unusable(url: str) -> Failure | None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and _port_is_possible(parts)
    except ValueError:
        return Failure(11100, f"{url!r} is not an address", url)
    if not good or any(c.isspace() for c in url):
        return Failure(11100, f"{url!r} is not an address", url)
    if "_" in (parts.hostname or ""):
        return Failure(11210, f"the host name in {url!r} has an underscore", url)
    return None


def _port_is_possible(parts: SplitResult) -> bool:
    return parts.port is None or parts.port > 0
