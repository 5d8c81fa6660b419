"""One webhook, start to finish: find the call, let the engine take its turn, write it down, answer.

Knows no HTTP. Whatever the carrier repeats, the caller hears once and the same.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from ivr.call import Call, DialEnded, Heard, Position, Recorded, Waited, WaitEnd
from ivr.call_log import CallLog, Progress, Visit
from ivr.edges import takes
from ivr.engine import Engine
from ivr.flow import RESERVED, Ask, Hold, Meet, Menu, Node, Record, Transfer
from ivr.services import Numbering
from ivr.template import fields
from ivr.turn import Bridge, Dial, End, Enqueue, Gather, Join, Recording, Step, Tries, Turn, Wait
from ivr.twiml import Voice

log = logging.getLogger("answerline")
_HARMLESS_DIGITS = 3  # half a PIN: less than a lucky guess of it would take


@dataclass(frozen=True)
class Conversation:
    """Talks to callers.

    secret_floor_s: least seconds an answer about a secret takes. pause: sleeps so many seconds.
    """

    engine: Engine
    calls: CallLog
    voice: Voice
    secret_floor_s: float = 0.0
    pause: Callable[[float], None] = time.sleep

    def incoming(self, call: Call) -> str:
        """Answer a call that comes in, or somebody whom we ring; a carrier that asks again gets the answer it had."""
        began = time.monotonic()
        progress = self.calls.load(call.sid)
        if progress:
            return progress.answer
        return self._write(self.engine.ring(call, call.leg) if call.leg else self.engine.start(call), None, began)

    def turn(self, call: Call, number: int, at: Position, tries: Tries, heard: Heard) -> str:
        """Take a turn of a call.

        call: as the carrier tells of it. number: the turn that is answered now; an earlier one is a repeat.
        """
        began = time.monotonic()
        progress = self.calls.load(call.sid)
        if progress is None:
            return self._write(self.engine.lost(call), None, began)
        if number < progress.call.turn:
            return progress.answer
        if number > progress.call.turn:
            log.warning("call %s: turn %s is ahead of the call log's %s", call.sid, number, progress.call.turn)
            turn = self.engine.lost(progress.call)
        else:
            heard = self.told(call.sid, heard)
            turn = self.answered(progress, at, tries, heard)
        return self.finish(progress, turn, at, heard, began)

    def told(self, sid: str, heard: Heard) -> Heard:
        """Add to what the carrier tells which key it was that ended a caller's waiting. Raises: ServiceError."""
        if isinstance(heard, Waited) and heard.end is WaitEnd.KEY:
            return replace(heard, key=self.engine.services.waiting.left_by(sid))
        return heard

    def finish(self, progress: Progress, turn: Turn, at: Position, heard: Heard, began: float) -> str:
        """Write a turn down, and answer with it. progress: the call before it. began: `time.monotonic()` then."""
        node = self.engine.line.node(at) if self._is_as_heard(progress.waiting, at) else None
        secret = isinstance(node, Ask) and node.secret
        finished = replace(
            progress.waiting, input=_shown(heard, node, self.engine.services.numbering), outcome=_outcome(turn.path)
        )
        answer = self._write(turn, finished, began)
        if secret:
            self.pause(max(0.0, began + self.secret_floor_s - time.monotonic()))
        return answer

    def answered(self, progress: Progress, at: Position, tries: Tries, heard: Heard) -> Turn:
        """Take what was heard to the next wait, or begin the flow again where a deploy has changed it meanwhile."""
        call = progress.call
        if not self._is_as_heard(progress.waiting, at):
            log.info("call %s: %s is not what the caller has heard; its flow begins again", call.sid, at)
            return self.engine.moved(call, at, heard)
        turn = self.engine.answer(call, at, tries, heard)
        known = self.voice.speech.fixed.keys() | turn.call.facts.keys()
        if turn.wait.at.flow == at.flow and any(fields(prompt.text).keys() - known for prompt in turn.spoken):
            # An earlier version did not look up what this one says: the flow's start does.
            return self.engine.moved(replace(turn.call, turn=call.turn), at, heard)
        return turn

    def _is_as_heard(self, waiting: Visit, at: Position) -> bool:
        elsewhere = not waiting.takes or (waiting.flow, waiting.node) != (at.flow, at.node)
        return elsewhere or waiting.takes == self._takes.get(at)

    @cached_property
    def _takes(self) -> Mapping[Position, str]:
        return {at: takes(node) for at, node in self.engine.line.nodes()}

    def hold(
        self, call: Call, number: int, at: Position, keys: str, queued_s: float, *, known: Progress | None = None
    ) -> str:
        """Say how it stands to a caller on hold, or take them out of the queue; nothing of it is a turn.

        known: how far the call has come, where the call log cannot tell.
        """
        progress = known or self.calls.load(call.sid)
        if progress is None or progress.call.turn != number:
            return self.voice.leave()
        holding = self.engine.hold(progress.call, at, keys, queued_s)
        return self.voice.hold(holding, self.voice.speech.fixed) if holding else self.voice.leave()

    def _write(self, turn: Turn, finished: Visit | None, began: float) -> str:
        values = {**self.voice.speech.fixed, **turn.call.facts}
        answer = self.voice.twiml(turn, values)
        waiting = self._visit(turn, values, self.engine.services.clock.now())
        if finished:
            finished = replace(finished, ms=round(1000 * (time.monotonic() - began)))
        log.debug("call %s turn %s: %s, now at %s", turn.call.sid, turn.call.turn, _labels(turn), turn.wait.at)
        return self.calls.save(Progress(turn.call, waiting, answer), finished)

    def _visit(self, turn: Turn, values: Mapping[str, str], now: datetime) -> Visit:
        spoken = {name: values[name] for prompt in turn.spoken for name in fields(prompt.text)}
        at = turn.wait.at
        ids = tuple(prompt.id for prompt in turn.spoken)
        return Visit(now, at.flow, at.node, _kind(turn.wait), ids, spoken, takes=self._takes[at])

    def unheard(self, at: Position) -> Visit:
        """Name a wait of which only the place is known."""
        kind = _NODES.get(type(self.engine.line.node(at)), "")
        return Visit(self.engine.services.clock.now(), at.flow, at.node, kind, (), {})


