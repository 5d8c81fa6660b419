"""Texts on their way to the carrier, on days when everything fails: at least once, or given up where staff can see."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from texted import ANN, LINE

from ivr.db.claims import LEASE_S
from ivr.db.text_queue import RETRY_S, TextQueue
from ivr.service_errors import ServiceError
from ivr.text import Purpose, StopSource, Texting
from ivr.text_numbers import in_writing


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing runs any more."""


def told(kept, key="CA1/main.password"):
    (text,) = [text for text in kept() if key.startswith(text["call_sid"])]
    return text


def test_a_text_is_handed_to_the_carrier_as_it_was_written(worker, put, kept, far):
    put()
    assert worker.run() == 1
    assert far.forms == [{"To": ANN, "From": LINE, "Body": "Acme: hello. Reply STOP to end"}]
    text = told(kept)
    assert (text["state"], text["message_sid"], text["next_try_at"]) == ("sent", far.messages[0], None)
    assert worker.run() == 0


def test_the_oldest_goes_first(worker, put, far, clock):
    put("CA1/x", body="one")
    clock.passes(minutes=1)
    put("CA2/x", body="two")
    worker.run()
    assert [form["Body"] for form in far.forms] == ["one", "two"]


def test_failures_are_tried_again_later_and_later_eight_times_in_a_day(worker, put, kept, far, clock):
    put()
    far.faults = [500] * 8
    for wait_s in RETRY_S:
        assert worker.run() == 1
        assert told(kept)["state"] == "waiting"
        clock.passes(seconds=wait_s - 1)
        assert worker.run() == 0
        clock.passes(seconds=1)
    assert 20 * 3600 < sum(RETRY_S) < 24 * 3600
    worker.run()
    text = told(kept)
    assert (text["state"], text["attempts"], text["next_try_at"]) == ("dead", 8, None)
    assert "500" in text["error"]
    clock.passes(days=2)
    assert worker.run() == 0
    assert len(far.forms) == 8


@pytest.mark.parametrize("fault", ["drop", "words", "nothing"])
def test_an_unknown_outcome_is_tried_again_word_for_word(worker, put, kept, far, fault):
    """Decision 36: creating a message is not idempotent at the carrier, so this one arrives twice."""
    put()
    far.faults = [fault]
    worker.run()
    assert told(kept)["state"] == "waiting"
    worker.clock.passes(seconds=RETRY_S[0])
    worker.run()
    assert told(kept)["state"] == "sent"
    assert far.forms[0] == far.forms[1]
    assert len(far.messages) == 2


@pytest.mark.parametrize("code", [21211, 21614, 21408, 21606])
def test_a_refusal_for_good_is_a_dead_letter_at_once(worker, put, kept, far, code):
    put()
    far.faults = [(400, code)]
    worker.run()
    text = told(kept)
    assert (text["state"], text["attempts"]) == ("dead", 1)
    assert str(code) in text["error"]
    worker.clock.passes(days=1)
    assert worker.run() == 0


def test_a_receiver_who_unsubscribed_at_the_carrier_gets_nothing_more(worker, put, kept, far, outbox):
    put("CA1/x")
    put("CA2/x")
    far.faults = [(400, 21610)]
    assert worker.run() == 1
    assert [text["state"] for text in kept()] == ["suppressed", "suppressed"]
    assert outbox.possible(ANN) is Texting.STOPPED
    assert put("CA3/x") is Texting.STOPPED


def test_one_text_in_trouble_does_not_hold_up_the_others(worker, put, kept, far):
    put("CA1/x")
    put("CA2/x", to="+14155550112")
    far.faults = [500]
    worker.run()
    assert [text["state"] for text in kept()] == ["waiting", "sent"]


