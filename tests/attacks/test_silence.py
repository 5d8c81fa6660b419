"""Never silent: every wait, whatever is broken, and what the caller hears. No cell is blank."""

import random
import time
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from never_silent import WAITS
from once import application
from puppets import WORDS
from silences import APOLOGY, HANG_UP, KINDS, Plagued, Row, judge, kind, rows
from tables import show

from ivr import flows
from ivr.audio.store import Built, ClipStore
from ivr.clip import HOLD_SOUND
from ivr.flow import Ask, Do
from ivr.prompts import prompts
from ivr.speech import Speech

LINE = flows.line()
WHOLE = ("bug: in every action", "flows: its node is gone", "flows: its flow is gone")
ACTIONS = [at for at, node in LINE.nodes() if isinstance(node, Do | Ask)]
A_CALL_COMES_IN = Row("a call comes in", "/voice", {})


@pytest.fixture
def bench(settings, clock, tmp_path):
    object.__setattr__(settings, "prompt_mode", "play")
    object.__setattr__(settings, "prompts_dir", tmp_path / "prompts")
    store = ClipStore(settings.clips_dir)
    built = {}
    for n, clip in enumerate((*Speech(WORDS).catalogue(prompts(LINE)), HOLD_SOUND)):
        built[clip.id] = Built(clip.text, 1.0, "rendered", "test", f"{n:016x}/{clip.id}.wav")
        file = store.folder / built[clip.id].path
        file.parent.mkdir(parents=True)
        file.write_bytes(b"RIFF")
    store.keep(built)
    app = application(settings, clock)
    yield Plagued(app)
    app.extensions["answerline"].database.dispose()


def cells(bench, chosen):
    """Yield each fault, each webhook, what is heard, and the seconds of the processor that it took."""
    for fault in bench.faults:
        with bench.standing(fault):
            for row in chosen(fault):
                began = time.thread_time()
                yield fault, row, bench.hears(fault, row), time.thread_time() - began


def actions_in_turn(bench, actions):
    """Yield what is heard where one action alone has a bug, and a call comes to it."""
    for at in actions:
        row = Row(str(at), "/voice", {"Direction": "outbound-api"} if at.flow in LINE.legs else {})
        if isinstance(LINE.node(at), Ask):  # it is not before something is keyed in that it acts
            row = replace(row, form={"Digits": "3" * LINE.node(at).least}, at=at)
        with bench.on(bench.buggy(at)), bench.starting_at(at), bench.standing("REST: away"):
            yield at, bench.hears("REST: away", row)


def is_well(bench):
    return bench.hears("REST: away", A_CALL_COMES_IN)


def test_a_sample_of_waits_is_answered_whatever_is_broken(bench):
    some = [
        next(at for at in WAITS if isinstance(LINE.node(at), kind)) for kind in {type(LINE.node(at)) for at in WAITS}
    ]
    wrong = [judge(bench, *cell[:3]) for cell in cells(bench, lambda _fault: rows(1, random.sample(some, 2), LINE))]
    assert [what for what in wrong if what] == []
    assert bench.sockets == 0
    assert is_well(bench) == "main.menu", "once all of it is over"


def test_a_sample_of_actions_may_have_bugs(bench):
    for at, said in actions_in_turn(bench, random.sample(ACTIONS, 3)):
        assert said == (HANG_UP if at.flow in LINE.legs else APOLOGY), at


@pytest.mark.attack
def test_every_wait_is_answered_whatever_is_broken(bench):
    counted, longest, wrong = defaultdict(Counter), Counter(), []
    matrix = defaultdict(lambda: defaultdict(set))
    for fault, row, said, took_s in cells(bench, lambda fault: rows(None if fault in WHOLE else 3, WAITS, LINE)):
        wrong.append(judge(bench, fault, row, said))
        counted[fault][kind(said) if said else "silent"] += 1
        longest[fault] = max(longest[fault], took_s)
        matrix[row.label][fault].add(kind(said) if said else "silent")
    faults = list(bench.faults)
    summary = [
        (
            n,
            fault,
            *(counted[fault][each] or "-" for each in KINDS),
            counted[fault]["silent"],
            f"{longest[fault]:.2f} s",
        )
        for n, fault in enumerate(faults, start=1)
    ]
    heads = ("", "fault", *KINDS, "silent", "longest (processor)")
    show("5. What is heard at every wait, by fault", heads, summary)
    letters = dict(zip((*KINDS, "silent"), "+RPQGg!", strict=True))
    numbered = [str(n) for n in range(1, len(faults) + 1)]
    shown = [
        (label, *("".join(sorted(letters[k] for k in of[fault])) for fault in faults)) for label, of in matrix.items()
    ]
    show(f"5. The same by wait: {', '.join(f'{v} {k}' for k, v in letters.items())}", ("wait", *numbered), shown)
    heard = [(str(at), said) for at, said in actions_in_turn(bench, ACTIONS)]
    show("5. A bug in one action, each in turn", ("action", "heard"), heard)
    assert [what for what in wrong if what] == []
    assert all(cell for line in shown for cell in line)
    assert {said for _, said in heard} <= {APOLOGY, HANG_UP}
    assert bench.sockets == 0
    assert is_well(bench) == "main.menu"
