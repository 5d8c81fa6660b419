"""What waits on disk: kept before anybody is answered, forwarded once and in order, whoever dies meanwhile."""

import json
import os
import signal
import stat

import pytest

from ivr.degraded.spool import Spool, SpoolError
from ivr.service_errors import ServiceError


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "spool")


def forwarded(spool):
    seen = []
    spool.forward(lambda record: seen.append(record["n"]))
    return seen


def in_a_child(work):
    """Do it in a process of its own, which dies at once whatever it has open."""
    if not (child := os.fork()):
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_records_are_forwarded_once_in_the_order_they_were_kept(spool):
    for n in range(20):
        spool.append({"n": n})
        if n == 9:
            assert forwarded(spool) == list(range(10))
    assert forwarded(spool) == list(range(10, 20))
    assert forwarded(spool) == []
    assert spool.files() == []


def test_files_are_for_their_owner_only(spool):
    spool.append({"n": 1})
    (file,) = spool.files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700


def test_what_is_kept_is_on_the_disk_before_anybody_is_told(spool, monkeypatch):
    done, write, fsync = [], os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda *given: done.append("write") or write(*given))
    monkeypatch.setattr(os, "fsync", lambda file: done.append("fsync") or fsync(file))
    spool.append({"n": 1})
    assert done == ["fsync", "write", "fsync"], "the folder's new name, the line, and the line to the disk"


def test_a_file_of_a_process_that_lives_is_left_alone_and_of_one_that_died_is_taken_over(spool, tmp_path):
    theirs = Spool(tmp_path / "spool")
    theirs.append({"n": 1})
    assert forwarded(spool) == []
    in_a_child(lambda: Spool(tmp_path / "spool").append({"n": 2}))
    assert forwarded(spool) == [2]
    theirs.forward(lambda _record: None)


def test_a_child_writes_a_file_of_its_own(spool):
    spool.append({"n": 1})
    in_a_child(lambda: spool.append({"n": 2}))
    assert len(spool.files()) == 2
    assert sorted(forwarded(spool)) == [1, 2]


def test_where_the_database_goes_again_everything_that_has_not_gone_through_is_kept(spool):
    for n in range(5):
        spool.append({"n": n})
    seen = []

    def goes_away(record):
        if len(seen) == 3:
            raise ServiceError("away")
        seen.append(record["n"])

    with pytest.raises(ServiceError):
        spool.forward(goes_away)
    assert forwarded(spool) == [0, 1, 2, 3, 4], "once more from the start: twice is no harm, never is"


def test_whoever_is_killed_while_forwarding_loses_nothing(spool, tmp_path):
    for n in range(5):
        spool.append({"n": n})
    spool._let_go()

    def dies_at_the_third():
        Spool(tmp_path / "spool").forward(lambda record: record["n"] == 2 and os.kill(os.getpid(), signal.SIGKILL))

    in_a_child(dies_at_the_third)
    assert forwarded(spool) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("torn", ['{"n": 3, "told": {"x', "", "\x00\x00\x00\x00"])
def test_half_a_line_is_put_aside_and_stops_nothing(spool, torn, caplog):
    spool.append({"n": 1})
    (file,) = spool.files()
    spool._let_go()
    with file.open("a") as lines:
        lines.write(torn)
    assert forwarded(spool) == [1]
    assert [path.read_text() for path in spool.folder.iterdir()] == ([torn + "\n"] if torn else [])
    assert ("it is kept in" in caplog.text) is bool(torn)


def test_what_nobody_can_do_anything_with_is_put_aside_and_those_behind_it_go_through(spool):
    for n in range(3):
        spool.append({"n": n} if n != 1 else {"from another version": 1})
    assert forwarded(spool) == [0, 2]
    (aside,) = spool.folder.iterdir()
    assert json.loads(aside.read_text()) == {"from another version": 1}
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


# Staff's pages and every scrape ask how many wait, and an outage is when that is most: nothing is read a second time.
def test_how_many_wait_is_counted_over_all_processes_and_each_record_read_once(spool):
    spool.append({"n": 1})
    in_a_child(lambda: [spool.append({"n": n}) for n in range(3)])
    assert spool.count() == 4
    for file in spool.files():
        file.write_bytes(b" " * file.stat().st_size)  # whoever reads it again finds nothing there
    spool.append({"n": 2})
    assert spool.count() == 5
    for file in spool.files():
        file.unlink()
    assert spool.count() == 0


def test_it_takes_no_more_than_it_may(tmp_path):
    spool = Spool(tmp_path / "spool", most_bytes=50)
    for n in range(2):
        spool.append({"n": n, "x": "." * 10})
    with pytest.raises(SpoolError, match="as much as it may"):
        spool.append({"n": 2, "x": "." * 10})
    assert forwarded(spool) == [0, 1]
    spool.append({"n": 9})


def test_a_disk_that_is_full_is_told_and_leaves_nothing_half_said(spool, monkeypatch):
    spool.append({"n": 1})
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SpoolError, match="No space left on device"):
        spool.append({"n": 2})
    monkeypatch.setattr(os, "fsync", fsync)
    spool.append({"n": 3})
    assert forwarded(spool) == [1, 2, 3], "the second was not promised; that it is there does no harm"
