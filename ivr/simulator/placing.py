"""What a phone does for an application that calls people: it rings them, and knows who they are."""

from collections.abc import Callable, Collection, Mapping
from threading import Condition
from typing import ClassVar, cast
from urllib.parse import urljoin
from weakref import WeakValueDictionary

from ivr.simulator.acts import Steps
from ivr.simulator.asgi import AsgiApp, AsgiTransport, is_asgi
from ivr.simulator.calls import Handset, PhoneCall
from ivr.simulator.carrier import Carrier, Delay, Wire
from ivr.simulator.clock import Clock, Timeline
from ivr.simulator.cookies import Cookies, CookiesByNumbers
from ivr.simulator.events import Ended, Event
from ivr.simulator.facts import ANYBODY, CallFacts, new_sid
from ivr.simulator.faults import Faults
from ivr.simulator.held import Held
from ivr.simulator.line import Line
from ivr.simulator.media_cache import MediaCache
from ivr.simulator.orders import FOREIGN_FROM, Order
from ivr.simulator.plans import BUSY, People, Person, Queue, people_of
from ivr.simulator.player import MOST_REQUESTS, Player, Webhooks
from ivr.simulator.post import TextMessage
from ivr.simulator.progress import Progress
from ivr.simulator.receiver import PersonHandset
from ivr.simulator.refused import refuse
from ivr.simulator.ringing import ring
from ivr.simulator.switchboard import Switchboard
from ivr.simulator.switches import Switches
from ivr.simulator.transport import HttpTransport, Transport, WsgiApp, WsgiTransport


class Placing:
    """The part of a phone that places calls for the application; `Phone`, which says what it is made of, dials.

    placed: its calls, in order. people: who is at a number. held: the numbers that somebody else answers.
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
        webhooks = Webhooks(
            order.url,
            order.method,
            order.fallback,
            fallback_method=order.fallback_method,
            most_requests=self._most_requests,
        )
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


def _transport(app_or_url: WsgiApp | AsgiApp | str) -> Transport:
    if isinstance(app_or_url, str):
        return HttpTransport()
    return AsgiTransport(app_or_url) if is_asgi(app_or_url) else WsgiTransport(cast("WsgiApp", app_or_url))