def test_two_workers_never_send_the_same_text(worker, put, kept, far):
    for number in range(9):
        put(f"CA{number}/x", to=f"+1415555011{number}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: worker.run(), range(4)))
    assert sorted(form["To"] for form in far.forms) == [f"+1415555011{number}" for number in range(9)]
    assert {text["state"] for text in kept()} == {"sent"}


def test_a_worker_that_was_too_slow_does_not_undo_what_another_did(engine, clock, put, kept):
    put()
    queue = TextQueue(engine, clock)
    slow = queue.claim()
    assert queue.claim() is None
    clock.passes(seconds=LEASE_S)
    quick = queue.claim()
    assert quick.id == slow.id
    queue.sent(quick, "SM1")
    for late in (lambda: queue.failed(slow, "late"), lambda: queue.dead(slow, "late"), lambda: queue.sent(slow, "SM2")):
        late()
    assert (told(kept)["state"], told(kept)["message_sid"], told(kept)["error"]) == ("sent", "SM1", None)
    queue.refused_by_receiver(slow, "late")
    assert told(kept)["state"] == "sent"


def test_a_text_that_kills_every_worker_is_given_up(worker, put, kept, clock):
    class Deadly:
        def send(self, **_):
            raise Killed

    put()
    for _ in range(8):
        with pytest.raises(Killed):
            replace(worker, texts=Deadly()).run()
        assert worker.run() == 0, "it is claimed"
        clock.passes(seconds=LEASE_S)
    assert worker.run() == 0
    assert (told(kept)["state"], told(kept)["error"]) == ("dead", "every worker that tried to send it was killed")


class TestRetry:
    def test_a_dead_text_is_tried_from_the_start(self, worker, put, kept, far):
        put()
        far.faults = [(400, 21606)]
        worker.run()
        assert worker.queue.retry(told(kept)["id"]) == ""
        assert worker.run() == 1
        assert told(kept)["state"] == "sent"

    def test_no_other_text_is(self, worker, put, kept, far, outbox):
        assert worker.queue.retry(7) == "there is no such text"
        put()
        number = told(kept)["id"]
        assert worker.queue.retry(number) == "it is waiting, not dead"
        far.faults = [(400, 21606)]
        worker.run()
        outbox.stop(ANN, StopSource.REPLY)
        assert worker.queue.retry(number) == "its receiver has said STOP"
        outbox.resume(ANN)
        worker.clock.passes(days=90)
        worker.run()
        assert worker.queue.retry(number).startswith("its number and its words have been removed")


def test_numbers_and_words_are_removed_after_their_days_and_the_row_stays(worker, put, kept, clock, far):
    put("CA1/x")
    put("CA2/x", purpose=Purpose.CHANGE)
    far.faults = [(400, 21211)]
    worker.run()
    clock.passes(days=90, seconds=-1)
    worker.run()
    assert {text["to"] for text in kept()} == {ANN}
    put("CA3/x")
    clock.passes(seconds=1)
    worker.run()
    assert [(text["to"], text["body"], text["state"]) for text in kept()] == [
        ("", "", "dead"),
        ("", "", "sent"),
        (ANN, "Acme: hello. Reply STOP to end", "sent"),
    ]
    assert ANN not in str(kept()[:2])


def test_one_that_still_waits_is_not_forgotten(worker, put, kept, far, clock):
    put()
    far.faults = [500]
    worker.run()
    clock.passes(days=100)
    worker.run()
    assert far.forms[-1]["To"] == ANN
    assert told(kept)["state"] == "sent"


def test_logs_and_errors_show_two_digits_of_a_number_and_nothing_of_the_words(worker, put, kept, far, caplog):
    class Chatty:
        def send(self, *, to, **_):
            raise ServiceError(f"the 'To' number {to} is no good")

    put("CA1/x")
    put("CA2/x")
    put("CA3/x")
    far.faults = [(400, 21211), (400, 21610)]
    with caplog.at_level(logging.DEBUG, logger="answerline"):
        worker.run()
        put("CA4/x", to="+14155550112")
        replace(worker, texts=Chatty()).run()
        worker.run()
    assert "…11" in caplog.text
    assert "the 'To' number …12 is no good" in kept()[-1]["error"]
    assert "415555" not in caplog.text
    assert "hello" not in caplog.text
    assert "415555" not in str([text["error"] for text in kept()])


def test_a_number_in_writing():
    assert in_writing("+18002636317") == "+1 800-263-6317"
    assert in_writing("nonsense") == "nonsense"
