"""Messages on their way from the carrier to us, on days when everything fails; nothing is ever lost."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_carrier import wav

from ivr.call import Recorded, masked
from ivr.db.history import list_voicemails
from ivr.db.voicemail_queue import LEASE_S, Step, VoicemailQueue
from ivr.messages import Message
from ivr.service_errors import ServiceError
from ivr.voicemail import ear as ears
from ivr.voicemail.worker import Worker, steps_for

SID = "RE" + "a" * 32
CALL = "CA" + "0" * 32


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing runs any more."""


class Mortal:
    """Passes calls on, until the process is killed before or after one of them."""

    def __init__(self, inner, life):
        self._inner, self._life = inner, life

    def __getattr__(self, name):
        method = getattr(self._inner, name)

        def call(*arguments, **named):
            self._life.goes_on()
            result = method(*arguments, **named)
            self._life.goes_on()
            return result

        return call


class Life:
    def __init__(self, steps):
        self.left = steps

    def goes_on(self):
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.fixture
def worker(engine, clock, recordings, storage):
    def make(ear=None, life=None):
        queue = VoicemailQueue(engine, clock, steps_for(ear))
        parts = [queue, recordings, storage]
        return Worker(*([Mortal(part, life) for part in parts] if life else parts), clock, ear)

    return make


@pytest.fixture
def told(engine):
    def look(sid=SID):
        (message,) = [m for m in list_voicemails(engine, discarded=True) if m["recording_sid"] == sid]
        return message

    return look


@pytest.fixture
def left(mailbox, far):
    """Leave a message: it is at the carrier, and both webhooks have come."""

    def leave(sid=SID, seconds=3, caller="+14155550123"):
        far.recordings[sid] = wav(seconds)
        mailbox.keep(Message(sid, CALL, "sales", "audio", caller, None, seconds))
        mailbox.reported(CALL, Recorded(sid, seconds), "completed")

    return leave


def test_a_message_is_fetched_and_then_deleted_at_the_carrier(worker, left, told, far, storage):
    left()
    assert worker().run() == 2
    assert storage.read(told()["stored"]) == wav(3)
    assert told()["stored"] == f"2027-03/{SID}.wav"
    assert far.recordings == {}
    assert (told()["next_try_at"], told()["error"], told()["attempts"]) == (None, None, 0)
    assert worker().run() == 0


def test_one_that_is_not_written_yet_is_asked_for_when_the_callback_comes(worker, mailbox, told, far, clock):
    """The action comes before the sound is there; the carrier answers 404 until then."""
    mailbox.keep(Message(SID, CALL))
    assert worker().run() == 0, "it is given half a minute"
    clock.passes(seconds=31)
    worker().run()
    assert "no such recording" in told()["error"]
    far.recordings[SID] = wav()
    mailbox.reported(CALL, Recorded(SID, 1), "completed")
    worker().run()
    assert told()["stored"]


def test_failures_are_tried_again_later_and_later_for_ever(worker, left, told, far, clock):
    left()
    far.faults = [400] * 7
    waits = []
    for _ in range(7):
        worker().run()
        waits.append(told()["next_try_at"])
        minutes = {1: 1, 2: 5, 3: 30, 4: 120}.get(told()["attempts"], 360)
        clock.passes(minutes=minutes, seconds=-1)
        assert worker().run() == 0
        clock.passes(seconds=1)
    assert told()["attempts"] == 7
    assert told()["error"] == "the carrier answers 400"
    worker().run()
    assert told()["stored"]
    assert told()["error"] is None


@pytest.mark.parametrize("content", [b"<html>Sorry</html>" * 10, wav(3)[:-100]])
def test_what_is_no_whole_recording_is_not_taken_and_not_deleted(worker, left, told, far, content):
    left()
    far.recordings[SID] = content
    worker().run()
    assert told()["stored"] is None
    assert far.recordings == {SID: content}
    assert told()["error"]


def test_a_full_disk_leaves_the_message_at_the_carrier(worker, left, told, far, monkeypatch):
    left()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ivr.voicemail.storage._write_durably", full)
        worker().run()
    assert SID in far.recordings
    assert "No space left" in told()["error"]
    worker().clock.passes(minutes=1)
    worker().run()
    assert told()["stored"]


def test_a_deletion_that_fails_is_tried_again_and_the_sound_is_here_meanwhile(worker, left, told, far, clock):
    left()
    far.when = lambda method: far.faults.extend([400] if method == "GET" else [])
    worker().run()
    assert told()["stored"]
    assert told()["error"] == "the carrier answers 400 (20500)"
    clock.passes(minutes=1)
    worker().run()
    assert far.recordings == {}
    assert told()["deleted_at_carrier"]


def test_what_the_caller_deleted_is_never_fetched(worker, left, mailbox, told, far):
    left()
    mailbox.discard(SID)
    worker().run()
    assert far.recordings == {}
    assert {method for method, _ in far.requests} == {"DELETE"}
    assert told()["stored"] is None


def test_what_was_fetched_before_the_caller_deleted_it_is_erased_here_too(worker, left, mailbox, told, storage):
    left()
    worker().run()
    name = told()["stored"]
    mailbox.discard(SID)
    worker().run()
    assert told()["stored"] is None
    with pytest.raises(ServiceError):
        storage.read(name)


