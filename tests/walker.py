"""Finds calls that walk every edge of every flow: pure search over the engine, no HTTP and no database."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from flow_coverage import WAITS
from puppets import DIRECTORY, puppet_line

from ivr.call import Call, DialEnded, DialStatus, Heard, Keys, Position, Recorded, Waited, WaitEnd
from ivr.edges import edges
from ivr.engine import Engine
from ivr.flow import WAITING_KEYS, Ask, Hold, Menu, Node, Record
from ivr.services import Services
from ivr.turn import Bridge, Dial, End, Gather, Join, Recording, Step, Tries, Turn

WRONG_KEY = "8"
MESSAGE = "RE" + "0" * 32
SERVICES = Services(None, None, None, DIRECTORY)


@dataclass
class Script:
    """Tells puppets what to return, in the order they are asked; the first outcome once it is used up."""

    picks: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)  # how many outcomes there were, each time

    def choose(self, _where, outcomes):
        number = len(self.asked)
        self.asked.append(len(outcomes))
        return outcomes[self.picks[number] if number < len(self.picks) else 0]


@dataclass(frozen=True)
class Move:
    """What the caller does, and what the actions answer meanwhile.

    heard: None for the start of a call. leg: of the call of somebody whom we ring, then.
    """

    heard: Heard | None
    picks: tuple[int, ...]
    leg: str = ""


def all_edges(line) -> list[Step]:
    return [Step(at, edge.label) for at, node in line.nodes() for edge in edges(node)]


@dataclass(frozen=True, eq=False)
class Place:
    """Where a caller waits, with what was proved and what is resumed; turn: the first that came here, for all others.

    moves: all that can happen here to a caller who has not erred yet; found when first asked for.
    """

    turn: Turn | None
    moves: list[tuple[Move, Turn]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class State:
    """All that the engine goes by at a wait, but for the trail: that decides only where a star leads.

    One object for each, so that the search compares no values. slips: of the call so far.
    """

    place: Place
    tries: Tries
    slips: int


@dataclass(frozen=True, eq=False)
class Leap:
    """What a move comes to. state: None where the call is over, or where the trail decides where it goes on."""

    move: Move
    path: frozenset[Step]
    state: State | None


@cache
def calls_that_walk_every_edge() -> list[list[Move]]:
    """Plan them once for all tests of this process."""
    return list(Walker().calls())


Way = tuple["Way", Leap] | None  # the last leap, and the way to it


class Walker:
    """Plans calls on a graph of states, and plays them as planned.

    One turn stands for all that wait at the same place: slips and tries matter to slips alone, so each other move is
    played once for a place, and holds however many slips came before.
    """

    def __init__(self):
        self.script = Script()
        self.line = puppet_line(self.script.choose)
        self.engine = Engine(self.line, SERVICES)
        self.left = set(all_edges(self.line))
        self._start = State(Place(None), Tries(), 0)
        self._places: dict[object, Place] = {}
        self._states: dict[object, State] = {}
        self._smooth: dict[object, Leap] = {}
        self._doors: dict[State, list[Leap]] = {}
        self._fresh: dict[State, list[Leap]] = {}

    def calls(self) -> Iterator[list[Move]]:
        """Yield calls, each as its moves, until every edge that can be walked has been."""
        while moves := self._search(None):
            call, turn = [], None
            while moves:
                for move in moves:
                    turn = self.play(turn, move)
                    call.append(move)
                    self.left.difference_update(turn.path)
                moves = self._search(turn)
            yield call

    def ways_to_every_wait(self) -> Iterator[list[Move]]:
        """Yield, for each node that waits for the caller, the shortest call that comes to it."""
        left = {at for at, node in self.line.nodes() if isinstance(node, WAITS)}
        for state, way in self._ahead(self._start):
            for leap in self._doors[state]:
                if leap.state.place.turn.wait.at in left:
                    left.remove(leap.state.place.turn.wait.at)
                    yield _in_order(way, leap)
            if not left:
                return

    def _search(self, turn: Turn | None) -> list[Move] | None:
        """Find the shortest way from here to an edge that is left."""
        start = self._state(turn) if turn else self._start
        for state, way in self._ahead(start) if start else ():
            fresh = self._fresh[state]
            while fresh and self.left.isdisjoint(fresh[-1].path):
                fresh.pop()  # for good: what is walked stays walked
            if fresh:
                return _in_order(way, fresh[-1])
        return None

    def _ahead(self, start: State) -> Iterator[tuple[State, Way]]:
        """Every state from here on, nearest first, each with the way to it."""
        seen, ahead = {start}, deque([(start, None)])
        while ahead:
            state, way = ahead.popleft()
            if state not in self._doors:
                self._look_around(state)
            yield state, way
            for leap in self._doors[state]:
                if leap.state not in seen:
                    seen.add(leap.state)
                    ahead.append((leap.state, (way, leap)))

    def _look_around(self, state: State) -> None:
        """Find all leaps from here; the first to each other state is a door."""
        place = state.place
        if not place.moves:
            place.moves.extend(self._moves(place.turn))
        leaps = [self._leap(state, move, turn) for move, turn in place.moves]
        self._fresh[state] = leaps[::-1]
        doors: dict[State, Leap] = {}
        for leap in leaps:
            if leap.state:
                doors.setdefault(leap.state, leap)
        self._doors[state] = list(doors.values())

    def _leap(self, state: State, move: Move, turn: Turn) -> Leap:
        if state is not self._start and turn.path[0].label.startswith(("no-input", "no-match")):
            here = state.place.turn
            again = self._play(replace(here.call, slips=state.slips), here.wait.at, state.tries, move)
            return Leap(move, frozenset(again.path), self._state(again))
        known = id(move), state.slips  # tries matter to slips alone
        if known not in self._smooth:
            if state is not self._start and _goes_back(self.line.node(state.place.turn.wait.at), move.heard):
                self._smooth[known] = Leap(move, frozenset(turn.path[:1]), None)
            else:
                self._smooth[known] = Leap(move, frozenset(turn.path), self._state(turn, state.slips))
        return self._smooth[known]

    def _state(self, turn: Turn, slips: int | None = None) -> State | None:
        if isinstance(turn.wait, End | Bridge):
            return None
        before = turn.wait.at, turn.call.proof, turn.call.resume, turn.call.aside  # the last: where an aside began
        place = self._places.setdefault(before, Place(turn))
        known = place, _tries(turn), turn.call.slips if slips is None else slips
        return self._states.setdefault(known, State(*known))

    def _moves(self, turn: Turn | None) -> Iterator[tuple[Move, Turn]]:
        """Everything that can happen at a wait, to a caller who has not erred yet."""
        if turn is not None:
            turn = replace(turn, call=replace(turn.call, slips=0))
        starts = [(None, leg) for leg in ("", *self.line.legs)]
        for heard, leg in starts if turn is None else [(heard, "") for heard in self._inputs(turn)]:
            picks: tuple[int, ...] | None = ()
            while picks is not None:
                move = Move(heard, picks, leg)
                yield move, self._play(turn.call, turn.wait.at, Tries(), move) if turn else self.play(None, move)
                picks = _next(picks, self.script.asked)

    def _inputs(self, turn: Turn) -> Iterator[Heard]:
        node = self.line.node(turn.wait.at)
        if isinstance(turn.wait, End | Bridge):
            return
        if isinstance(turn.wait, Join):
            yield DialEnded(DialStatus.COMPLETED)
        elif isinstance(turn.wait, Dial):
            yield from (DialEnded(status) for status in DialStatus)
        elif isinstance(node, Hold):
            yield from (Waited(WaitEnd.KEY, key) for key in [*(option.key for option in node.options), *WAITING_KEYS])
            yield from (Waited(end) for end in WaitEnd if end is not WaitEnd.KEY)
        elif isinstance(node, Record):
            yield from (Recorded(MESSAGE, 5), Recorded(MESSAGE, node.limit_s), Recorded())
        elif isinstance(node, Menu):
            options = [f"{o.key}#" if node.deed else o.key for o in node.options]
            yield from (Keys(keys) for keys in [*options, *node.reserved, "", WRONG_KEY])
        elif isinstance(node, Ask):
            yield from (Keys(digits) for digits in ["3" * node.least, "*", "0", "#", "", "9" * (node.most + 1)])

    def play(self, turn: Turn | None, move: Move) -> Turn:
        if turn:
            return self._play(turn.call, turn.wait.at, _tries(turn), move)
        self.script.picks, self.script.asked = list(move.picks), []
        call = Call("CA1", "+14155550123", "+18005550100", leg=move.leg)
        return self.engine.ring(call, move.leg) if move.leg else self.engine.start(call)

    def _play(self, call: Call, at: Position, tries: Tries, move: Move) -> Turn:
        self.script.picks, self.script.asked = list(move.picks), []
        return self.engine.answer(call, at, tries, move.heard)


def _next(picks: tuple[int, ...], asked: list[int]) -> tuple[int, ...] | None:
    """Count through all ways that actions may answer: the last one asked turns fastest."""
    full = [*picks, *[0] * (len(asked) - len(picks))]
    while full:
        full[-1] += 1
        if full[-1] < asked[len(full) - 1]:
            return tuple(full)
        full.pop()
    return None


def _in_order(way: Way, last: Leap) -> list[Move]:
    moves = [last.move]
    while way:
        way, leap = way
        moves.append(leap.move)
    return moves[::-1]


def _tries(turn: Turn) -> Tries:
    return turn.wait.tries if isinstance(turn.wait, Gather | Recording) else Tries()


def _goes_back(node: Node | None, heard: Heard | None) -> bool:
    """Say whether the trail decides where this leads."""
    key = heard.digits if isinstance(heard, Keys) else heard.key if isinstance(heard, Waited) else ""
    return key == "*" and isinstance(node, Menu | Hold)
