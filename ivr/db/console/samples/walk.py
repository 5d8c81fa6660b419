"""One invented call: a caller talks to the line's own conversation, which writes into memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.call import Call, Disposition, Heard, Position, Waited
from ivr.call_log import Progress, Visit
from ivr.conversation import Conversation
from ivr.db.call_rows import call_fixed, call_values, further, last_visit
from ivr.db.console.samples.callers import Caller
from ivr.db.console.samples.world import Left, World
from ivr.engine import Engine
from ivr.messages import MessageState
from ivr.turn import Gather, Recording, Tries, Turn

TURNS_MAX = 40
_CHARACTERS_S = 15.0  # how fast prompts are spoken
_ANSWER_MS = 4.0
COMPLETED = "completed"


@dataclass(frozen=True)
class Sample:
    """An invented call, as the call log would have it.

    call: what is known in the end. row: of `calls`. visits: its turns, in order. left: what else there is of it.
    """

    call: Call
    row: Mapping[str, object]
    visits: tuple[Visit, ...]
    left: Left


@dataclass
class _Memory:
    """A call log of one call, in memory."""

    began: Progress | None = None
    now: Progress | None = None
    finished: list[Visit] = field(default_factory=list[Visit])

    def load(self, _sid: str) -> Progress | None:
        return self.now

    def save(self, progress: Progress, finished: Visit | None) -> str:
        self.began = self.began or progress
        self.now = progress
        if finished:
            self.finished.append(finished)
        return progress.answer

    def bridged(self, sid: str, number: str) -> None:
        raise NotImplementedError(f"{sid} {number}")

    def ended(self, call: Call, status: str, duration_s: int | None, at: datetime) -> None:
        raise NotImplementedError(f"{call} {status} {duration_s} {at}")


@dataclass(frozen=True)
class _Overheard(Engine):
    """An engine that keeps its turns."""

    turns: list[Turn] = field(default_factory=list[Turn])

    def start(self, call: Call) -> Turn:
        self.turns.append(super().start(call))
        return self.turns[-1]

    def answer(self, call: Call, at: Position, tries: Tries, heard: Heard) -> Turn:
        self.turns.append(super().answer(call, at, tries, heard))
        return self.turns[-1]


def walk(real: Conversation, world: World, caller: Caller, call: Call) -> Sample:
    """Place a call at the time of the world's clock, which then stands at its end."""
    world.left = Left()
    rng, clock, log = world.rng, world.clock, _Memory()
    engine = _Overheard(real.engine.line, world.services(real.engine.services))
    # Prompts may not be rendered yet; the log knows them by their names.
    voice = replace(real.voice, clips=None)
    line = replace(real, engine=engine, calls=log, voice=voice, secret_floor_s=0.0)
    began = clock.time
    line.incoming(call)
    while len(engine.turns) < TURNS_MAX:
        turn = engine.turns[-1]
        content = caller.is_content(turn, engine.line)
        heard, seconds = (None, rng.uniform(0.5, 4.0)) if content else caller.does(turn, engine.line)
        listens = rng.uniform(0.3, 1.0) if isinstance(turn.wait, Gather) else 1.0
        clock.time += timedelta(seconds=seconds + listens * sum(len(p.text) for p in turn.spoken) / _CHARACTERS_S)
        if heard is None:
            break
        if isinstance(heard, Waited):
            world.room.key = heard.key
        tries = turn.wait.tries if isinstance(turn.wait, Gather | Recording) else Tries()
        line.turn(call, turn.call.turn, turn.wait.at, tries, heard)
    return _sample(log, world, began, call)


def _sample(log: _Memory, world: World, began: datetime, call: Call) -> Sample:
    first, last, rng = log.began, log.now, world.rng
    assert first is not None and last is not None  # noqa: S101, PT018 a call has a first turn
    visits = [replace(visit, ms=max(1, round(_ANSWER_MS * rng.lognormvariate(0.0, 0.6)))) for visit in log.finished]
    visits.append(replace(last_visit(last.waiting), ms=0))
    reached = last.call.disposition or Disposition.ABANDONED
    if any(state is not MessageState.DISCARDED for _, state, _ in world.left.messages.values()):
        reached = further(reached, Disposition.VOICEMAIL) or reached
    ended_at = world.clock.now()
    end = {
        "disposition": reached,
        "ended_at": ended_at,
        "duration_s": round((ended_at - began).total_seconds()),
        "status": COMPLETED,
    }
    row = {**call_fixed(first), **call_values(last), **end}
    return Sample(replace(last.call, simulated=call.simulated), row, tuple(visits), world.left)
