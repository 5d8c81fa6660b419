"""A telephone for tests and notebooks: place a call, act, look at what happened, step by step."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from threading import Condition
from typing import ClassVar, Self, cast
from urllib.parse import urlencode, urljoin
from weakref import WeakValueDictionary

from ivr.simulator.acts import Steps
from ivr.simulator.addresses import bare
from ivr.simulator.asgi import AsgiApp, AsgiTransport, is_asgi
from ivr.simulator.caller import Caller
from ivr.simulator.calls import CallerHandset, Handset, PhoneCall
from ivr.simulator.carrier import MAX_TWIML_BYTES, Carrier, Delay, Exchange, Wire
from ivr.simulator.clock import Clock, Timeline
from ivr.simulator.cookies import Cookies, CookiesByNumbers
from ivr.simulator.events import Ended, Event
from ivr.simulator.facts import ANYBODY, CallFacts, new_sid
from ivr.simulator.faults import Faults
from ivr.simulator.held import Held
from ivr.simulator.line import Line
from ivr.simulator.media_cache import MediaCache
from ivr.simulator.orders import FOREIGN_FROM, Order
from ivr.simulator.plans import BUSY, Conference, People, Person, Queue, people_of
from ivr.simulator.player import MOST_REQUESTS, Player, Webhooks
from ivr.simulator.post import TextMessage
from ivr.simulator.progress import Progress
from ivr.simulator.receiver import PersonHandset
from ivr.simulator.refused import refuse
from ivr.simulator.ringing import ring
from ivr.simulator.switchboard import Switchboard
from ivr.simulator.switches import Switches
from ivr.simulator.transport import Answer, HttpTransport, Limits, Transport, WsgiApp, WsgiTransport

__all__ = ["DEFAULT_FROM", "DEFAULT_TO", "Phone", "PhoneCall"]

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
    people, queues: what calls meet, those that the application places, too; `dial` can say otherwise for its own.
    real_time: the calls that the application places take as long as on a real telephone.
    """

    call_class: ClassVar[type[PhoneCall]] = PhoneCall

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
        people: People | None = None,
        queues: Mapping[str, Queue] | None = None,
        real_time: bool = False,
    ) -> None:
        self.base_url = app_or_url if isinstance(app_or_url, str) else base_url
        self.account_sid = account_sid or new_sid("AC")
        self._transport = transport or _transport(app_or_url)
        self.auth_token = auth_token
        self.calls: WeakValueDictionary[str, PhoneCall] = WeakValueDictionary()
        self.switchboard = Switchboard()
        self.switchboard.ring_held = self._ring_held
        self.timeline = Timeline(real_time=real_time)
        self.placed: list[PhoneCall] = []
        self.people: dict[str, Person] = {}
        self.held: dict[str, Held] = {}
        self._queues = queues or {}
        self._real_time = real_time
        self._coming = 0
        self._settled = Condition()
        self.know(people or {})
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
        people: how dialled numbers react, by number, where otherwise than the phone's; '*' is anybody else.
        queues, conferences: likewise, by name.
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
            {**self.people, **people_of(people, self.timeline.now)} if people else self.people,
            self._queues if queues is None else queues,
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
        clock = Clock(real_time=real_time, started_at=started_at, timeline=self.timeline)
        handset = CallerHandset(hang_up_during, interrupts, caller, stops)
        call, line = self._call(facts, clock, handset, on_event, faults)
        call.prepare(line, Player(line, webhooks).run())
        call.start()
        return call

    def place(
        self,
        to: str,
        from_: str,
        url: str,
        *,
        method: str = "POST",
        fallback: str = "",
        status_callback: str = "",
        status_callback_method: str = "POST",
        events: Collection[str] = ("completed",),
        timeout_s: int = 60,
        time_limit_s: int = 4 * 60 * 60,
        on_event: Callable[[Event], None] | None = None,
    ) -> PhoneCall:
        """Call somebody for the application, as it does over REST, and run the call to its first wait or the end.

        url, fallback, status_callback: relative to the phone's address. events: of which the callback is told.
        Raises: RefusedError, with the carrier's code.
        """
        wanted = Order(
            to=to,
            from_=from_,
            url=url and urljoin(self.base_url, url),
            method=method,
            fallback=fallback and urljoin(self.base_url, fallback),
            status_callback=status_callback and urljoin(self.base_url, status_callback),
            status_callback_method=status_callback_method,
            events=tuple(events),
            timeout_s=timeout_s,
            time_limit_s=time_limit_s,
        )
        call = self.order(wanted, on_event)
        call.start()
        return call

    def order(self, order: Order, on_event: Callable[[Event], None] | None = None) -> PhoneCall:
        """Queue a call that the application wants; it begins with `start`. Raises: RefusedError."""
        if self._own_numbers is not None and order.from_ not in self._own_numbers:
            refuse(FOREIGN_FROM, f"The source phone number provided, {order.from_}, is not yet verified.")
        sid = new_sid("CA")
        facts = CallFacts(
            order.from_,
            order.to,
            self.account_sid,
            sid,
            self.people,
            self._queues,
            own_numbers=self._own_numbers,
            direction="outbound-api",
        )
        person = self._who_is_there(order.to)
        held = self.held.get(order.to) if person is None else None
        clock = Clock(real_time=self._real_time, timeline=self.timeline)
        handset: Handset = PersonHandset(person or BUSY, self._real_time) if held is None else held.handset()
        call, line = self._call(facts, clock, handset, on_event or (held.on_event if held else None), None)
        line.talks_s = person.talks_s if person else held.talks_s if held else None
        progress = Progress(
            line, facts, order.status_callback, method=order.status_callback_method, events=order.events
        )
        webhooks = Webhooks(order.url, order.method, order.fallback, most_requests=self._most_requests)
        rings = ring(line, person, order.timeout_s, order.time_limit_s, progress)
        call.prepare(line, Player(line, webhooks, progress, order.twiml).run(rings))
        self.placed.append(call)
        if held is not None:
            held.take(call)
        return call

    def hold(self, number: str, held: Held | None = None) -> Held:
        """Take the receiver of a number into one's own hands: calls to it wait for an answer, in `calls`."""
        self.held[number] = held = held or Held()
        self.switchboard.held.add(number)
        return held

    def let_go(self, number: str) -> None:
        """Leave a number to the people again."""
        self.switchboard.held.discard(number)
        self.held.pop(number, None)

    def know(self, people: People) -> None:
        """Say how people react from now on, who are called by the application, or dialled in a call."""
        self.people |= people_of(people, self.timeline.now)

    def person(self, number: str) -> Person:
        """Return who is at a number."""
        return self.people.get(number) or self.people.get("*") or ANYBODY

    def engaged(self, number: str, *, held: bool = False) -> bool:
        """Tell whether a telephone is in a call that the application has placed; held: or in any."""
        lines = [call.line.facts for call in list(self.calls.values()) if call.ended is None]
        return any(f.other_number == number and (held or f.direction == "outbound-api") for f in lines)

    @property
    def messages(self) -> list[TextMessage]:
        """The text messages that the application has sent."""
        return self.switchboard.post.messages

    def send_text(self, to: str, from_: str, body: str) -> TextMessage | None:
        """Take a text message from the application; None where that number wants none."""
        message = self.switchboard.post.send(to, from_, body)
        if message is not None and (reply := self.person(to).replies):
            self.text_back(to, from_, reply)
        return message

    def text_back(self, from_: str, to: str, body: str) -> None:
        """Let somebody text to the application; STOP and START are obeyed, and nothing else comes of it."""
        self.switchboard.post.reply(from_, to, body)

    def soon(self, call: PhoneCall) -> Callable[[], None]:
        """Promise that a queued call begins; whoever is given the answer keeps the promise. `settle` waits for it."""
        with self._settled:
            self._coming += 1

        def start() -> None:
            try:
                call.start()
            finally:
                with self._settled:
                    self._coming -= 1
                    self._settled.notify_all()

        return start

    def settle(self, seconds: float = 30.0) -> None:
        """Wait, by the clock, until the calls ordered over REST have come to their first wait. Raises: TimeoutError."""
        with self._settled:
            if not self._settled.wait_for(lambda: self._coming == 0, seconds):
                raise TimeoutError(f"a call that the application has placed has gone on for {seconds:g} seconds")

    def replay(self, exchange: Exchange, changed: Mapping[str, str] | None = None) -> Answer:
        """Send a webhook again with its old headers, signature included. changed: other values of form fields."""
        body = exchange.body
        if changed is not None:
            body = urlencode({**exchange.form, **changed}).encode()
        return self._transport.send(exchange.method, bare(exchange.url), exchange.headers, body, PATIENCE)

    def _call(
        self,
        facts: CallFacts,
        clock: Clock,
        handset: Handset,
        on_event: Callable[[Event], None] | None,
        faults: Faults | None,
    ) -> tuple[PhoneCall, Line]:
        call = self.call_class(facts.call_sid, handset, on_event)
        call.faults = faults or Faults()
        own = facts.to if facts.direction == "inbound" else facts.from_
        carrier = Carrier(self._wire(facts.other_number, own, clock, call.faults), clock, call.note, self.switches)
        line = Line(facts, carrier, clock, call.note, self.switches, switchboard=self.switchboard)
        self.calls[facts.call_sid] = call
        return call, line

    def _who_is_there(self, number: str) -> Person | None:
        """Return how a number reacts to a call over REST; None where somebody holds the receiver themselves."""
        if number in self.held:
            return BUSY if self.engaged(number, held=True) else None
        return BUSY if self.engaged(number) else self.person(number)

    def _ring_held(self, parent: Line, facts: CallFacts, steps: Callable[[Line], Steps[Ended]]) -> bool:
        held = self.held.get(facts.to)
        if held is None or self.engaged(facts.to, held=True):
            return False
        call = self.call_class(facts.call_sid, held.handset(), held.on_event)
        clock = parent.clock.fork(anew=True)
        line = Line(
            facts, parent.carrier.fork(clock, call.note), clock, call.note, self.switches, switchboard=self.switchboard
        )
        line.base, line.stage = parent.base, parent.stage
        self.calls[facts.call_sid] = call
        call.prepare(line, steps(line))
        held.take(call)
        held.start(call)
        return True

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


def _transport(app_or_url: WsgiApp | AsgiApp | str) -> Transport:
    if isinstance(app_or_url, str):
        return HttpTransport()
    return AsgiTransport(app_or_url) if is_asgi(app_or_url) else WsgiTransport(cast("WsgiApp", app_or_url))
