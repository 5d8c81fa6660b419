"""Fetching from the carrier and deleting there, against a server on this machine that has its bad days."""

import pytest
from fake_carrier import ACCOUNT, TOKEN, wav

from ivr.carrier.errors import NotThereError
from ivr.carrier.recordings import TwilioRecordings
from ivr.service_errors import ServiceError

SID = "RE" + "a" * 32


def test_a_recording_is_fetched_whole_with_the_accounts_credentials(far, recordings):
    far.recordings[SID] = wav(3)
    assert recordings.fetch(SID) == wav(3)
    assert far.requests == [("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.wav")]


def test_wrong_credentials_are_told_by_the_names_of_the_settings(far):
    far.recordings[SID] = wav()
    client = TwilioRecordings(ACCOUNT, "another", far.url)
    for ask in (client.fetch, client.delete):
        with pytest.raises(ServiceError, match=r"refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN \(401\)"):
            ask(SID)
    client.close()


def test_one_that_is_not_there_is_told_apart(recordings):
    with pytest.raises(NotThereError):
        recordings.fetch(SID)
    with pytest.raises(NotThereError):
        recordings.delete(SID)


@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "drop", "cut"])
def test_what_passes_is_waited_out(far, recordings, fault):
    far.recordings[SID] = wav()
    far.faults = [fault, fault]
    assert recordings.fetch(SID) == wav()
    assert len(far.requests) == 3


@pytest.mark.parametrize(
    ("fault", "told"), [(503, "answers 503"), ("drop", "does not answer"), ("cut", "does not answer")]
)
def test_what_does_not_pass_is_told_after_three_times(far, recordings, fault, told):
    far.recordings[SID] = wav()
    far.faults = [fault] * 3
    with pytest.raises(ServiceError, match=told):
        recordings.fetch(SID)
    assert len(far.requests) == 3


def test_what_is_wrong_for_good_is_asked_once(far, recordings):
    far.faults = [400]
    with pytest.raises(ServiceError, match="answers 400"):
        recordings.fetch(SID)
    assert len(far.requests) == 1


def test_one_is_deleted_even_when_the_carrier_stumbles(far, recordings):
    far.recordings[SID] = wav()
    far.faults = [500]
    recordings.delete(SID)
    assert far.recordings == {}
    assert far.requests[-1] == ("DELETE", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.json")


def test_nobody_there():
    client = TwilioRecordings(ACCOUNT, TOKEN, "http://127.0.0.1:9", pause=lambda _: None)
    with pytest.raises(ServiceError, match="does not answer: ConnectError"):
        client.fetch(SID)
    client.close()


def test_a_recording_without_end_is_not_taken(far, recordings, monkeypatch):
    monkeypatch.setattr("ivr.carrier.transport.FILE_BYTES", 1000)
    far.recordings[SID] = wav()
    with pytest.raises(ServiceError, match="longer than 1000 bytes"):
        recordings.fetch(SID)
