"""A small world for histories of the waiting room: callers, people who take calls, and a carrier that errs.

What the line believes is in its database; what is so is here: who is in the carrier's queue, who is rung, who talks.
Everything drawn comes from `draw`, so that a history can be lived through again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from databases import FakeClock
from waiting_rules import Rules

from ivr.call import Call
from ivr.db.offers import Offer, Offers
from ivr.db.quick import Quick
from ivr.db.waiting_room import SqlWaitingRoom
from ivr.departments import Department
from ivr.dispatch.dispatcher import Dispatcher
from ivr.dispatch.steady import SteadyClock
from ivr.opening_hours import OpeningHours, Shift
from ivr.service_errors import RefusedError, ServiceError, UnknownOutcomeError
from ivr.waiting import HOLD_S, TALK_S, Kind
from ivr.waiting_room import Entry

ALWAYS = OpeningHours(ZoneInfo("UTC"), tuple(Shift(day, 0, 24 * 60) for day in range(7)), ())
SHIFTS = OpeningHours(
    ZoneInfo("UTC"), tuple(Shift(day, *hours) for day in range(7) for hours in ((540, 720), (780, 1080))), ()
)
NEVER = OpeningHours(ZoneInfo("UTC"), (), ())
ANSWER_S, HOLDING_S = 30, 45  # a ring; between two webhooks of a queue
CALLS = 7  # about as many in a history
TELEPHONES = [f"+1415555010{n}" for n in range(6)]


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing runs any more."""


@dataclass(eq=False)
class Telephone:
    """A call to the line. at: menu, ringing (being put through), queue, talking, gone."""

    call: Call
    at: str = "menu"
    heard_at: datetime | None = None
    queued_at: datetime | None = None
    until: datetime | None = None


@dataclass(eq=False)
class Leg:
    """Somebody whom we ring. at: ringing, asked, meeting (their caller is rung), talking, over. calls: who is rung."""

    offer: str
    number: str
    until: datetime
    at: str = "ringing"
    telephone: Telephone | None = None
    calls: "Leg | None" = None
    by: "Leg | None" = None


@dataclass
class Directory:
    departments: dict[str, Department]

    def current(self) -> dict[str, Department]:
        return self.departments


