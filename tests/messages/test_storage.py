"""Where messages are kept, and what is no message."""

import stat

import pytest
from fake_carrier import wav

from ivr.service_errors import ServiceError
from ivr.setting_rules import SettingsError
from ivr.voicemail.storage import Storage
from ivr.voicemail.wav import check_wav

NAME = "2027-03/RE1.wav"


@pytest.fixture(params=["folder", "memory"])
def storage(request, tmp_path):
    return Storage(str(tmp_path / "mail") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_is_written_is_read_and_removed(storage):
    storage.write(NAME, b"one")
    storage.write(NAME, b"another")
    assert storage.read(NAME) == b"another"
    storage.remove(NAME)
    storage.remove(NAME)
    with pytest.raises(ServiceError, match="VOICEMAIL_STORAGE"):
        storage.read(NAME)


def test_files_are_their_owners_alone_and_no_draft_is_left(tmp_path):
    Storage(str(tmp_path / "mail")).write(NAME, b"one")
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert path == tmp_path / "mail" / NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_disk_that_is_full_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    storage = Storage(str(tmp_path))
    storage.write(NAME, b"one")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ivr.voicemail.storage.os.fsync", full)
    with pytest.raises(ServiceError, match="No space left on device"):
        storage.write(NAME, b"another")
    assert storage.read(NAME) == b"one"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("address", ["s3://bucket/mail", "nowhere://x"])
def test_an_address_that_needs_what_is_not_installed_is_one_line(address):
    with pytest.raises(SettingsError, match=rf"^VOICEMAIL_STORAGE={address}: [^\n]+$"):
        Storage(address)


def test_a_whole_wav_file_is_taken():
    check_wav(wav())
    check_wav(wav(0))
    check_wav(wav()[:4] + b"\xff\xff\xff\xff" + wav()[8:])


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>" + b" " * 100, wav()[:-1], wav()[:43]])
def test_what_is_no_whole_wav_file_is_refused(content):
    with pytest.raises(ServiceError, match=r"no WAV file|is cut off"):
        check_wav(content)
