"""A telephone for tests and notebooks: place a call, act, look at what happened, step by step."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import ClassVar, Self, cast
from urllib.parse import urlencode, urljoin
from weakref import WeakValueDictionary

from ivr.simulator.acts import Act, Break, HangUp, Keys, Listening, Silence, Speech
from ivr.simulator.addresses import bare
from ivr.simulator.asgi import AsgiApp, AsgiTransport, is_asgi
from ivr.simulator.caller import Caller
from ivr.simulator.carrier import MAX_TWIML_BYTES, Carrier, Delay, Exchange, Wire
from ivr.simulator.clock import Clock
from ivr.simulator.cookies import Cookies, CookiesByNumbers
from ivr.simulator.events import Dialled, Ended, Event, PlayHeard, SayHeard
from ivr.simulator.facts import CallFacts, new_sid
from ivr.simulator.faults import Faults
from ivr.simulator.line import Line
from ivr.simulator.live_update import NOT_IN_PROGRESS, UpdateRefusedError, departure
from ivr.simulator.media_cache import MediaCache
from ivr.simulator.plans import Conference, People, Queue, people_of
from ivr.simulator.player import MOST_REQUESTS, Player, Webhooks
from ivr.simulator.switchboard import Switchboard
from ivr.simulator.switches import Switches
from ivr.simulator.transcript import transcript
from ivr.simulator.transport import Answer, HttpTransport, Limits, Transport, WsgiApp, WsgiTransport

PATIENCE = Limits(5.0, 15.0, 15.0, MAX_TWIML_BYTES)
DEFAULT_FROM, DEFAULT_TO = "+14155550123", "+18005550100"


class Phone:
    """Calls one application.

    app_or_url: a WSGI or ASGI application, called in this process, or an address that relative ones start from.
    auth_token: signs the webhooks. account_sid: left out, an invented one.
    base_url: the address an application in this process is known by; its paths start from there.
    switches: behaviour that Twilio does not document. most_requests: safety cap of one call.
    own_numbers: those that a Dial's callerId may name beside the call's own; None is any.
    delay: seconds of call time that an answer takes, by method and address; an application in this process can also
        say so itself, in a `Simulated-Delay` header. transport: another wire than HTTP or WSGI.
    """

    call_class: "ClassVar[type[PhoneCall]]"

    def __init__(
        self,
        app_or_url: WsgiApp | AsgiApp | str,
        *,
        auth_token: str,
        account_sid: str = "",
        base_url: str = "http://localhost",
        switches: Switches | None = None,
        most_requests: int = MOST_REQUESTS,
        own_numbers: Collection[str] | None = None,
        delay: Delay | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.base_url = app_or_url if isinstance(app_or_url, str) else base_url
        self.account_sid = account_sid or new_sid("AC")
        self._transport = transport or _transport(app_or_url)
        self.auth_token = auth_token
        self.calls: WeakValueDictionary[str, PhoneCall] = WeakValueDictionary()
        self.switchboard = Switchboard()
        self._own_numbers = None if own_numbers is None else frozenset(own_numbers)
        self._delay = delay
        self._media = MediaCache()
        self._cookies = CookiesByNumbers()
        self.switches = switches or Switches()
        self._most_requests = most_requests

    def dial(
        self,
        path: str = "",
        *,
        from_: str = DEFAULT_FROM,
        to: str = DEFAULT_TO,
        people: People | None = None,
        queues: Mapping[str, Queue] | None = None,
        conferences: Mapping[str, Conference] | None = None,
        method: str = "POST",
        fallback: str = "",
        status_callback: str = "",
        hang_up_during: str = "",
        interrupts: bool = False,
        stops: "Callable[[PhoneCall], bool] | None" = None,
        call_sid: str = "",
        started_at: datetime | None = None,
        real_time: bool = False,
        on_event: Callable[[Event], None] | None = None,
        caller: Caller | None = None,
        faults: Faults | None = None,
    ) -> "PhoneCall":
        """Place a call and run it to the first wait or the end.

        path, fallback, status_callback: relative to the phone's address; '' for the last two is none.
        people: how dialled numbers react, by number; '*' is anybody else. queues, conferences: likewise, by name.
        hang_up_during: the caller hangs up as soon as such a moment begins, by its kind: `Listening`.
        interrupts: stop already while a Gather plays its prompts, so that a key cuts them off.
        stops: is asked in every moment whether to stop there, too; `call.listening` is the moment.
        started_at: clock time at which the call began, for the timestamps. on_event: is told each event at once.
        caller: holds the receiver in your stead; the call then runs to its end. faults: what breaks from the start.
        """
        facts = CallFacts(
            from_,
            to,
            self.account_sid,
            call_sid or new_sid("CA"),
            people_of(people or {}),
            queues or {},
            conferences or {},
            self._own_numbers,
            self.switches.stir_verstat,
        )
        webhooks = Webhooks(
            voice=urljoin(self.base_url, path),
            method=method,
            fallback=fallback and urljoin(self.base_url, fallback),
            status_callback=status_callback and urljoin(self.base_url, status_callback),
            most_requests=self._most_requests,
        )
        clock = Clock(real_time=real_time, started_at=started_at)
        call = self.call_class(facts.call_sid, _Handset(hang_up_during, interrupts, caller, stops), on_event)
        call.faults = faults or Faults()
        carrier = Carrier(self._wire(from_, to, clock, call.faults), clock, call.note, self.switches)
        line = Line(facts, carrier, clock, call.note, self.switches, switchboard=self.switchboard)
        self.calls[facts.call_sid] = call
        call.begin(Player(line, webhooks), line)
        return call

    def replay(self, exchange: Exchange, changed: Mapping[str, str] | None = None) -> Answer:
        """Send a webhook again with its old headers, signature included. changed: other values of form fields."""
        body = exchange.body
        if changed is not None:
            body = urlencode({**exchange.form, **changed}).encode()
        return self._transport.send(exchange.method, bare(exchange.url), exchange.headers, body, PATIENCE)

    def _wire(self, from_: str, to: str, clock: Clock, faults: Faults) -> Wire:
        shared = self.switches.cookies_by_numbers
        cookies = self._cookies.of(from_, to, clock.utc.timestamp()) if shared else Cookies()
        return Wire(self._transport, self.auth_token, cookies, self._media, self._delay, faults)

    def close(self) -> None:
        """Close the connections of a phone that calls over the network, or end an ASGI application."""
        if isinstance(self._transport, HttpTransport | AsgiTransport):
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class PhoneCall:
    """A call being made. `events`: all so far; `ended`: how it ended, None while it goes on.

    acts: what the caller did, each with the number of events before it.
    """

    faults: Faults

    def __init__(self, call_sid: str, handset: "_Handset", on_event: Callable[[Event], None] | None) -> None:
        self.events: list[Event] = []
        self.acts: list[tuple[int, Act]] = []
        self.ended: Ended | None = None
        self.listening: Listening | None = None
        self.call_sid = call_sid
        self._handset = handset
        self._on_event = on_event
        self._since = 0
        self._running = Lock()

    def begin(self, player: Player, line: Line) -> None:
        """Run to the first wait or the end; `Phone.dial` has done so."""
        self.line = line
        line.nudge = self._nudge
        self._steps = player.run()
        self._run(None)

    def note(self, event: Event) -> None:
        """Keep an event."""
        self.events.append(event)
        if self._on_event is not None:
            self._on_event(event)

    def press(self, keys: str, after_s: float | None = None) -> Self:
        """Press keys in one go, `after_s` seconds of call time from now, and run to the next wait or the end."""
        return self.act(Keys(keys) if after_s is None else Keys(keys, after_s))

    def speak(self, text: str, seconds: float | None = None) -> Self:
        """Say something, and run to the next wait or the end. seconds: how long it takes; else estimated."""
        return self.act(Speech(text, seconds=seconds))

    def wait(self) -> Self:
        """Do nothing until the line moves on, and run to the next wait or the end."""
        return self.act(Silence())

    def hang_up(self) -> Self:
        """Put the receiver down."""
        return self.act(HangUp())

    def act(self, act: Act) -> Self:
        """Do something and run to the next wait or the end. Raises: RuntimeError when the call is over."""
        if self.listening is None:
            raise RuntimeError(f"the call is over\n{self.transcript}")
        if isinstance(act, Break):
            self._break(act)
            return self
        self._since = len(self.events)
        self._run(act)
        return self

    def update(self, *, url: str = "", method: str = "POST", twiml: str = "", status: str = "") -> Self:
        """Send the call elsewhere while it goes on, as an application does over REST; url: a full address.

        status: completed, or before the answer canceled. Called from a webhook or another thread, it takes effect at
        the call's next moment. Raises: UpdateRefusedError, with the carrier's code.
        """
        if self.ended is not None:
            raise UpdateRefusedError(NOT_IN_PROGRESS, "the call is not in progress")
        then = departure(self.line, url=url, method=method, twiml=twiml, status=status)
        if not self._running.locked():
            self._since = len(self.events)
        self.line.depart(then)
        return self

    @property
    def heard(self) -> list[str]:
        """What was heard since the caller's last action: the text of a Say, the address of a Play."""
        return _heard(self.events[self._since :])

    @property
    def all_heard(self) -> list[str]:
        """What was heard in the whole call."""
        return _heard(self.events)

    @property
    def dialled(self) -> list[tuple[str, str]]:
        """The numbers that were dialled and how that ended, in order."""
        return [(e.number, e.status) for e in self.events if isinstance(e, Dialled)]

    @property
    def requests(self) -> list[Exchange]:
        """The webhooks as they were sent, each with its answer."""
        return self.line.carrier.exchanges

    @property
    def time_s(self) -> float:
        """Seconds since the call began, in call time."""
        return self.line.now

    @property
    def transcript(self) -> str:
        """The call so far, one line for each thing that happened."""
        return transcript(self.events)

    def _run(self, act: Act | None) -> None:
        with self._running:
            self._advance(act)
        self._nudge()

    def _nudge(self) -> None:
        """Take in what others have done to the call, unless it is running and will see for itself."""
        while self.line.updates and self.listening is not None and self._running.acquire(blocking=False):
            try:
                self._advance(Silence())
            finally:
                self._running.release()

    def _advance(self, act: Act | None) -> None:
        try:
            self.listening = next(self._steps) if act is None else self._steps.send(self._did(act))
            while (reflex := self._handset.act(self, self.listening)) is not None:
                if isinstance(reflex, Break):
                    self._break(reflex)
                else:
                    self.listening = self._steps.send(self._did(reflex))
        except StopIteration as stop:
            self.listening, self.ended = None, stop.value

    def _break(self, act: Break) -> None:
        self.acts.append((len(self.events), act))
        self.faults.inject(act)

    def _did(self, act: Act) -> Act:
        if not isinstance(act, Silence) or (self.listening and self.listening.waits):
            self.acts.append((len(self.events), act))
        return act


Phone.call_class = PhoneCall


@dataclass(frozen=True, slots=True)
class _Handset:
    """Acts by itself wherever the test is not asked."""

    hang_up_during: str
    interrupts: bool
    caller: Caller | None
    stops: Callable[[PhoneCall], bool] | None

    def act(self, call: PhoneCall, listening: Listening) -> Act | None:
        if self.stops is not None and self.stops(call):
            return None
        if self.caller is not None:
            return self.caller.act(listening)
        if listening.kind == self.hang_up_during:
            return HangUp()
        stops = listening.waits or (self.interrupts and listening.takes_keys)
        return None if stops else Silence()


def _transport(app_or_url: WsgiApp | AsgiApp | str) -> Transport:
    if isinstance(app_or_url, str):
        return HttpTransport()
    return AsgiTransport(app_or_url) if is_asgi(app_or_url) else WsgiTransport(cast("WsgiApp", app_or_url))


def _heard(events: Iterable[Event]) -> list[str]:
    return [
        e.text if isinstance(e, SayHeard) else e.text or e.url or e.digits
        for e in events
        if isinstance(e, SayHeard | PlayHeard)
    ]
