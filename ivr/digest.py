"""What a call comes to for those who search and count calls: told from its turns, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ivr.call_log import Visit
from ivr.edges import NO_INPUT, NO_MATCH, UNAVAILABLE
from ivr.flow import PERSON, RESERVED

HUNG_UP = "hang-up"
_PERSON_KEY = next(key for key, to in RESERVED.items() if to == PERSON)

_KEYED = {"menu", "ask"}  # kinds of waits for keys


@dataclass(frozen=True)
class CallFacts:
    """What a call is searched by.

    path: flows the caller came through, in order, none twice in a row. left_at: `flow.node` where the caller hung up;
    '' where the line ended the call. turns: waits. keyed: waits that ended with keys. silences, wrong_keys: waits that
    ended so. asked_person: a caller pressed the key for a person. faults: times that a system behind the line was out
    of reach. slowest_ms: longest time that an answer took.
    """

    path: tuple[str, ...]
    left_at: str
    turns: int
    keyed: int
    silences: int
    wrong_keys: int
    asked_person: bool
    faults: int
    slowest_ms: int


def digest(visits: Sequence[Visit]) -> CallFacts:
    """Digest a call that is over. visits: its turns, in order."""
    first = [visit.outcome.partition(" ")[0] for visit in visits]
    last = visits[-1] if visits else None
    return CallFacts(
        path=tuple(flow for flow, _ in groupby(visit.flow for visit in visits)),
        left_at=f"{last.flow}.{last.node}" if last and last.outcome == HUNG_UP else "",
        turns=len(visits),
        keyed=sum(visit.kind in _KEYED and bool(visit.input) for visit in visits),
        silences=first.count(NO_INPUT),
        wrong_keys=first.count(NO_MATCH),
        asked_person=_PERSON_KEY in first,
        faults=sum(_labels(visit).count(UNAVAILABLE) for visit in visits),
        slowest_ms=max((visit.ms for visit in visits), default=0),
    )


def _labels(visit: Visit) -> list[str]:
    """Take the labels out of an outcome: what the caller did, then `node: label` for each step that followed."""
    return [step.rpartition(": ")[2] for step in visit.outcome.split(" > ")]
