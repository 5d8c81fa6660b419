"""Finds calls that walk every edge of every flow: pure search over the engine, no HTTP and no database."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from puppets import DIRECTORY, puppet_line

from ivr.call import Call, DialEnded, DialStatus, Heard, Keys, Recorded, Waited, WaitEnd
from ivr.edges import edges
from ivr.engine import Engine
from ivr.flow import WAITING_KEYS, Ask, Hold, Menu, Record
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


class Walker:
    def __init__(self):
        self.script = Script()
        self.line = puppet_line(self.script.choose)
        self.engine = Engine(self.line, SERVICES)
        self.left = dict.fromkeys(all_edges(self.line))
        self._known: dict[object, list[tuple[Move, Turn]]] = {}

    def calls(self) -> Iterator[list[Move]]:
        """Yield calls, each as its moves, until every edge that can be walked has been."""
        while self.left:
            moves = self._search(None)
            if moves is None:
                return
            call, turn = [], None
            while moves:
                for move in moves:
                    turn = self.play(turn, move)
                    call.append(move)
                    for step in turn.path:
                        self.left.pop(step, None)
                moves = self._search(turn)
            yield call

    def _search(self, start: Turn | None) -> list[Move] | None:
        """Find the shortest way from here to an edge that is left."""
        seen, ahead = set(), deque([(start, [])])
        while ahead:
            turn, moves = ahead.popleft()
            for move, following in self._following(turn):
                if any(step in self.left for step in following.path):
                    return [*moves, move]
                state = _state(following)
                if state not in seen:
                    seen.add(state)
                    ahead.append((following, [*moves, move]))
        return None

    def ways_to_every_wait(self) -> Iterator[list[Move]]:
        """Yield, for each node that waits for the caller, the shortest call that comes to it."""
        seen, reached, ahead = set(), set(), deque([(None, [])])
        while ahead:
            turn, moves = ahead.popleft()
            for move, following in self._following(turn):
                if not isinstance(following.wait, End | Bridge) and following.wait.at not in reached:
                    reached.add(following.wait.at)
                    yield [*moves, move]
                if _state(following) not in seen:
                    seen.add(_state(following))
                    ahead.append((following, [*moves, move]))

    def _following(self, turn: Turn | None) -> list[tuple[Move, Turn]]:
        state = turn and (_state(turn), turn.call.trail)
        if state not in self._known:
            self._known[state] = list(self._moves(turn))
        return self._known[state]

    def _moves(self, turn: Turn | None) -> Iterator[tuple[Move, Turn]]:
        starts = [(None, leg) for leg in ("", *self.line.legs)]
        for heard, leg in starts if turn is None else [(heard, "") for heard in self._inputs(turn)]:
            picks: tuple[int, ...] | None = ()
            while picks is not None:
                move = Move(heard, picks, leg)
                following = self.play(turn, move)
                yield move, following
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
        self.script.picks, self.script.asked = list(move.picks), []
        if turn is None:
            call = Call("CA1", "+14155550123", "+18005550100", leg=move.leg)
            return self.engine.ring(call, move.leg) if move.leg else self.engine.start(call)
        tries = turn.wait.tries if isinstance(turn.wait, Gather | Recording) else Tries()
        return self.engine.answer(turn.call, turn.wait.at, tries, move.heard)


def _next(picks: tuple[int, ...], asked: list[int]) -> tuple[int, ...] | None:
    """Count through all ways that actions may answer: the last one asked turns fastest."""
    full = [*picks, *[0] * (len(asked) - len(picks))]
    while full:
        full[-1] += 1
        if full[-1] < asked[len(full) - 1]:
            return tuple(full)
        full.pop()
    return None


def _state(turn: Turn):
    tries = turn.wait.tries if isinstance(turn.wait, Gather | Recording) else None
    return turn.wait.at, tries, turn.call.proof, turn.call.slips, turn.call.resume, turn.call.aside