def _labels(turn: Turn) -> str:
    return " > ".join(f"{step.at}[{step.label}]" for step in turn.path)


def _outcome(path: Sequence[Step]) -> str:
    """Write the edges walked for a reader: what the caller's act meant, then what each action came to."""
    told = [f"{step.at.node}: {step.label}" for step in path[1:] if step.label != "said"]
    return " > ".join([*(step.label for step in path[:1]), *told])


_KINDS: dict[type[Wait], str] = {
    Dial: "transfer",
    Enqueue: "hold",
    Join: "meet",
    Recording: "record",
    Bridge: "through",
    End: "hangup",
}


_NODES: dict[type[Node] | type[None], str] = {
    Menu: "menu",
    Ask: "ask",
    Transfer: "transfer",
    Hold: "hold",
    Meet: "meet",
    Record: "record",
}


def _kind(wait: Wait) -> str:
    if isinstance(wait, Gather):
        return "ask" if wait.finish else "menu"
    return _KINDS[type(wait)]


def _shown(heard: Heard, node: Node | None, numbers: Numbering) -> str:
    """Write down what a caller did: a secret as dots, one for each key.

    A key that means nothing where it was pressed is a dot, too: it may belong to a PIN that was still being typed. So
    are more than a few digits where a question waits that is none of a secret, unless they are a telephone number.
    """
    if isinstance(heard, DialEnded):
        return heard.status.value
    if isinstance(heard, Recorded):
        return f"{heard.seconds} s"
    if isinstance(heard, Waited):
        return heard.key or heard.end.value
    match node:
        case Menu(secret=False) if heard.digits[:1] in {*RESERVED, *(option.key for option in node.options)}:
            return heard.digits[:1]
        case Ask(secret=False) if len(heard.digits) <= _HARMLESS_DIGITS or numbers.from_keys(heard.digits):
            return heard.digits
        case _:
            return "•" * len(heard.digits)
