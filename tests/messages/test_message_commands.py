"""`flask voicemail`, and the fetcher beside `flask serve`, as an operator meets them: real processes."""

import json
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from fake_carrier import ACCOUNT, TOKEN, FakeCarrier, wav
from forked import Forked, flask, run
from server import Server, environment

from ivr.clock import SystemClock
from ivr.db.calls import SqlCallLog
from ivr.db.database import open_database, writing
from ivr.db.migrate import upgrade
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.voicemails import SqlMailbox
from ivr.messages import Message
from ivr.voicemail.ear import find_ear

SID = "RE" + "a" * 32
CALL = "CA" + "0" * 32
PATIENCE_S = 30
PROCESSES = Path("/proc")


def unheard(words):
    """Do what `flask ...` does on a machine without a recognizer, which would take seconds to load."""
    sys.modules["faster_whisper"] = None
    flask(words)


class Desk:
    """An operator's terminal, on a line whose carrier is a fake one. `leaves` is a caller."""

    does = staticmethod(unheard)

    def __init__(self, folder, far):
        self.folder, self.far = folder, far
        self.settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_BASE": far.url}
        self.env = environment(INSTANCE_DIR=str(folder / "instance"), **self.settings)
        url = f"sqlite:///{folder}/instance/answerline.db"
        upgrade(url)
        self.engine = open_database(url)
        self.mailbox = SqlMailbox(self.engine, SqlCallLog(self.engine), SystemClock(None), 90)

    def leaves(self, sid=SID):
        self.far.recordings[sid] = wav(2)
        self.mailbox.keep(Message(sid, CALL, "sales", "audio", "+14155550123", "70000011", 2))
        self.hurry()

    def hurry(self):
        """Let claims and waits run out now."""
        with writing(self.engine) as session:
            session.query(VoicemailRow).update({"next_try_at": SystemClock(None).now(), "claimed_until": None})

    def start(self, *arguments):
        return Forked("voicemail", *arguments, env=self.env, does=self.does)

    def run(self, *arguments, **env):
        return run("voicemail", *arguments, env={**self.env, **env}, does=self.does)

    def listed(self):
        return json.loads(self.run("list", "--json", "--all").stdout)


def until(holds):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


@pytest.fixture
def desk(tmp_path):
    with FakeCarrier() as far:
        desk = Desk(tmp_path, far)
        yield desk
        desk.engine.dispose()


@pytest.mark.parametrize("does", [unheard, pytest.param(flask, marks=pytest.mark.slow)])
def test_a_message_is_listed_fetched_and_exported(desk, tmp_path, does):
    desk.does = does
    assert desk.run("list").stderr == b"No messages.\n"
    desk.leaves()
    assert b"not here (not fetched yet)" in desk.run("list").stdout
    assert b"message 1 is not here: not fetched yet" in desk.run("export", "1", "-").stderr
    # Fetched, deleted at the carrier and, where there is a recognizer, written down.
    steps = 3 if does is flask and find_ear() else 2
    assert desk.run("fetch").stdout == f"{steps} steps done.\n".encode()
    (message,) = desk.listed()
    assert (message["from"], message["department"], message["topic"]) == ("+14155550123", "sales", "audio")
    line = desk.run("list").stdout.decode()
    assert "recorded  sales  audio  +14155550123  70000011  here" in line
    desk.run("export", "1", str(tmp_path / "one.wav"))
    assert (tmp_path / "one.wav").read_bytes() == wav(2)
    assert desk.run("export", "1", "-").stdout == wav(2)
    missing = desk.run("export", "9", "-")
    assert (missing.returncode, missing.stderr) == (1, b"Error: there is no message 9\n")


@pytest.mark.parametrize("moment", ["GET", pytest.param("DELETE", marks=pytest.mark.slow)])
def test_a_fetcher_that_is_killed_loses_nothing(desk, moment):
    """Killed with -9 while the carrier answers: half-way through the sound, or with its copy just gone."""
    desk.leaves()
    killed = []

    def kill(method):
        if method == moment and not killed:
            killed.append(method)
            process.kill()
            process.wait()

    desk.far.when = kill
    process = desk.start("fetch")
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    desk.hurry()
    assert desk.run("fetch").returncode == 0
    (message,) = desk.listed()
    assert message["deleted_at_carrier"]
    assert desk.run("export", str(message["id"]), "-").stdout == wav(2)


def test_the_one_that_goes_on_for_ever_stops_when_told(desk):
    desk.leaves()
    process = desk.start("fetch", "--forever")
    until(lambda: SID not in desk.far.recordings)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_without_a_carrier_there_is_nothing_to_fetch_from(desk):
    refused = desk.run("fetch", TWILIO_ACCOUNT_SID="", TWILIO_API_BASE="", TWILIO_AUTH_TOKEN="")
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"Error: there is no carrier to fetch messages from: set TWILIO_ACCOUNT_SID")


def test_a_storage_that_cannot_be_used_is_one_line(desk):
    refused = desk.run("fetch", VOICEMAIL_STORAGE="nowhere://x")
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"Error: VOICEMAIL_STORAGE=nowhere://x: ")


def fetchers(server):
    """Processes on this machine that fetch for this server."""
    found = []
    for folder in PROCESSES.iterdir():
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if {b"--parent", b"voicemail"} <= {*words} and str(server.process.pid).encode() in words:
                found.append(folder)
    return found


@pytest.mark.skipif(not PROCESSES.is_dir(), reason="processes are looked for in /proc; run the tests on Linux")
@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_server_brings_its_fetcher_and_takes_it_along(tmp_path, end):
    with FakeCarrier() as far:
        desk = Desk(tmp_path, far)
        desk.leaves()
        with Server(tmp_path, helpers=True, **desk.settings) as server:
            until(lambda: SID not in far.recordings)
            (fetcher,) = fetchers(server)
            server.process.send_signal(end)
            server.process.wait(PATIENCE_S)
            until(lambda: not fetcher.exists())
        desk.engine.dispose()


@pytest.mark.slow
def test_a_demo_line_starts_none(tmp_path):
    with Server(tmp_path, helpers=True) as server:
        assert fetchers(server) == []
