"""Waits for somebody else than the caller's keys: being rung, waiting in line, and recording a message."""

from dataclasses import replace

import pytest
from small_line import AT, CALL, NUMBERS, Colleagues, engine_of, heard, said, walked

from ivr.call import DialEnded, DialStatus, Disposition, Position, Recorded, Waited, WaitEnd
from ivr.flow import RECORD_LEEWAY_S, Hangup, Hold, Meet, Option, Record, Through, Transfer
from ivr.turn import Bridge, Dial, End, Enqueue, Join, Recording, Tries

THERE, OTHER = Position("main", "there"), Position("main", "other")
TRIED = replace(CALL, rung=2, offer="OF1")  # the last number has been rung


def transfer(number="desk", colleagues=None, **changed):
    ways = {"ended": "there", "unanswered": "other", "failed": "support"}
    node = Transfer(**{"text": "One moment.", "number": number, "timeout_s": 9} | ways | changed)
    return engine_of(here=node, colleagues=colleagues)


def rung(engine, status, call=TRIED):
    return heard(engine, DialEnded(status), call=call)


# Ringing a department, one number after the other.


def test_a_department_is_rung_at_its_first_number_for_as_long_as_it_says_and_asked_whether_it_takes_the_call():
    turn = transfer().start(TRIED)
    assert turn.wait == Dial(AT, NUMBERS[0], 17, "OF1")
    assert said(turn) == ["main.here"]
    assert turn.call.rung == 0


def test_where_another_telephone_system_answers_nobody_is_asked():
    assert transfer(colleagues=Colleagues(accept=False)).start(TRIED).wait == Dial(AT, NUMBERS[0], 17, "")


def test_an_entry_of_the_directory_is_rung_for_as_long_as_the_node_says_and_not_asked():
    assert transfer(number="sales").start(TRIED).wait == Dial(AT, "+18886460014", 9, "")


@pytest.mark.parametrize("status", [DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED, DialStatus.CANCELED])
def test_whoever_does_not_answer_is_followed_by_the_next_number(status):
    call = CALL
    for number in NUMBERS[1:]:
        turn = rung(transfer(), status, call)
        assert turn.wait == Dial(AT, number, 17)
        assert said(turn) == ["common.next_number"]
        assert walked(turn) == [f"main.here[{status.value}, next number]"]
        call = turn.call
    last = rung(transfer(), status, call)
    assert walked(last) == [f"main.here[{status.value}]"]
    assert last.wait.at == (OTHER if status in {DialStatus.BUSY, DialStatus.NO_ANSWER} else Position("support", "menu"))


def test_whoever_took_the_call_has_it_and_is_remembered():
    turn = rung(transfer(), DialStatus.COMPLETED)
    assert (turn.wait.at, walked(turn)) == (THERE, ["main.here[completed]"])
    assert (turn.call.disposition, turn.call.transferred_to) == (Disposition.TRANSFERRED, NUMBERS[2])


def test_a_mailbox_that_answered_has_taken_nothing():
    nobody = Colleagues(taken=False)
    turn = rung(transfer(colleagues=nobody), DialStatus.COMPLETED)
    assert (turn.wait.at, walked(turn), turn.call.disposition) == (OTHER, ["main.here[no-answer]"], None)
    assert nobody.asked == [CALL.sid]


@pytest.mark.parametrize(
    ("team", "call"),
    [(Colleagues(taken=False, accept=False), TRIED), (Colleagues(taken=False), CALL)],
    ids=["another telephone system", "no offer was made"],
)
def test_where_nobody_was_asked_an_answer_is_an_answer(team, call):
    assert rung(transfer(colleagues=team), DialStatus.COMPLETED, call).wait.at == THERE
    assert team.asked == []


def test_a_call_that_failed_is_not_asked_about():
    team = Colleagues(taken=None)
    assert walked(rung(transfer(colleagues=team), DialStatus.BUSY)) == ["main.here[busy]"]
    assert team.asked == []


