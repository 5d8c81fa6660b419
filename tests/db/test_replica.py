"""What is only looked at may be read from a replica, as long as that is close behind."""

import shutil
import tempfile
import time
from pathlib import Path

import pytest
from postgres_server import OwnServer
from sqlalchemy import text
from test_call_log import progress

from ivr.call import Call
from ivr.db import migrate
from ivr.db.calls import SqlCallLog
from ivr.db.database import open_database, reading
from ivr.db.replica import AWAY, NO_REPLICA, Reads

PATIENCE_S = 60


@pytest.fixture
def follower(own_server):
    """A streaming replica of `own_server`."""
    folder = Path(tempfile.mkdtemp(prefix="answerline-replica-"))
    if own_server.server.system_user:
        shutil.chown(folder, own_server.server.system_user)
    where = ("-h", str(own_server.server.get_postmaster_info().socket_dir), "-U", "postgres", "-D", str(folder))
    own_server.run("pg_basebackup", *where, "-R", "-X", "stream", "-c", "fast")
    for own in (".handle_pids.json", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (folder / own).unlink(missing_ok=True)
    server = OwnServer(folder)
    yield server
    server.stop("immediate")
    shutil.rmtree(folder)


def settled(reads, wanted, engine=None):
    """Look again until it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        reads._next_look = 0.0
        got = reads.engine()
        if (reads.trouble if engine is None else got) == (wanted if engine is None else engine):
            return got
        assert time.monotonic() < deadline, reads.trouble
        time.sleep(0.05)


@pytest.mark.slow
def test_a_streaming_replica_is_read_until_it_lags_or_goes(own_server, follower):
    migrate.upgrade(own_server.url)
    primary, copy = open_database(own_server.url), open_database(follower.url)
    log, reads = SqlCallLog(primary), Reads(primary, copy, lag_s=0.2)
    log.save(progress(1, call=Call("CA1", "", "")), None)
    with reading(settled(reads, None, engine=copy)) as session:
        assert session.scalar(text("SELECT sid FROM calls")) == "CA1"

    with copy.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_wal_replay_pause()"))
    log.save(progress(1, call=Call("CA2", "", "")), None)
    assert settled(reads, None, engine=primary) is primary
    assert "seconds behind" in reads.trouble
    with copy.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_wal_replay_resume()"))
    assert settled(reads, None, engine=copy) is copy
    assert reads.trouble == ""

    follower.stop("immediate")
    assert settled(reads, None, engine=primary) is primary
    assert reads.trouble == AWAY
    follower.start()
    assert settled(reads, None, engine=copy) is copy

    follower.run("pg_ctl", "-w", "-D", str(follower.folder), "promote")
    assert settled(reads, None, engine=primary) is primary
    assert reads.trouble == NO_REPLICA, "what it is told from now on nobody else knows"
    primary.dispose()
    copy.dispose()
