"""Seconds to the answer: how long callers listen and press before they hear the first word of what they called for."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.call import Call, Keys, Position
from ivr.departments import Department
from ivr.edges import UNAVAILABLE
from ivr.engine import Engine
from ivr.flow import Ask, Menu
from ivr.line import Line
from ivr.opening_hours import MINUTES_A_DAY, OpeningHours, Shift
from ivr.prompts import Prompt
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.turn import Gather, Turn

REACTION_S = 1.0  # from the end of what a caller waited for to the key
KEY_S = 0.5  # from key to key, and from a prompt's first sound to the key of somebody who knows the way
WEBHOOK_S = 0.3  # from the last key to the first sound
FIRST_TIME_S_MAX, EXPERT_S_MAX, MAIN_MENU_S_MAX = 45.0, 10.0, 20.0
ENTRIES = ("3#", "6#")  # what is typed where a number is asked for: a small one and a large one
TOPICS: tuple[tuple[str, Position], ...] = (
    ("Buying for several people", Position("buying", "small_team")),
    ("Buying for oneself", Position("buying", "myself")),
    ("What audio costs", Position("audio", "cost")),
    ("Signing up for toll-free numbers", Position("audio", "toll_free")),
    ("Payment types and purchase orders", Position("buying", "payment")),
    ("Changing the password", Position("main", "password")),
    ("Keeping the service after the trial", Position("trial", "subscribe")),
    ("Cancelling the free trial", Position("trial", "cancel")),
    ("Cancelling the paid plan", Position("plan", "cancel")),
    ("Billing questions and refunds", Position("support", "ring")),
)
Seconds = Callable[[Prompt], float]


class UnreachableError(LookupError):
    """No keys lead to an answer."""


@dataclass(frozen=True)
class Budget:
    """Seconds from pick-up to the first word of an answer, and the keys pressed on the way.

    first_time: hears every choice before pressing. typical: presses when the right one has been said. expert: presses
    at once, as soon as keys count.
    """

    topic: str
    keys: str
    first_time: float
    typical: float
    expert: float

    @property
    def is_kept(self) -> bool:
        """Whether callers are patient enough for this."""
        return self.first_time <= FIRST_TIME_S_MAX and self.expert <= EXPERT_S_MAX


def budgets(line: Line, seconds: Seconds) -> Iterator[Budget]:
    """Work out the way to each topic. Raises: UnreachableError for an answer that no keys lead to."""
    for topic, answer in TOPICS:
        yield _budget(topic, answer, _way(line, answer), seconds)


def main_menu(line: Line, seconds: Seconds) -> float:
    """Return how long the main menu takes, from its first word to its last."""
    at = line.entry(line.main)
    return sum(map(seconds, (prompt for prompt in _engine(line).start(_CALL).spoken if _belongs(prompt, at))))


def _belongs(prompt: Prompt, at: Position) -> bool:
    return prompt.id.startswith((f"{at}", "common."))


def _way(line: Line, answer: Position) -> list[tuple[Turn, str]]:
    """Find the fewest entries that lead to an answer: each turn with what is pressed in it, the last with nothing."""
    engine = _engine(line)
    seen: set[Position] = set()
    ahead: deque[list[tuple[Turn, str]]] = deque([[(engine.start(_CALL), "")]])
    while ahead:
        way = ahead.popleft()
        turn = way[-1][0]
        if any(prompt.id == str(answer) for prompt in turn.spoken):
            return way
        wait = turn.wait
        if not isinstance(wait, Gather) or wait.at in seen:
            continue
        seen.add(wait.at)
        for entry in _entries(line, wait.at):
            heard = Keys(entry.removesuffix("#"))
            following = engine.answer(turn.call, wait.at, wait.tries, heard)
            if not any(step.label == UNAVAILABLE for step in following.path):
                ahead.append([*way[:-1], (turn, entry), (following, "")])
    raise UnreachableError(f"no keys lead to {answer}")


def _entries(line: Line, at: Position) -> Sequence[str]:
    match line.node(at):
        case Menu() as menu:
            return [option.key for option in menu.options]
        case Ask(secret=False):
            return ENTRIES
        case _:
            return ()


def _budget(topic: str, answer: Position, way: Sequence[tuple[Turn, str]], seconds: Seconds) -> Budget:
    first_time = typical = expert = WEBHOOK_S
    for turn, entry in way[:-1]:
        wait = turn.wait
        assert isinstance(wait, Gather)  # noqa: S101 `_way` presses nowhere else
        firm, soft = sum(map(seconds, turn.prompts)), sum(map(seconds, wait.prompts))
        pressing = REACTION_S + KEY_S * (len(entry) - 1) + WEBHOOK_S
        first_time += firm + soft + pressing
        typical += firm + _until(f"{wait.at}.{entry}", wait.prompts, seconds) + pressing
        expert += firm + KEY_S * len(entry) + WEBHOOK_S
    spoken = [prompt.id for prompt in way[-1][0].spoken]
    before = sum(map(seconds, way[-1][0].spoken[: spoken.index(str(answer))]))
    keys = " ".join(entry for _, entry in way if entry)
    return Budget(topic, keys, first_time + before, typical + before, expert + before)


def _until(option: str, prompts: Sequence[Prompt], seconds: Seconds) -> float:
    """Seconds until an option has been said; all of them where it is not one of the options."""
    ids = [prompt.id for prompt in prompts]
    heard = prompts[: ids.index(option) + 1] if option in ids else prompts
    return sum(map(seconds, heard))


_CALL = Call("", "", "")


class _Anything(dict[str, Any]):
    """A directory that has every name; what is found there is made from the name."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make

    def __missing__(self, name: str) -> Any:
        return self._make(name)


class _Away:
    """Accounts that nobody can reach: no way to an answer needs them."""

    def __getattr__(self, name: str) -> None:
        raise ServiceError(name)


class _Pins(_Away):
    def spent(self, _call_sid: str, _caller: str) -> bool:
        return False  # or nobody would be asked who they are


class _Noon(_Away):
    def now(self) -> datetime:
        return datetime(2027, 3, 1, 12, tzinfo=UTC)


class _Staffed:
    """Departments that are always there."""

    def current(self) -> Mapping[str, Department]:
        hours = OpeningHours(ZoneInfo("UTC"), tuple(Shift(day, 0, MINUTES_A_DAY) for day in range(7)))
        return _Anything(lambda name: Department(name, name, (name,), hours))


def _engine(line: Line) -> Engine:
    accounts: Any = _Away()
    pins: Any = _Pins()
    clock: Any = _Noon()
    return Engine(line, Services(accounts, pins, clock, _Anything(str), _Staffed()))
