"""A call that goes on while another version of the line is installed: it goes on, or its flow begins again, politely.

Two versions of a small line, before one call log, as they stand side by side in a rolling deploy.
"""

from copy import copy
from dataclasses import replace
from enum import Enum, auto

import pytest
from sqlalchemy import update

from ivr.call import Call, DialEnded, DialStatus, Disposition, Keys, Position, Proof, Recorded, Waited, WaitEnd
from ivr.db.call_statements import CALLS
from ivr.db.history import show_call
from ivr.edges import takes
from ivr.engine import Engine
from ivr.flow import Ask, Do, Flow, Hangup, Hold, Menu, Option, Record, Resume, Say, Transfer
from ivr.line import Line
from ivr.turn import Tries

CALL = Call("CA1", "+14155550199", "+18005550100")
SORRY, LOST = "Sorry, that took a moment.", "I lost my place."
MENU, NODE = Position("main", "menu"), Position("bill", "menu")


class Looked(Enum):
    FOUND = auto()


def look(call, _services):
    """What the new version looks up, and the old one does not."""
    return Looked.FOUND, call.knows(ends_on="2027-03-31")


def check(call, _services, _digits):
    return Looked.FOUND, call


PAID = Hangup("It is paid.", Disposition.RESOLVED)
CANCELLED = Hangup("It is cancelled.", Disposition.RESOLVED)
OLD_MENU = Menu("Your bill.", Option("1", "to pay it", to="paid"), Option("2", "to cancel it", to="cancelled"))
PIN = Ask(text="Your PIN, please.", digits=6, check=check, on={Looked.FOUND: "verified"}, help="Secret.", secret=True)


def line(*, needs=Proof.NONE, start=None, **nodes):
    """A line whose flow `bill` has these nodes: what a version of it is."""
    bill = {"menu": OLD_MENU, "paid": PAID, "cancelled": CANCELLED, **nodes}
    if start:
        bill = {start: bill.pop(start), **bill}
    return Line(
        {
            "welcome": Flow("Hello", hello=Say("Welcome.", to="main")),
            "main": Flow("Main", menu=Menu("Main menu.", Option("1", "about a bill", to="bill"))),
            "verify": Flow("Check", pin=PIN, verified=Resume(grants=Proof.PIN)),
            "support": Flow("People", bye=Hangup("Goodbye.", Disposition.INFORMED)),
            "bill": Flow("Bill", needs=needs, **{name: node for name, node in bill.items() if node}),
        }
    )


OLD = line()


@pytest.fixture
def version(demo):
    """The line as one version of it answers webhooks."""
    talk = demo.conversation
    return lambda of: replace(talk, engine=Engine(of, talk.engine.services))


@pytest.fixture
def begun(version):
    """A call that waits in the flow `bill`, in some version; returns what was heard."""

    def begin(of=OLD):
        version(of).incoming(CALL)
        return version(of).turn(CALL, 1, MENU, Tries(), Keys("1"))

    return begin


SAME = Menu("Here is your bill.", *OLD_MENU.options)


@pytest.mark.parametrize(
    "new",
    [line(menu=SAME), line(paid=replace(PAID, text="Thank you, it is paid.")), line(more=Say("New.", to="paid"))],
    ids=["other words", "another end", "a node more"],
)
def test_a_call_goes_on_where_keys_mean_what_they_meant(begun, version, new):
    begun()
    answer = version(new).turn(CALL, 2, NODE, Tries(), Keys("1"))
    assert "it is paid" in answer.lower()
    assert SORRY not in answer


@pytest.mark.parametrize(
    "new",
    [
        line(menu=None, choose=SAME, start="choose"),
        line(menu=replace(PIN, on={Looked.FOUND: "paid"})),
        line(menu=CANCELLED),
        line(menu=Menu("Your bill.", Option("1", "to cancel it", to="cancelled"), Option("2", "to pay", to="paid"))),
        line(menu=Menu("Your bill.", Option("2", "to cancel it", to="cancelled"))),
    ],
    ids=["gone", "a question now", "an end now", "options moved", "an option gone"],
)
def test_a_flow_begins_again_with_one_sentence_where_they_do_not(begun, version, new, demo):
    """A key that was pressed at the old menu does nothing else in the new one. The greeting is not said again."""
    begun()
    answer = version(new).turn(CALL, 2, NODE, Tries(), Keys("1"))
    assert answer.count(SORRY) == 1
    assert "Welcome" not in answer
    assert demo.calls.load("CA1").waiting.flow == "bill"
    assert "It is paid" not in answer


def test_a_flow_that_is_gone_leads_to_the_main_menu(begun, version):
    begun()
    new = replace(OLD, flows={name: flow for name, flow in OLD.flows.items() if name != "bill"})
    main = replace(
        new, flows={**new.flows, "main": Flow("Main", menu=Menu("Main menu.", Option("1", "x", to="support")))}
    )
    answer = version(main).turn(CALL, 2, NODE, Tries(), Keys("1"))
    assert LOST in answer
    assert "Main menu." in answer


