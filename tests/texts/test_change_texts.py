"""An account change and the text about it: both or neither, once, and to the telephone on file only."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from databases import TODAY, add_account
from texted import ANN

from ivr import gsm
from ivr.accounts import Account, Change, ChangeKind, Plan, Refusal
from ivr.announced_accounts import AnnouncedAccounts
from ivr.db.accounts import SqlAccounts
from ivr.memory_accounts import MemoryAccounts
from ivr.service_errors import ServiceError
from ivr.text import StopSource, Texting
from ivr.texts.desk import TextDesk
from ivr.written import PLACES_MAX, ChangeText

CANCEL, UNDO = ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL
WORDS = {"company": "Acme", "support_number": "+1 800-263-6317"}


@pytest.fixture
def desk(outbox):
    return TextDesk(outbox, WORDS)


@pytest.fixture
def accounts(engine, hasher, clock, desk):
    return SqlAccounts(engine, hasher, clock, desk.write_change)


@pytest.fixture
def change(accounts):
    return lambda of, kind=CANCEL, key="CA1/5": accounts.change(of, kind, "CA1", key, TODAY)


def test_the_phone_on_file_is_told_with_the_code_and_how_to_undo(change, ann, kept):
    done = change(ann)
    (text,) = kept()
    assert (text["to"], text["purpose"], text["call_sid"]) == (ANN, "change", "CA1")
    assert text["body"] == (
        "Acme: Your free trial is cancelled; it ends March 17, 2027, and nothing will be charged. To take this back, "
        f"call us until March 17, 2027. Account ending in 11, code {done.code}. Not you? +1 800-263-6317. "
        "Reply STOP to end"
    )


def test_a_repeated_webhook_writes_one_text(change, ann, kept):
    assert change(ann) == change(ann)
    assert len(kept()) == 1
    change(ann, UNDO, "CA1/7")
    change(ann, CANCEL, "CA1/9")
    assert len(kept()) == 3


def test_the_same_webhook_twice_at_once_writes_one_text(change, ann, kept):
    with ThreadPoolExecutor(6) as pool:
        codes = {done.code for done in pool.map(lambda _: change(ann), range(6))}
    assert len(codes) == 1
    assert len(kept()) == 1


def test_a_refused_change_writes_none(change, ann, kept):
    assert change(ann, UNDO) is Refusal.NOTHING_TO_UNDO
    assert kept() == []


def test_a_change_that_is_rolled_back_leaves_no_text(accounts, monkeypatch, desk, ann, kept):
    """The text is written, and then the transaction fails."""

    def fails(session, account, change):
        desk.write_change(session, account, change)
        session.flush()
        raise ServiceError("the database does not answer")

    monkeypatch.setattr(accounts, "_told", fails)
    with pytest.raises(ServiceError):
        accounts.change(ann, CANCEL, "CA1", "CA1/5", TODAY)
    assert kept() == []
    assert not accounts.get(ann).cancels_at_trial_end


@pytest.mark.parametrize("phone", [None, "+18002255288", "+447400123456"])
def test_a_phone_that_cannot_be_texted_keeps_no_change_from_being_made(engine, hasher, change, kept, phone):
    account = add_account(engine, hasher, phone=phone)
    assert isinstance(change(account), Change)
    assert kept() == []


def test_stop_is_respected_and_the_change_is_made(change, ann, kept, outbox):
    outbox.stop(ANN, StopSource.REPLY)
    assert isinstance(change(ann), Change)
    assert kept() == []


def test_ten_a_day_and_the_eleventh_change_is_made_all_the_same(change, ann, kept, outbox):
    for number in range(12):
        assert isinstance(change(ann, UNDO if number % 2 else CANCEL, f"CA1/{number}"), Change)
    assert len(kept()) == 10
    assert outbox.possible(ANN) is Texting.POSSIBLE, "answers are counted apart"


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_change_fits_in_two_parts_and_shows_two_digits(clock, kind):
    trial = kind in {CANCEL, UNDO}
    account = Account("1", "70000046", "Ann", Plan.TRIAL if trial else Plan.ANNUAL, phone=ANN)
    account = replace(account, trial_ends_on=date(2027, 9, 30), paid_through=date(2027, 9, 30))
    words = {**WORDS, "company": "GoToMeeting"}
    text = ChangeText(words).of(account, Change("482913", kind, clock.now(), "CA1", "CA1/5"))
    assert gsm.length(text.body) <= PLACES_MAX
    assert gsm.foreign(text.body) == ""
    assert "482913" in text.body
    assert "September 30, 2027" in text.body
    assert "ending in 46" in text.body
    assert "046" not in text.body
    assert text.body.endswith("Reply STOP to end")


class TestAnotherAccountSystem:
    """Its changes are not made in our transaction: the text is written right after, by the same key."""

    @pytest.fixture
    def elsewhere(self):
        trial = Account("a1", "88000010", "Ann", Plan.TRIAL, trial_ends_on=TODAY, phone=ANN)
        return MemoryAccounts([(trial, "482913")])

    def test_a_change_is_told_of_once(self, elsewhere, desk, kept):
        accounts = AnnouncedAccounts(elsewhere, desk.put_change)
        for _ in range(2):
            assert isinstance(accounts.change("a1", CANCEL, "CA1", "CA1/5", TODAY), Change)
        assert [text["to"] for text in kept()] == [ANN]
        assert isinstance(accounts.change("a1", CANCEL, "CA1", "CA1/6", TODAY), Refusal)
        assert len(kept()) == 1

    def test_a_text_that_cannot_be_written_is_one_line_in_the_log_and_is_made_good_by_a_repeat(
        self, elsewhere, desk, kept, caplog
    ):
        def fails(*_):
            raise ServiceError("the database does not answer")

        assert isinstance(AnnouncedAccounts(elsewhere, fails).change("a1", CANCEL, "CA1", "CA1/5", TODAY), Change)
        assert "a change was made, and nobody is told by text or event" in caplog.text
        AnnouncedAccounts(elsewhere, desk.put_change).change("a1", CANCEL, "CA1", "CA1/5", TODAY)
        assert len(kept()) == 1

    def test_without_a_phone_on_file_nobody_is_told(self, elsewhere, desk, kept):
        elsewhere._accounts["a1"] = replace(elsewhere.get("a1"), phone="")
        AnnouncedAccounts(elsewhere, desk.put_change).change("a1", CANCEL, "CA1", "CA1/5", TODAY)
        assert kept() == []
