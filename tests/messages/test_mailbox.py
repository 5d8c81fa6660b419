"""What the carrier tells of a message comes in any order, late, twice, or never: the outcome is the same."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from ivr.call import Call, Disposition, Position, Recorded
from ivr.call_log import Progress, Visit
from ivr.db.calls import SqlCallLog
from ivr.db.history import list_voicemails, show_call
from ivr.messages import Message, NoMailbox
from ivr.service_errors import ServiceError

SID = "CA" + "0" * 32
ONE, OTHER = "RE" + "1" * 32, "RE" + "2" * 32
CALL = Call(SID, "+14155550123", "+18005550100", department="sales", trail=(Position("main", "menu"),))
PROVED = replace(CALL, account_id="7", account_number="70000011")


def message(sid=ONE, seconds=5, call=CALL):
    return Message.of(call, Recorded(sid, seconds))


@pytest.fixture
def log(engine):
    return SqlCallLog(engine)


@pytest.fixture
def kept(engine):
    def look():
        return {
            m["recording_sid"]: (m["state"], m["department"], m["topic"], m["from"], m["seconds"])
            for m in list_voicemails(engine, discarded=True)
        }

    return look


def under_way(log, clock, call=CALL):
    visit = Visit(clock.now(), "voicemail", "message", "record", (), {})
    log.save(Progress(replace(call, turn=call.turn + 1), visit, "<Response/>"), None)


def test_a_message_says_what_who_calls_back_should_know(mailbox, engine, clock):
    mailbox.keep(message(call=PROVED))
    (told,) = list_voicemails(engine)
    assert told["account_number"] == "70000011"
    assert told["kept_until"] == (clock.now() + timedelta(days=90)).isoformat().replace("+00:00", "Z")


def test_an_account_that_was_let_go_is_not_told(mailbox, engine):
    mailbox.keep(message(call=replace(PROVED, account_id=None)))
    assert list_voicemails(engine)[0]["account_number"] is None


@pytest.mark.parametrize("order", sorted(set(permutations(["caller", "report"] * 2))))
def test_the_order_in_which_a_message_is_told_of_does_not_matter(mailbox, log, clock, kept, order):
    """Only sending comes after keeping: the caller does both."""
    under_way(log, clock)
    acts = {
        "keep": lambda: mailbox.keep(message()),
        "report": lambda: mailbox.reported(SID, Recorded(ONE, 5), "completed"),
        "send": lambda: mailbox.send(ONE),
    }
    caller = iter(["keep", "send"])
    for act in order:
        acts[act if act == "report" else next(caller)]()
    assert kept() == {ONE: ("sent", "sales", "main", "+14155550123", 5)}


def test_a_message_that_only_the_carrier_tells_of_is_kept_with_what_the_call_log_knows(mailbox, log, clock, kept):
    under_way(log, clock)
    mailbox.reported(SID, Recorded(ONE, 5), "completed")
    assert kept() == {ONE: ("recorded", "sales", "main", "+14155550123", 5)}


def test_one_of_a_call_that_nobody_knows_is_kept_too(mailbox, kept):
    mailbox.reported("CA9", Recorded(ONE, 5), "completed")
    assert kept() == {ONE: ("recorded", "", "", "", 5)}


@pytest.mark.parametrize("reported_first", [True, False])
def test_what_is_recorded_again_takes_the_place_of_what_was(mailbox, kept, reported_first):
    mailbox.keep(message())
    if reported_first:
        mailbox.reported(SID, Recorded(OTHER, 9), "completed")
    mailbox.keep(message(OTHER, 9), instead_of=ONE)
    mailbox.reported(SID, Recorded(ONE, 5), "completed")
    mailbox.reported(SID, Recorded(OTHER, 9), "completed")
    assert (kept()[ONE][0], kept()[OTHER][0]) == ("discarded", "recorded")


def test_what_was_sent_is_neither_replaced_nor_deleted(mailbox, kept):
    mailbox.keep(message())
    mailbox.send(ONE)
    mailbox.discard(ONE)
    mailbox.keep(message(OTHER), instead_of=ONE)
    assert (kept()[ONE][0], kept()[OTHER][0]) == ("sent", "recorded")


def test_what_was_deleted_stays_deleted(mailbox, kept):
    mailbox.keep(message())
    mailbox.discard(ONE)
    mailbox.send(ONE)
    mailbox.reported(SID, Recorded(ONE, 5), "completed")
    assert kept()[ONE][0] == "discarded"


def test_a_recording_of_nothing_is_no_message(mailbox, kept):
    mailbox.reported(SID, Recorded(ONE, 0), "completed")
    assert kept()[ONE][0] == "discarded", "so that it is deleted at the carrier"
    mailbox.reported(SID, Recorded(OTHER, 0), "absent")
    assert OTHER not in kept()


def test_a_message_that_the_carrier_lost_is_not_passed_over_in_silence(mailbox, engine):
    mailbox.keep(message())
    mailbox.reported(SID, Recorded(ONE, 0), "failed")
    assert list_voicemails(engine)[0]["error"] == "the carrier has no recording"


class TestDisposition:
    """A caller who hung up with a message recorded has left one, whenever we hear of it."""

    @pytest.mark.parametrize("order", list(permutations(["keep", "ended", "report"])))
    def test_it_is_voicemail_in_any_order(self, mailbox, log, clock, engine, order):
        under_way(log, clock, replace(CALL, disposition=Disposition.INFORMED))
        acts = {
            "keep": lambda: mailbox.keep(message()),
            "report": lambda: mailbox.reported(SID, Recorded(ONE, 5), "completed"),
            "ended": lambda: log.ended(CALL, "completed", 60, clock.now()),
        }
        for act in order:
            acts[act]()
        assert show_call(engine, SID)["disposition"] == "voicemail"

    def test_a_turn_that_is_written_after_the_end_does_not_take_it_back(self, mailbox, log, clock, engine):
        call = replace(CALL, disposition=Disposition.INFORMED)
        under_way(log, clock, call)
        log.ended(CALL, "completed", 60, clock.now())
        mailbox.keep(message())
        visit = Visit(clock.now(), "voicemail", "review", "menu", (), {})
        log.save(Progress(replace(call, turn=2), visit, "<Response/>"), replace(visit, node="message", kind="record"))
        assert show_call(engine, SID)["disposition"] == "voicemail"

    def test_a_deleted_message_is_none(self, mailbox, log, clock, engine):
        under_way(log, clock)
        mailbox.keep(message())
        mailbox.discard(ONE)
        log.ended(CALL, "completed", 60, clock.now())
        assert show_call(engine, SID)["disposition"] == "abandoned"

    def test_a_person_counts_more(self, mailbox, log, clock, engine):
        under_way(log, clock, replace(CALL, disposition=Disposition.TRANSFERRED))
        mailbox.keep(message())
        log.ended(CALL, "completed", 60, clock.now())
        assert show_call(engine, SID)["disposition"] == "transferred"


def test_what_a_carrier_sends_is_stored_as_text(mailbox, engine):
    mailbox.keep(message(call=replace(CALL, caller="\0☎", sid="CA\0")))
    assert list_voicemails(engine)[0]["from"] == "\N{REPLACEMENT CHARACTER}☎"


def test_a_line_without_a_mailbox_says_so_instead_of_losing_messages():
    for act in (lambda: NoMailbox().keep(message()), lambda: NoMailbox().send(ONE), lambda: NoMailbox().discard(ONE)):
        with pytest.raises(ServiceError, match="no mailbox"):
            act()