def test_a_proof_that_is_needed_anew_is_asked_for_and_the_caller_comes_back(begun, version):
    begun()
    guarded = version(line(needs=Proof.PIN))
    asked = guarded.turn(CALL, 2, NODE, Tries(), Keys("1"))
    assert SORRY in asked
    assert "Your PIN, please." in asked
    assert "Your bill." in guarded.turn(CALL, 3, Position("verify", "pin"), Tries(), Keys("204816"))


def test_a_pin_that_was_typed_for_the_old_question_is_dots_whatever_waits_there_now(begun, version, demo):
    old = line(menu=replace(PIN, on={Looked.FOUND: "paid"}))
    begun(old)
    new = line(menu=replace(PIN, secret=False, on={Looked.FOUND: "paid"}))
    version(new).turn(CALL, 2, NODE, Tries(), Keys("918273"))
    turns = show_call(demo.database, "CA1")["turns"]
    assert next(turn["input"] for turn in turns if turn["flow"] == "bill") == "•" * 6


def test_what_the_old_version_never_looked_up_is_looked_up_from_the_start(begun, version):
    begun()
    dated = replace(PAID, text="It is paid until {ends_on:date}.")
    new = line(first=Do(look, on={Looked.FOUND: "menu"}), paid=dated, start="first")
    again = version(new).turn(CALL, 2, NODE, Tries(), Keys("1"))
    assert SORRY in again
    assert "March thirty-first" in version(new).turn(CALL, 3, NODE, Tries(), Keys("1"))


RING = Transfer(text="Hold on.", number="support", ended="paid", unanswered="cancelled", failed="cancelled")
STAY = Hold("Please wait.", ended="paid", expired="cancelled")
TELL = Record(text="Your message, please.", to="paid", full="paid", give_up="cancelled")


@pytest.mark.parametrize(
    ("heard", "served"),
    [
        (DialEnded(DialStatus.COMPLETED), True),
        (DialEnded(DialStatus.BUSY), False),
        (Waited(WaitEnd.SERVED), True),
        (Waited(WaitEnd.EXPIRED), False),
        (Recorded("RE1", 9), False),
    ],
)
def test_who_comes_back_from_a_person_or_the_tone_is_not_sent_there_again(begun, version, demo, heard, served):
    begun()
    answer = version(OLD).turn(CALL, 2, NODE, Tries(), heard)
    assert (LOST in answer, SORRY in answer) == (served, not served)
    reached = demo.calls.load("CA1").call.disposition
    assert reached is (Disposition.TRANSFERRED if served else None)


@pytest.mark.parametrize("node", [RING, STAY, TELL], ids=["rings", "waits", "records"])
def test_other_words_around_a_person_or_the_tone_are_no_other_wait(node):
    other = copy(node)
    object.__setattr__(other, "text", "Other words.")
    assert takes(node) == takes(other)


def test_somebody_whom_we_ring_hears_their_own_flow_again(version):
    new = replace(OLD, legs=("support",))
    agent = replace(CALL, leg="support", turn=1)
    assert version(new).engine.lost(agent).wait.at == Position("support", "bye")


# Rolling deploys: both versions answer webhooks of one call, and read what the other has written.


def test_a_webhook_that_is_repeated_to_the_other_version_gets_the_stored_answer(begun, version):
    first = begun()
    new = version(line(menu=CANCELLED))
    assert new.turn(CALL, 1, MENU, Tries(), Keys("1")) == first
    assert new.incoming(CALL) == first


def test_a_call_goes_to_the_new_version_and_back(begun, version):
    """The new one has moved an option: whoever answers next knows which menu was heard."""
    moved = Menu("Your bill.", Option("1", "to cancel it", to="cancelled"), Option("2", "to pay", to="paid"))
    new = version(line(menu=moved))
    begun()
    assert SORRY in new.turn(CALL, 2, NODE, Tries(), Keys("1"))
    assert SORRY in version(OLD).turn(CALL, 3, NODE, Tries(), Keys("1"))
    assert "It is paid." in version(OLD).turn(CALL, 4, NODE, Tries(), Keys("1"))


NEWER = {"language": "es", "proof": 7, "trail": [["main", "menu", "es"]], "recorded": ["RE1", 9, "loud"]}


@pytest.mark.parametrize("state", [NEWER, {"trail": [], "proof": 0}], ids=["newer", "older"])
def test_a_call_whose_state_another_version_has_written_goes_on(begun, version, demo, state):
    """A proof that is not known yet counts as the highest that is: it was more, and never less."""
    begun()
    visit = {"flow": "bill", "node": "menu", "kind": "menu", "prompts": [], "values": {}, "input": "", "outcome": ""}
    pending = {**visit, "ms": 0, "at": "2027-03-01T18:00:00+00:00", **({"mood": "calm"} if state is NEWER else {})}
    with demo.database.begin() as connection:
        connection.execute(update(CALLS).values(state=state, pending=pending))
    assert "It is paid." in version(OLD).turn(CALL, 2, NODE, Tries(), Keys("1"))
    known = demo.calls.load("CA1").call
    assert known.proof is (Proof.PIN if state is NEWER else Proof.NONE)
