"""The other ways into the flows than a call to the line: somebody is rung, or what a caller was at is gone."""

import pytest
from puppets import DIRECTORY, puppet_line

from ivr.call import Call, DialEnded, DialStatus, Disposition, Keys, Position, Waited, WaitEnd
from ivr.engine import Engine
from ivr.services import Services
from ivr.turn import Tries

CALL = Call("CA1", "+14155550123", "+18005550100", turn=6, department="support")
ENGINE = Engine(puppet_line(lambda _, outcomes: outcomes[0]), Services(None, None, None, DIRECTORY))
MAIN, HOLD, RING = Position("main", "menu"), Position("support", "hold"), Position("support", "ring")
OVER = {"hold": Waited(WaitEnd.SERVED), "transfer": DialEnded(DialStatus.COMPLETED)}


def said(turn):
    return [prompt.id for prompt in turn.spoken]


def test_whoever_is_rung_hears_the_flow_that_they_are_rung_for():
    turn = ENGINE.ring(CALL, "agent")
    assert turn.wait.at == Position("agent", "ask")
    assert (turn.call.sid, turn.call.turn) == ("CA1", 7)


def test_a_caller_without_accounts_hears_so_first_and_then_the_main_menu():
    turn = ENGINE.without_accounts(CALL)
    assert said(turn)[:2] == ["common.no_accounts", "main.menu.1"]
    assert (turn.wait.at, turn.call.sid) == (MAIN, "CA1")


def test_a_person_is_found_for_a_call_that_asks_for_nothing_else():
    turn = ENGINE.person(CALL)
    assert (turn.wait.at, turn.call.sid) == (RING, "CA1")


def test_whoever_is_lost_is_told_so_and_starts_again_in_the_flow_that_is_theirs():
    """A caller at the main menu; somebody whom we ring where their own flow begins, unless that is gone."""
    assert said(ENGINE.lost(CALL))[0] == "common.lost"
    assert ENGINE.lost(CALL).wait.at == MAIN
    assert ENGINE.lost(Call("CA1", "", "", leg="called_back")).wait.at.flow == "called_back"
    assert ENGINE.lost(Call("CA1", "", "", leg="gone")).wait.at == MAIN


@pytest.mark.parametrize("heard", OVER.values(), ids=OVER)
@pytest.mark.parametrize("at", [MAIN, Position("gone", "gone"), Position("cancel_trial", "confirm")], ids=str)
def test_whoever_has_talked_to_a_person_meanwhile_is_not_sent_to_one_again(at, heard):
    """A deploy has put something else where the call was; that it was served stays true, and is noted."""
    turn = ENGINE.answer(CALL, at, Tries(), heard)
    assert said(turn)[0] == "common.lost"
    assert turn.wait.at == MAIN
    assert turn.call.disposition is Disposition.TRANSFERRED


@pytest.mark.parametrize("heard", [DialEnded(DialStatus.FAILED), Waited(WaitEnd.EXPIRED), Keys("1")], ids=str)
def test_whoever_has_not_begins_the_flow_again(heard):
    turn = ENGINE.answer(CALL, Position("audio", "gone"), Tries(), heard)
    assert said(turn)[0] == "common.moved"
    assert turn.wait.at == Position("audio", "menu")
    assert turn.call.disposition is not Disposition.TRANSFERRED


# What was heard fits the node that it was heard at, or the flow begins again: a stale address, or a retried webhook.
@pytest.mark.parametrize(
    ("at", "heard", "to"),
    [
        ("main.menu", DialEnded(DialStatus.BUSY), "main.menu"),
        ("verify.pin", Waited(WaitEnd.EXPIRED), "verify.offer"),
        ("support.ring", Keys("1"), "support.ring"),
        ("support.hold", Keys("1"), "support.ring"),
        ("voicemail.message", DialEnded(DialStatus.BUSY), "voicemail.message"),
        ("agent.meet", Keys("1"), "agent.ask"),
    ],
)
def test_what_cannot_have_been_heard_at_a_node_begins_its_flow_again(at, heard, to):
    turn = ENGINE.answer(CALL, Position(*at.split(".")), Tries(), heard)
    assert said(turn)[0] == "common.moved"
    assert str(turn.wait.at) == to


def test_a_conversation_that_is_over_goes_on_whatever_came_of_it():
    for status in DialStatus:
        turn = ENGINE.answer(CALL, Position("agent", "meet"), Tries(), DialEnded(status))
        assert turn.wait.at == Position("agent", "goodbye")
        assert [(str(step.at), step.label) for step in turn.path][:1] == [("agent.meet", "over")]
