"""What may be written into the outbox: once, not too often, and nothing after STOP; with two calls at once, too."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from texted import ANN

from ivr.db.database import writing
from ivr.text import Purpose, StopSource, Text, Texting

MORE = Purpose.CHANGE


def test_a_text_is_written_once_whatever_is_repeated(put, kept):
    assert [put(), put()] == [Texting.POSSIBLE, Texting.POSSIBLE]
    (text,) = kept()
    assert (text["to"], text["state"], text["attempts"]) == (ANN, "waiting", 0)


def test_the_same_key_at_once_is_one_text(put, kept):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: put(), range(8)))
    assert set(answers) == {Texting.POSSIBLE}
    assert len(kept()) == 1


@pytest.mark.parametrize(("purpose", "cap"), [(Purpose.ANSWER, 3), (Purpose.CHANGE, 10)])
def test_a_number_gets_so_many_in_24_hours_and_no_more(put, outbox, clock, purpose, cap):
    for number in range(cap):
        assert put(f"CA{number}/x", purpose=purpose) is Texting.POSSIBLE
        clock.passes(hours=1)
    assert put("CAx/x", purpose=purpose) is Texting.ENOUGH
    assert outbox.possible(ANN) is (Texting.ENOUGH if purpose is Purpose.ANSWER else Texting.POSSIBLE)
    assert put("CAy/x", to="+14155550112", purpose=purpose) is Texting.POSSIBLE, "others have a count of their own"
    clock.passes(hours=24 - cap, seconds=-1)
    assert put("CAx/x", purpose=purpose) is Texting.ENOUGH
    clock.passes(seconds=1)
    assert put("CAx/x", purpose=purpose) is Texting.POSSIBLE, "the first is 24 hours old"
    assert put("CAz/x", purpose=purpose) is Texting.ENOUGH


def test_changes_and_answers_are_counted_apart(put):
    for number in range(10):
        put(f"change/{number}", purpose=Purpose.CHANGE)
    assert put("CA1/x") is Texting.POSSIBLE


def test_one_that_was_written_already_is_not_refused_when_the_day_is_full(put):
    for number in range(3):
        put(f"CA{number}/x")
    assert put("CA0/x") is Texting.POSSIBLE


def test_calls_at_the_same_moment_share_the_cap(put, kept):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: put(f"CA{number}/x"), range(12)))
    assert answers.count(Texting.POSSIBLE) == 3
    assert answers.count(Texting.ENOUGH) == 9
    assert len(kept()) == 3


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("anonymous", Texting.WITHHELD),
        ("", Texting.WITHHELD),
        ("+266696687", Texting.WITHHELD),
        ("client:ann", Texting.WITHHELD),
        ("+447400123456", Texting.ABROAD),
        ("+18765551234", Texting.ABROAD),  # Jamaica has the same country code
        ("+18002255288", Texting.LANDLINE),
        ("+16135550123", Texting.POSSIBLE),
    ],
)
def test_numbers_that_can_be_texted_and_others(put, outbox, kept, number, why):
    assert outbox.possible(number) is why
    assert put(to=number) is why
    assert len(kept()) == (why is Texting.POSSIBLE)


class TestStop:
    def test_after_it_nothing_is_written(self, outbox, put, kept):
        outbox.stop(ANN, StopSource.REPLY)
        outbox.stop(ANN, StopSource.CARRIER)
        assert outbox.possible(ANN) is Texting.STOPPED
        assert put() is Texting.STOPPED
        assert put("change/1", purpose=MORE) is Texting.STOPPED
        assert kept() == []

    def test_what_was_waiting_is_suppressed_and_what_was_sent_is_not(self, outbox, put, kept, worker, far):
        put("CA1/x")
        worker.run()
        put("CA2/x")
        put("CA3/x", to="+14155550112")
        outbox.stop(ANN, StopSource.REPLY)
        assert [text["state"] for text in kept()] == ["sent", "suppressed", "waiting"]
        worker.run()
        assert [form["To"] for form in far.forms] == [ANN, "+14155550112"]

    def test_start_lifts_it_and_what_was_suppressed_stays_unsent(self, outbox, put, worker, far):
        put("CA1/x")
        outbox.stop(ANN, StopSource.REPLY)
        outbox.resume(ANN)
        outbox.resume(ANN)
        worker.run()
        assert far.forms == []
        assert put("CA2/x") is Texting.POSSIBLE
        worker.run()
        assert len(far.forms) == 1

    def test_a_stop_among_many_calls_leaves_nothing_waiting(self, outbox, put, kept):
        def act(number):
            return outbox.stop(ANN, StopSource.REPLY) if number == 4 else put(f"change/{number}", purpose=MORE)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(act, range(9)))
        assert {text["state"] for text in kept()} <= {"suppressed"}


def test_a_transaction_that_is_rolled_back_leaves_no_text(engine, outbox, kept):
    def begins_and_fails():
        with writing(engine) as session:
            outbox.write(session, Text("change/1", ANN, "Hello", MORE, "CA1"))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        begins_and_fails()
    assert kept() == []


def test_a_text_shows_neither_number_nor_words_when_it_is_printed():
    assert repr(Text("CA1/x", ANN, "code 482913", MORE, "CA1")) == (
        "Text(key='CA1/x', purpose=<Purpose.CHANGE: 'change'>, call_sid='CA1')"
    )