def test_a_deletion_that_came_before_the_sound_was_written_is_made_good(worker, mailbox, told, far, clock):
    mailbox.keep(Message(SID, CALL))
    mailbox.discard(SID)
    for _ in range(5):
        worker().run()
        clock.passes(hours=6)
    assert told()["deleted_at_carrier"], "the carrier has not known it for hours"
    far.recordings[SID] = wav()
    mailbox.reported(CALL, Recorded(SID, 1), "completed")
    worker().run()
    assert far.recordings == {}


def test_a_message_is_gone_after_its_days(worker, left, engine, told, storage):
    left()
    worker().run()
    name = told()["stored"]
    worker().clock.passes(days=89, hours=23)
    assert worker().run() == 0
    worker().clock.passes(hours=1)
    worker().run()
    assert list_voicemails(engine, discarded=True) == []
    with pytest.raises(ServiceError):
        storage.read(name)


def test_one_that_could_never_be_fetched_is_not_given_up_with_its_days(worker, left, told, far, clock):
    left()
    far.faults = [400] * 2
    worker().run()
    clock.passes(days=100)
    worker().run()
    assert SID in far.recordings
    assert told()["attempts"] == 2


def test_nothing_is_lost_wherever_the_worker_is_killed(worker, left, told, far, storage):
    """It dies before and after each thing it does, one after the other; at every death the sound is somewhere."""
    deaths = 0
    while True:
        sid = f"RE{deaths:032x}"
        left(sid)
        try:
            worker(life=Life(deaths)).run()
        except Killed:
            deaths += 1
        else:
            break
        here = told(sid)["stored"] is not None and storage.read(told(sid)["stored"]) == wav(3)
        assert here or far.recordings.get(sid) == wav(3)
        worker().run()
        worker().clock.passes(seconds=LEASE_S)
        worker().run()
        assert storage.read(told(sid)["stored"]) == wav(3)
        assert told(sid)["deleted_at_carrier"]
        assert sid not in far.recordings
    assert deaths == 16, "claim, fetch, write, done; claim, delete, done; claim: before and after each"


def test_two_workers_never_do_the_same_step_at_once(worker, left, far, told):
    sids = [f"RE{number:032x}" for number in range(6)]
    for sid in sids:
        left(sid)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: worker().run(), range(4)))
    assert sorted(method for method, _ in far.requests) == ["DELETE"] * 6 + ["GET"] * 6
    assert all(told(sid)["stored"] for sid in sids)


def test_a_worker_that_was_too_slow_does_not_undo_what_another_did(engine, clock, left, told):
    left()
    queue = VoicemailQueue(engine, clock)
    slow = queue.claim()
    assert queue.claim() is None
    clock.passes(seconds=LEASE_S)
    quick = queue.claim()
    assert (quick.id, quick.step) == (slow.id, Step.FETCH)
    queue.done(quick, stored="here", fetched_at=clock.now())
    queue.failed(slow, "too late")
    queue.done(slow, stored="elsewhere")
    assert (told()["stored"], told()["error"]) == ("here", None)


def test_one_message_in_trouble_does_not_hold_up_the_others(worker, left, told, far):
    left(SID)
    far.recordings[SID] = b"rubbish"
    left("RE" + "b" * 32)
    worker().run()
    assert told("RE" + "b" * 32)["stored"]


class TestTranscripts:
    def test_what_was_said_is_written_down_where_a_recognizer_is(self, worker, left, told):
        left()
        worker(ear=lambda path: f" {path.stat().st_size} bytes of speech ").run()
        assert told()["transcript"] == f"{len(wav(3))} bytes of speech"

    def test_without_one_nothing_waits_for_it(self, worker, left, told):
        left()
        worker().run()
        assert told()["transcript"] is None
        assert told()["next_try_at"] is None

    def test_a_recognizer_that_fails_is_asked_three_times(self, worker, left, told, clock):
        def deaf(_):
            raise RuntimeError("no memory")

        left()
        for _ in range(4):
            worker(ear=deaf).run()
            clock.passes(minutes=30)
        assert told()["transcript"] == ""
        assert told()["next_try_at"] is None

    def test_a_recognizer_that_kills_its_process_is_not_asked_for_ever(self, worker, left, told, clock):
        def deadly(_):
            raise Killed

        left()
        for _ in range(4):
            try:
                worker(ear=deadly).run()
            except Killed:
                clock.passes(seconds=LEASE_S)
        assert told()["transcript"] == ""

    def test_a_recognizer_is_found_where_it_is_installed(self, monkeypatch, tmp_path):
        class Ear:
            def hear(self, path, *, context):
                return f"{path.read_bytes()} {context}"

        class Module:
            pass

        Module.Ear = Ear
        monkeypatch.setattr(ears, "find_spec", lambda _: object())
        monkeypatch.setattr(ears.importlib, "import_module", lambda _: Module)
        ears._recognizer.cache_clear()
        (tmp_path / "a.wav").write_bytes(b"sound")
        assert ears.find_ear()(tmp_path / "a.wav") == "b'sound' False"
        ears._recognizer.cache_clear()
        monkeypatch.setattr(ears, "find_spec", lambda _: None)
        assert ears.find_ear() is None


def test_logs_show_two_digits_of_a_caller_and_nothing_said(worker, left, far, caplog):
    left()
    left("RE" + "b" * 32, caller="anonymous")
    far.faults = [400]
    with caplog.at_level(logging.DEBUG, logger="answerline"):
        worker(ear=lambda _: "my secret plan").run()
    assert "…23" in caplog.text
    assert "a withheld number" in caplog.text
    assert "4155550123" not in caplog.text
    assert "secret plan" not in caplog.text
    assert masked("+14155550123") == "…23"