@dataclass
class World:
    """Lives through steps, each by its name; `Rules` are held against everything that happens."""

    engine: Any
    draw: Random
    clock: FakeClock = field(default_factory=FakeClock)
    telephones: list[Telephone] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    claimed: list[Offer] = field(default_factory=list)
    sent: list[Callable[[], object]] = field(default_factory=list)
    late: list[Callable[[], object]] = field(default_factory=list)
    kind: bool = False
    last: Telephone | None = None

    def __post_init__(self) -> None:
        numbers = ("+18885550101", "+18885550102")
        self.directory = Directory(
            {
                name: Department(
                    name,
                    name,
                    numbers[: self.draw.choice([1, 2])],
                    self.draw.choice([ALWAYS, ALWAYS, SHIFTS]),
                    capacity=self.draw.choice([None, 1, 1, 1, 2]),
                )
                for name in ("sales", "support")
            }
        )
        self.quick = Quick(self.engine)
        self.room = SqlWaitingRoom(self.engine, self, self.clock, self.directory)  # type: ignore[arg-type]
        self.began = self.clock.now()
        self.rules = Rules(self)
        self.dispatchers = [
            Dispatcher(
                self.room,
                self,
                lambda offer: f"leg?offer={offer}",
                lambda offer: f"status?offer={offer}",
                "fallback",
                SteadyClock(self.clock, self.passed_s),
            )
            for _ in range(2)
        ]
        self.never_answers = set(self.draw.sample(TELEPHONES, 2))

    def bridged(self, call_sid: str, number: str) -> None:
        """Be told, as the call log is, who has taken a call."""

    # What can happen, by its weight.

    def arrives(self) -> None:
        self.dials(self.draw.choice([*TELEPHONES, "anonymous"]), self.draw.choice(["sales", "support"]))

    def calls_again(self) -> None:
        """Call though a callback is promised, and wait on the line in its place, or take it back."""
        if promises := [row for row in self.rules.open_rows() if row.kind is Kind.CALLBACK]:
            promise = self.draw.choice(promises)
            self.dials(self.draw.choice([promise.number, promise.caller]), promise.department)
            self.draw.choice([self.rejoins, self.rejoins, self.cancels, self.books, self.hangs_up])()
        elif telephone := self.one("queue"):
            self.wants_a_callback(telephone)

    def dials(self, number: str, department: str) -> None:
        sid = f"CA{len(self.telephones):032d}"
        telephone = Telephone(Call(sid, number, "+18005550100", department=department))
        self.telephones.append(telephone)
        self.last = telephone
        self.asks(telephone)

    def asks(self, telephone: Telephone) -> None:
        """Ask for a department, as `support.reach` does."""
        name = telephone.call.department
        if not self.directory.current()[name].is_open(self.clock.now()):
            return
        entry, offer = self.room.enter(telephone.call)
        self.rules.entered(telephone, entry)
        if entry is Entry.AT_ONCE:
            ring_s = ANSWER_S * len(self.directory.current()[name].numbers)
            telephone.call = Call(**{**vars(telephone.call), "offer": offer})
            telephone.at, telephone.until = "ringing", self.after(ring_s)
        elif entry is Entry.IN_LINE:
            self.joins(telephone)

    def joins(self, telephone: Telephone) -> None:
        self.room.wait(telephone.call)
        telephone.at, telephone.heard_at, telephone.queued_at = "queue", None, self.clock.now()
        self.holds(telephone)

    def is_put_through(self) -> None:
        if telephone := self.one("ringing"):
            self.is_rung(telephone, answered=self.kind or self.draw.random() < 0.4)
        else:
            self.is_dispatched()

    def is_rung(self, telephone: Telephone, *, answered: bool) -> None:
        """Let the people whom a caller's own call rings take it, or not."""
        taken = answered and self.room.take(telephone.call.offer, "+18885550101")
        if taken:
            assert taken.direct, "who is put through is not looked for in a queue"
            self.rules.meet(telephone.call.offer)
            telephone.at, telephone.until = "talking", self.after(TALK_S)
        else:
            assert not self.room.was_taken(telephone.call.sid), "a machine has taken a call"
            self.joins(telephone)

    def is_on_hold(self) -> None:
        if telephone := self.one("queue"):
            self.holds(telephone)
        else:
            self.calls_again()

    def holds(self, telephone: Telephone) -> None:
        if not self.kind and self.draw.random() < 0.1:
            return  # lost
        for _ in range(1 if self.draw.random() < 0.9 else 2):
            if telephone.at == "queue":
                self.hears(telephone)

    def hears(self, telephone: Telephone) -> None:
        queued = self.clock.now() - (telephone.queued_at or self.clock.now())
        if queued > timedelta(seconds=HOLD_S) and self.room.leave(telephone.call.sid, ""):
            telephone.at = "menu"
            return
        told = self.room.hold(telephone.call.sid)
        self.rules.told(telephone, told)
        telephone.heard_at = self.clock.now()
        if told is None:
            telephone.at = "menu"

    def presses(self) -> None:
        if (telephone := self.one("queue")) and self.room.leave(telephone.call.sid, "1"):
            telephone.at = "menu"
            if telephone.heard_at:
                self.rules.left(telephone, "1")

    def asks_again(self) -> None:
        if telephone := self.one("menu"):
            if self.draw.random() < 0.3:
                other = {"sales": "support", "support": "sales"}[telephone.call.department]
                telephone.call = Call(**{**vars(telephone.call), "department": other, "offer": ""})
            self.asks(telephone)

    def turns_to_the_other(self) -> None:
        """Hear of another department that it is closed, say: nothing is entered, but it is what they want now."""
        if telephone := self.one("menu"):
            other = {"sales": "support", "support": "sales"}[telephone.call.department]
            telephone.call = Call(**{**vars(telephone.call), "department": other, "offer": ""})

    def books(self) -> None:
        if telephone := self.one("menu") or self.one("queue"):
            self.wants_a_callback(telephone)

    def wants_a_callback(self, telephone: Telephone) -> None:
        if telephone.at == "queue" and not self.room.leave(telephone.call.sid, "1"):
            return
        telephone.at = "menu"
        number = self.draw.choice([telephone.call.caller, *TELEPHONES])
        before = self.rules.place_id(telephone)
        if number.startswith("+") and self.room.book(telephone.call, number):
            self.rules.booked(telephone, number, before)
            if self.draw.random() < 0.5:
                self.is_over(telephone)

    def rejoins(self) -> None:
        if (telephone := self.one("menu")) and self.room.promised(telephone.call):
            self.room.rejoin(telephone.call)
            self.rules.promises.discard(self.rules.place_id(telephone))
            self.asks(telephone)

    def cancels(self) -> None:
        if (telephone := self.one("menu")) and self.room.promised(telephone.call):
            self.room.cancel(telephone.call)

    def hangs_up(self) -> None:
        there = [telephone for telephone in self.telephones if telephone.at not in {"gone", "talking"}]
        if there:
            self.is_over(self.draw.choice(there))

    def is_over(self, telephone: Telephone) -> None:
        telephone.at = "gone"
        self.posts(lambda: self.room.hangs_up(telephone.call.sid))

    def is_dispatched(self) -> None:
        try:
            self.draw.choice(self.dispatchers).run()
        except Killed:
            return
        self.rules.nothing_left_to_do()

    def is_claimed(self) -> None:
        """One dispatcher has come as far as the offer; who knows when it goes on."""
        offers = Offers(self.room.lines)
        if self.draw.random() < 0.5:
            offers.forget()
        if offer := offers.next():
            self.rules.offered(offer.id)
            self.claimed.append(offer)

    def is_placed(self) -> None:
        if self.claimed:
            offer = self.claimed.pop(self.draw.randrange(len(self.claimed)))
            with suppress(Killed):
                self.dispatchers[0]._place(offer)

    def dies(self) -> None:
        self.claimed.clear()

    def acts(self) -> None:
        """Let somebody who is rung, or talks, do what they do."""
        there = [leg for leg in self.legs if leg.at not in {"over", "meeting"}]
        if there:
            self.does(self.draw.choice(there))
        elif len(self.telephones) < CALLS:
            self.arrives()

    def talks_out(self) -> None:
        if telephone := self.one("talking"):
            self.ends(telephone)

    def opens_or_closes(self) -> None:
        name = self.draw.choice(["sales", "support"])
        hours = self.draw.choice([ALWAYS, ALWAYS, SHIFTS, NEVER])
        known = self.directory.departments[name]
        self.directory.departments[name] = Department(**{**vars(known), "hours": hours})

    def time_passes(self) -> None:
        self.passes(self.draw.choice([1, 5, 10, 20, 30, 45, 60, 90, 200, 600, 1800, 3600, 4 * 3600]))

    def comes_late(self) -> None:
        if self.late:
            self.late.pop(self.draw.randrange(len(self.late)))()

    def comes_again(self) -> None:
        if self.sent:
            self.draw.choice(self.sent)()

    # People.

    def does(self, leg: Leg) -> None:
        if leg.by is not None:
            self.is_called_back(leg)
        elif leg.at == "ringing":
            answers = self.kind or self.draw.random() < 0.7
            leg.at, leg.until = ("asked", self.after(ANSWER_S)) if answers else ("over", leg.until)
            offered = self.room.offered(leg.offer) if answers else None
            if offered and offered.closed:
                self.room.finish(leg.offer)
            if offered is None or offered.closed:
                self.over(leg)
        elif leg.at == "asked":
            luck = 0.0 if self.kind else self.draw.random()
            if luck < 0.6:
                self.takes(leg, hangs_up=luck > 0.55)
            else:
                if luck < 0.8:
                    self.room.finish(leg.offer)
                self.over(leg)
        elif leg.telephone:
            self.ends(leg.telephone)
        else:
            self.over(leg)

    def takes(self, leg: Leg, *, hangs_up: bool) -> None:
        taken = self.room.take(leg.offer, leg.number)
        self.rules.took(leg.offer, taken)
        if taken is None or taken.closed or hangs_up:
            self.over(leg)
        elif taken.kind is Kind.CALLBACK:
            self.rules.calls_back(leg.offer)
            leg.at, leg.until = "meeting", self.after(TALK_S)
            leg.calls = Leg(leg.offer, taken.number, self.after(ANSWER_S), by=leg)
            self.legs.append(leg.calls)
        else:
            there = next(phone for phone in self.telephones if phone.call.sid == taken.call_sid)
            if there.at == "queue":
                self.rules.meet(leg.offer)
                leg.at, leg.until, leg.telephone = "talking", self.after(TALK_S), there
                there.at, there.until = "talking", leg.until
            else:
                self.over(leg)

    def is_called_back(self, leg: Leg) -> None:
        assert leg.by
        absent = leg.number in self.never_answers if self.kind else self.draw.random() < 0.4
        if leg.at == "ringing":
            leg.at, leg.until = "asked", self.after(ANSWER_S)
            if absent or self.room.offered(leg.offer) is None:
                self.over(leg.by)
        elif leg.at == "asked":
            if absent:  # a machine
                self.over(leg.by)
            elif not self.kind and self.draw.random() < 0.15:
                self.room.drop(leg.offer)
                self.over(leg.by)
            elif self.room.reach(leg.offer):
                self.rules.meet(leg.offer)
                leg.at = leg.by.at = "talking"
                leg.until = leg.by.until = self.after(TALK_S)
            else:
                self.over(leg.by)
        else:
            self.over(leg.by)

    def ends(self, telephone: Telephone) -> None:
        """End a talk: both sides tell of it, in any order."""
        sides = [lambda: self.is_over(telephone)]
        sides += [
            lambda leg=leg: self.over(leg) for leg in self.legs if leg.telephone is telephone and leg.at != "over"
        ]
        self.draw.shuffle(sides)
        for side in sides:
            side()

    def over(self, leg: Leg) -> None:
        """End the call of somebody whom we rang: its own last webhook, and its status."""
        leg.at = "over"
        if leg.calls:
            leg.calls.at = "over"
            self.posts(lambda: self.room.finish(leg.offer))
        self.posts(lambda: self.room.finish(leg.offer))

    # The carrier, and time.

    def place(
        self,
        *,
        to: str,
        from_: str,  # noqa: ARG002
        url: str,
        fallback: str,  # noqa: ARG002
        status_callback: str,  # noqa: ARG002
        ring_s: int,
    ) -> str:
        offer = url.partition("=")[2]
        self.rules.placed(offer)
        luck = 1.0 if self.kind else self.draw.random()
        if luck < 0.05:
            raise Killed
        if luck < 0.1:
            raise RefusedError(21211, "no such number")
        if luck < 0.15:
            raise ServiceError("the carrier does not answer")
        if luck < 0.2:
            raise UnknownOutcomeError("nobody knows")
        self.legs.append(Leg(offer, to, self.after(ring_s)))
        if luck < 0.25:
            raise UnknownOutcomeError("nobody knows, and it rings")
        if luck < 0.3:
            raise Killed
        return f"CA{len(self.legs):032x}"

    def posts(self, webhook: Callable[[], object]) -> None:
        """Deliver a webhook: once, twice, late or never."""
        luck = 1.0 if self.kind else self.draw.random()
        self.sent.append(webhook)
        if luck < 0.1:
            return
        if luck < 0.2:
            self.late.append(webhook)
            return
        webhook()
        if luck < 0.3:
            webhook()

    def passes(self, seconds: float) -> None:
        """Let time go by: nobody rings or is asked for longer than a carrier lets them."""
        then = self.after(seconds)
        for telephone in self.telephones:
            if telephone.at == "ringing" and telephone.until <= then:
                self.is_rung(telephone, answered=False)
            elif telephone.at == "talking" and telephone.until <= then:
                self.ends(telephone)
        for leg in [leg for leg in self.legs if leg.at != "over" and leg.until <= then]:
            self.over(leg.by or leg)
        self.clock.time = then
        if seconds >= HOLDING_S:
            for telephone in self.telephones:
                if telephone.at == "queue":
                    self.holds(telephone)

    def passed_s(self) -> float:
        return (self.clock.now() - self.began).total_seconds()

    def after(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def one(self, at: str) -> Telephone | None:
        """Choose a caller, often the one who acted last: histories have threads."""
        there = [telephone for telephone in self.telephones if telephone.at == at]
        if there and not (self.last in there and self.draw.random() < 0.6):
            self.last = self.draw.choice(there)
        return self.last if there else None

    # In the end.

    def becomes_kind(self) -> None:
        """Live on, with everybody there and no webhook lost, until nobody waits any more."""
        self.kind = True
        for name, known in self.directory.departments.items():
            self.directory.departments[name] = Department(**{**vars(known), "hours": ALWAYS})
        for webhook in self.late:
            webhook()
        self.claimed.clear()
        for _ in range(150):
            if not self.rules.open_rows() and all(phone.at == "gone" for phone in self.telephones):
                return
            self.lives_on()
        raise AssertionError(f"somebody is lost: {self.rules.open_rows()}")

    def lives_on(self) -> None:
        for telephone in self.telephones:
            match telephone.at:
                case "menu":
                    self.is_over(telephone)
                case "ringing":
                    self.is_rung(telephone, answered=True)
                case "talking":
                    self.ends(telephone)
        self.dispatchers[0].run()
        while there := [leg for leg in self.legs if leg.at not in {"over", "meeting"}]:
            self.does(there[0])
        self.rules.check()
        soonest = min(self.rules.moments(), default=self.clock.now())
        self.passes(max(HOLDING_S, min((soonest - self.clock.now()).total_seconds(), 1800.0)))


STEPS = {
    "arrives": 12,
    "is_put_through": 6,
    "is_on_hold": 6,
    "presses": 7,
    "asks_again": 4,
    "turns_to_the_other": 3,
    "books": 10,
    "rejoins": 2,
    "cancels": 1,
    "calls_again": 4,
    "hangs_up": 5,
    "is_dispatched": 12,
    "is_claimed": 4,
    "is_placed": 4,
    "dies": 1,
    "acts": 24,
    "talks_out": 3,
    "opens_or_closes": 1,
    "time_passes": 9,
    "comes_late": 2,
    "comes_again": 3,
}
