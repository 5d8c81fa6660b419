"""A telephone that checks what it hears: fluent calls for tests, whose failures tell the whole call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, cast

from ivr.simulator.acts import Break
from ivr.simulator.asgi import AsgiApp
from ivr.simulator.phone import DEFAULT_FROM, DEFAULT_TO, Phone, PhoneCall
from ivr.simulator.plans import People, Person, Queue
from ivr.simulator.repeat import command
from ivr.simulator.rest import RestServer
from ivr.simulator.transport import WsgiApp

ANYTHING = "..."  # in an expected text, stands for any words
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 an invented one; applications under test are told of it


@dataclass(frozen=True)
class Application:
    """An application under test, as a number is connected to it.

    app: a WSGI or ASGI application, called in this process, or a URL. voice: path of "a call comes in".
    fallback, status_callback: paths; '' is none. base_url: the address it believes to have, unless it is a URL.
    auth_token, account_sid: the carrier's account; webhooks are signed with the token.
    people, queues: what its calls meet, and those that it places; see `Phone`.
    """

    app: WsgiApp | AsgiApp | str
    voice: str = ""
    fallback: str = ""
    status_callback: str = ""
    base_url: str = "http://localhost"
    auth_token: str = TOKEN
    account_sid: str = ""
    from_: str = DEFAULT_FROM
    to: str = DEFAULT_TO
    people: People = field(default_factory=dict[str, str | Person])
    queues: Mapping[str, Queue] = field(default_factory=dict[str, Queue])


def _placed(_call: PhoneCall) -> str:
    return "(the application has placed this call)"


class CheckedCall(PhoneCall):
    """A call being made; each act runs to the next wait, each check raises AssertionError with the call so far."""

    repeat: Callable[[PhoneCall], str] = staticmethod(_placed)

    def hears(self, text: str) -> Self:
        """Check that the caller has heard this since their last act; `...` stands for anything."""
        heard = " ".join(self.heard)
        return self.check(contains(heard, text), f"the caller did not hear: {text}\nbut heard: {heard}")

    def lacks(self, text: str) -> Self:
        """Check that the caller has not heard this since their last act."""
        return self.check(not contains(" ".join(self.heard), text), f"the caller heard: {text}")

    def says(self, text: str) -> Self:
        """Say something, and run to the next wait or the end."""
        return self.speak(text)

    def waits(self) -> Self:
        """Do nothing until the line moves on."""
        return self.wait()

    def breaks(self, fault: str) -> Self:
        """Let the next webhook fail: `down`, `slow`, `error` or `broken`; `error always`: each one; `none` any more."""
        return self.act(Break.read(fault))

    def hangs_up(self) -> Self:
        """Put the receiver down."""
        return self.hang_up()

    def rings(self, number: str) -> Self:
        """Check that somebody was rung in this call, whether they answered or not."""
        numbers = [dialled for dialled, _ in self.dialled]
        return self.check(number in numbers, f"{number} was not rung, but {numbers or 'nobody'}")

    def is_transferred_to(self, number: str) -> Self:
        """Check that somebody was rung and answered."""
        reached = [dialled for dialled, status in self.dialled if status == "completed"]
        return self.check(number in reached, f"{number} was not reached; dialled: {self.dialled or 'nobody'}")

    def ends(self, status: str = "", by: str = "") -> Self:
        """Check that the call is over. status: as in CallStatus; by: caller, application or error; '' is any."""
        ended = self.ended
        if ended is None:
            return self.check(holds=False, message="the call is still going on")
        self.check(status in {"", ended.status}, f"the call ended {ended.status}, not {status}")
        return self.check(by in {"", ended.by}, f"the call was ended by the {ended.by}, not by the {by}")

    def check(self, holds: object, message: str) -> Self:
        """Raise AssertionError, with the story of the call, unless something holds."""
        if not holds:
            raise AssertionError(f"{message}\n\n{self.story}")
        return self

    @property
    def story(self) -> str:
        """The call so far, the TwiML that the line is at, and a command that repeats it."""
        steering = [exchange for exchange in self.requests if not exchange.purpose.endswith("status")]
        last = steering[-1] if steering else None
        if last is None or last.answer is None:
            twiml = "(no answer)"
        else:
            twiml = f"{last.method} {last.url}\n{last.answer.body.decode('utf-8', 'replace').strip()}"
        return f"The call so far:\n{self.transcript}\n\nThe last TwiML:\n{twiml}\n\nTo repeat it:\n{self.repeat(self)}"


class _Receiver(Phone):
    call_class = CheckedCall


class CheckedPhone:
    """Calls applications, each over a connection that is kept until the phone is closed.

    default: the application called when `dial` is given none, or only a path of it.
    """

    def __init__(self, default: Callable[[], Application] | None = None) -> None:
        self._default = default
        self._phones: list[tuple[Application, Phone]] = []
        self._rest: RestServer | None = None

    @property
    def line(self) -> Phone:
        """The telephone of the default application: its people, its messages, the calls that are placed."""
        return self._phone(self._application(None))

    @property
    def rest_url(self) -> str:
        """The base of the carrier's REST interface, for a client of the default application."""
        if self._rest is None:
            self._rest = RestServer(self.line).start()
        return self._rest.url

    def dial(
        self,
        target: Application | WsgiApp | AsgiApp | str | None = None,
        path: str | None = None,
        *,
        from_: str | None = None,
        to: str | None = None,
        people: People | None = None,
        method: str = "POST",
        fallback: str | None = None,
        status_callback: str | None = None,
        **options: Any,
    ) -> CheckedCall:
        """Place a call, and run it to the first wait or the end.

        target: an application, a URL, or a path (/voice) of the default application; None is all of the default.
        path: of "a call comes in", where the target does not say. people: how dialled numbers react; '*' anybody else.
        fallback, status_callback: paths instead of the application's own; '' is none. options: as for `Phone.dial`.
        """
        if isinstance(target, str) and target.startswith("/"):
            target, path = None, target
        application = self._application(target)
        settings: dict[str, Any] = {
            "from_": application.from_ if from_ is None else from_,
            "to": application.to if to is None else to,
            "people": people,
            "method": method,
            "fallback": application.fallback if fallback is None else fallback,
            "status_callback": application.status_callback if status_callback is None else status_callback,
        }
        phone = self._phone(application)
        call = phone.dial(application.voice if path is None else path, **settings, **options)
        checked = cast("CheckedCall", call)
        checked.repeat = lambda made: _repeat(made, settings)
        return checked

    def close(self) -> None:
        """Close all connections."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        for _, phone in self._phones:
            phone.close()
        self._phones.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _application(self, target: Application | WsgiApp | AsgiApp | str | None) -> Application:
        if isinstance(target, Application):
            return target
        if target is not None:
            return Application(target)
        if self._default is None:
            raise ValueError("dial what? give dial() an application or a URL")
        return self._default()

    def _phone(self, application: Application) -> Phone:
        for known, phone in self._phones:
            if known == application:
                return phone
        phone = _Receiver(
            application.app,
            auth_token=application.auth_token,
            account_sid=application.account_sid,
            base_url=application.base_url,
            people=application.people,
            queues=application.queues,
        )
        self._phones.append((application, phone))
        return phone


def _repeat(call: PhoneCall, settings: Mapping[str, Any]) -> str:
    url = call.requests[0].url.partition("?")[0] if call.requests else "URL"
    return command(url, [act for _, act in call.acts], fault=call.faults.first, **settings)


def contains(heard: str, text: str) -> bool:
    """Tell whether a text was heard; `...` in it stands for anything, and white space counts as one blank."""
    heard, at = " ".join(heard.split()), 0
    for part in text.split(ANYTHING):
        found = heard.find(part.strip(), at)
        if found < 0:
            return False
        at = found + len(part.strip())
    return True
