"""What must hold in every history of the waiting room, held against what happens in a `waiting_world.World`."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ivr.db.models.places import PlaceRow
from ivr.waiting import ABSENT_S, BUSY, LEEWAY_S, OPEN, RETRY_S, TRIES, Kind, PlaceState
from ivr.waiting_room import Entry

PLACES = PlaceRow.__table__
IN_ORDER = select(PLACES).order_by(PLACES.c.arrived_at, PLACES.c.id)
OFFER_STATES = {PlaceState.CONNECTING, PlaceState.OFFERED, PlaceState.RINGING, PlaceState.TALKING}
LONGEST_OFFER_S = 25 + 2 * LEEWAY_S  # from the moment it is made to the moment it can be taken last


class Rules:
    """Notes what has happened, and raises AssertionError at what must not."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self._rows: list[Any] | None = None
        self.hints: dict[int, tuple[int, int]] = {}  # told last, by place
        self.met: set[int] = set()
        self.offers: dict[str, tuple[int, datetime]] = {}  # place and time, by offer
        self.newest: dict[int, str] = {}  # offer, by place
        self.called: dict[tuple[int, str], list[datetime]] = {}  # callbacks made, by place and number
        self.promises: set[int] = set()  # places that are called back

    # Looking.

    def rows(self) -> list[Any]:
        """Return every place, as they arrived; read again when something has been committed."""
        if self._rows is None:
            with self.world.engine.connect() as connection:
                self._rows = list(connection.execute(IN_ORDER))
        return self._rows

    def changed(self, connection: Any) -> None:
        """Be told of a commit."""
        if connection.get_execution_options().get("answerline_write"):
            self._rows = None

    def open_rows(self) -> list[Any]:
        return [row for row in self.rows() if row.state in OPEN]

    def with_offer(self, offer: str) -> Any:
        return next((row for row in self.rows() if offer and row.offer == offer), None)

    def place_id(self, telephone: Any) -> int | None:
        """Return the place that this call has where it wants to go."""
        sid, department = telephone.call.sid, telephone.call.department
        mine = [row.id for row in self.open_rows() if (row.call_sid, row.department) == (sid, department)]
        assert len(mine) <= 1, f"{sid} stands twice in the line of {department}"
        return mine[0] if mine else None

    def moments(self) -> list[datetime]:
        """Return when something is due of itself."""
        now = self.world.clock.now()
        times = [at for row in self.open_rows() for at in (row.until, row.not_before, row.rest_until)]
        return [at for at in times if at is not None and at > now]

    # At every step.

    def check(self) -> None:
        rows = self.rows()
        for name, department in self.world.directory.current().items():
            states = Counter(row.state for row in rows if row.department == name)
            assert states[PlaceState.OFFERED] <= 1, f"{name}: two are offered at once"
            busy = sum(states[state] for state in BUSY)
            assert department.capacity is None or busy <= department.capacity, f"{name}: more than it can take"
        offers = Counter(row.offer for row in rows if row.offer and row.state in OPEN)
        assert all(times == 1 for times in offers.values()), "one offer, two places"
        for row in rows:
            assert row.tries <= TRIES
            assert row.state is not PlaceState.UNREACHED or row.tries == TRIES, f"given up too early: {row}"
            assert not row.offer or row.state in OFFER_STATES, f"an offer stands that is over: {row}"
            promised = row.kind is Kind.CALLBACK and row.state is not PlaceState.LEFT
            assert promised or row.id not in self.promises, f"a promise is forgotten: {row}"
            waits = row.kind is Kind.CALLBACK and row.state is PlaceState.WAITING
            assert row.until or waits or row.state not in OPEN, f"lasts for ever: {row}"

    # Callers.

    def entered(self, telephone: Any, entry: Entry) -> None:
        if entry is Entry.AT_ONCE:
            own = self.place_id(telephone)
            ahead = self.could_be_served(telephone.call.department, own)
            assert not ahead, f"{telephone.call.sid} goes ahead of {ahead}"

    def told(self, telephone: Any, outlook: Any) -> None:
        place, now = self.place_id(telephone), self.world.clock.now()
        department = self.world.directory.current()[telephone.call.department]
        if outlook is None:
            late = telephone.heard_at is None or now - telephone.heard_at >= timedelta(seconds=ABSENT_S)
            assert late or not department.is_open(now), f"{telephone.call.sid} waits, and is sent away"
        elif outlook.place:
            assert place is not None
            before = self.hints.get(place, (outlook.place, outlook.minutes))
            assert outlook.place <= before[0], f"place {outlook.place} after {before[0]}"
            assert outlook.minutes <= before[1], f"{outlook.minutes} minutes after {before[1]}"
            self.hints[place] = outlook.place, outlook.minutes
        else:
            (taken_at,) = [row.taken_at for row in self.open_rows() if row.id == place]
            assert now - taken_at <= timedelta(seconds=LEEWAY_S), "taken, and left on hold"

    def left(self, telephone: Any, key: str) -> None:
        assert self.world.room.left_by(telephone.call.sid) in {key, ""}

    def booked(self, telephone: Any, number: str, before: int | None) -> None:
        row = next(row for row in self.open_rows() if row.kind is Kind.CALLBACK and row.number == number)
        if before is not None:
            (row,) = [row for row in self.open_rows() if row.id == before]
            assert (row.kind, row.number, row.call_sid) == (Kind.CALLBACK, number, telephone.call.sid)
        self.promises.add(row.id)
        if row.tries == 0:
            self.called.pop((row.id, number), None)  # booked anew

    # Those who take calls.

    def offered(self, offer: str) -> None:
        """Hold an offer against the line, in the moment it is made."""
        row, now = self.with_offer(offer), self.world.clock.now()
        assert row is not None
        assert row.state is PlaceState.OFFERED
        assert row.not_before is None or row.not_before <= now, "called back too soon"
        assert self.world.directory.current()[row.department].is_open(now), "rung outside hours"
        ahead = self.could_be_served(row.department, row.id)
        assert not ahead, f"{row.call_sid} is offered ahead of {ahead}"
        self.offers[offer], self.newest[row.id] = (row.id, now), offer

    def placed(self, offer: str) -> None:
        if offer not in self.offers:
            self.offered(offer)

    def nothing_left_to_do(self) -> None:
        """After a dispatcher has looked, nobody waits for whom somebody is free."""
        now, rows = self.world.clock.now(), self.open_rows()
        for name, department in self.world.directory.current().items():
            here = [row for row in rows if row.department == name]
            busy = sum(row.state in BUSY for row in here)
            offered = any(row.state is PlaceState.OFFERED for row in here)
            rests = any(row.rest_until and row.rest_until > now for row in here)
            free = department.is_open(now) and (department.capacity is None or busy < department.capacity)
            waiting = self.could_be_served(name, None)
            assert not (free and waiting) or offered or rests, f"nobody is rung for {waiting}"

    def could_be_served(self, department: str, ahead_of: int | None) -> list[str]:
        """Name those before a place who wait and are there, as far as they have told the line."""
        now, found = self.world.clock.now(), []
        heard = {
            phone.call.sid
            for phone in self.world.telephones
            if phone.at == "queue" and phone.heard_at and now - phone.heard_at < timedelta(seconds=ABSENT_S)
        }
        for row in self.rows():
            if row.id == ahead_of:
                break
            if row.department == department and row.state in OPEN and row.state not in BUSY:
                due = row.kind is Kind.CALLBACK and (row.not_before is None or row.not_before <= now)
                if due or (row.kind is Kind.ON_LINE and row.call_sid in heard):
                    found.append(row.call_sid)
        return found

    def took(self, offer: str, taken: Any) -> None:
        place, made_at = self.offers[offer]
        if taken is None:
            return
        if taken.closed:
            (row,) = [row for row in self.open_rows() if row.id == place]
            assert (row.kind, row.state, row.asked) == (Kind.CALLBACK, PlaceState.WAITING, 0)
            return
        assert self.newest[place] == offer, "an old offer has taken a place"
        assert place not in self.met, "somebody is taken who has been served"
        longest = timedelta(seconds=LONGEST_OFFER_S)
        assert self.world.clock.now() - made_at <= longest, "an offer is taken that has run out"

    def meet(self, offer: str) -> None:
        row = self.with_offer(offer)
        assert row is not None
        assert row.state is PlaceState.TALKING
        assert row.id not in self.met, f"{row.call_sid} is connected twice"
        self.met.add(row.id)

    def calls_back(self, offer: str) -> None:
        """Hold a callback against the rules, in the moment the caller's telephone rings."""
        row, now = self.with_offer(offer), self.world.clock.now()
        assert row.state is PlaceState.RINGING
        assert self.world.directory.current()[row.department].is_open(now), "called back outside hours"
        times = self.called.setdefault((row.id, row.number), [])
        if times:
            assert now - times[-1] >= timedelta(seconds=RETRY_S), "two tries are too close"
        times.append(now)
        assert len(times) <= TRIES, "one try too many"