def test_where_it_cannot_be_found_out_whether_the_call_was_taken_the_caller_gets_a_menu():
    turn = rung(transfer(colleagues=Colleagues(taken=None)), DialStatus.COMPLETED)
    assert (turn.wait.at, walked(turn)) == (Position("support", "menu"), ["main.here[failed]"])


def test_a_file_of_departments_that_has_become_shorter_is_rung_at_its_last_number():
    turn = rung(transfer(colleagues=Colleagues(numbers=NUMBERS[:1])), DialStatus.COMPLETED)
    assert turn.call.transferred_to == NUMBERS[0]


# Waiting in line.

HOLD = Hold("Please hold.", Option("1", "to be rung", to="other"), ended="there", expired="support")


@pytest.mark.parametrize(
    ("waited", "place", "label"),
    [
        (Waited(WaitEnd.SERVED), "main.there", "served"),
        (Waited(WaitEnd.KEY, "1"), "main.other", "1"),
        (Waited(WaitEnd.KEY, "9"), "main.here", "9"),
        (Waited(WaitEnd.KEY, "8"), "support.menu", "expired"),
        (Waited(WaitEnd.EXPIRED, "1"), "support.menu", "expired"),
        (Waited(WaitEnd.EXPIRED), "support.menu", "expired"),
        (Waited(WaitEnd.FAILED), "support.menu", "failed"),
    ],
    ids=str,
)
def test_how_waiting_ended_is_an_edge_of_its_own(waited, place, label):
    turn = heard(engine_of(here=HOLD), waited)
    assert (str(turn.wait.at), walked(turn)) == (place, [f"main.here[{label}]"])
    served = Disposition.TRANSFERRED if waited.end is WaitEnd.SERVED else None
    assert turn.call.disposition is served


# Messages.


def recorded(what):
    tone = Record(text="Speak.", to="there", full="other", give_up="support", limit_s=60)
    return heard(engine_of(here=tone), what)


@pytest.mark.parametrize(
    ("what", "place", "label"),
    [
        (Recorded("RE1", 1), "main.there", "recorded"),
        (Recorded("RE1", 60 - RECORD_LEEWAY_S - 1), "main.there", "recorded"),
        (Recorded("RE1", 60 - RECORD_LEEWAY_S), "main.other", "full"),
        (Recorded("RE1", 60), "main.other", "full"),
        (Recorded("RE1", 0), "main.here", "no-input 1"),
        (Recorded("", 60), "main.here", "no-input 1"),
    ],
    ids=str,
)
def test_a_recording_is_a_message_a_message_cut_off_or_next_to_nothing(what, place, label):
    turn = recorded(what)
    assert (str(turn.wait.at), walked(turn)) == (place, [f"main.here[{label}]"])
    assert turn.call.recorded == (Recorded() if label == "no-input 1" else what)


def test_a_message_is_recorded_as_the_node_says():
    node = Record(text="Speak.", to="there", full="other", give_up="other", limit_s=60, silence_s=4, finish="1")
    turn = engine_of(here=node).start(CALL)
    assert turn.wait == Recording(AT, Tries(), 60, 4, "1")
    assert said(turn) == ["main.here"]


# What the carrier does by itself, once this has been said.


@pytest.mark.parametrize(
    ("node", "wait", "disposition"),
    [
        (HOLD, Enqueue(AT), None),
        (Meet("Go ahead.", to="there"), Join(AT, "CA2", "OF1", "+12125550009"), None),
        (Through(), Bridge(AT), Disposition.TRANSFERRED),
        (Hangup("Goodbye.", Disposition.INFORMED), End(AT), Disposition.INFORMED),
    ],
)
def test_what_comes_is_said_and_then_the_carrier_does_it(node, wait, disposition):
    call = replace(CALL, meets="CA2", offer="OF1", shown="+12125550009")
    turn = engine_of(here=node).start(call)
    assert (turn.wait, turn.call.disposition) == (wait, disposition)
    assert said(turn) == ([] if isinstance(node, Through) else ["main.here"])
