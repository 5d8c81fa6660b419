"""New code beside callers: a server that is told to load itself again fails no webhook. As deploy/systemd starts it."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from urllib.parse import urlencode

import pytest
from server import ROOT, demo_database, environment, free_port

from ivr.simulator.signature import sign

pytestmark = pytest.mark.slow
TOKEN, RELOADS = "0123456789abcdef", 3


@pytest.fixture
def served(tmp_path):
    """A server of two workers; its port and its process."""
    shutil.copy(demo_database(), tmp_path / "line.db")
    port = free_port()
    env = environment(
        INSTANCE_DIR=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path}/line.db", PORT=str(port), SERVE="voice",
        PROMPT_MODE="say", TWILIO_AUTH_TOKEN=TOKEN,
    )  # fmt: skip
    options = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    command = [sys.executable, "-m", "gunicorn", "app:app", *options, "--graceful-timeout", "20", "--no-control-socket"]
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        _until(lambda: _answers(port))
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def test_no_webhook_fails_while_the_server_loads_itself_again(served):
    port, process = served
    over, failed, answered, numbers = threading.Event(), [], [], count()

    def calls():
        while not over.is_set():
            try:
                answered.append(_webhook(port, f"CA{next(numbers):032}"))
            except Exception as error:  # noqa: BLE001 each is one that a caller would have heard
                failed.append(repr(error))

    threads = [threading.Thread(target=calls) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(RELOADS):
        before = _workers(process.pid)
        os.kill(process.pid, signal.SIGHUP)
        _until(lambda before=before: len(_workers(process.pid) - before) == 2 and not _workers(process.pid) & before)
    over.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(answered) >= RELOADS  # they wait while it loads; none is refused
    assert set(answered) == {200}


def _webhook(port, sid):
    form = {"CallSid": sid, "From": "+14155550123", "To": "+18005550100", "CallStatus": "ringing"}
    url = f"http://127.0.0.1:{port}/voice"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(url, form, TOKEN),
        "Connection": "close",  # as a proxy in front speaks to what it stands before
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request("POST", "/voice", urlencode(form), headers)
    answer = connection.getresponse()
    assert b"<Gather" in answer.read()
    connection.close()
    return answer.status


def _workers(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:  # noqa: PTH123 of the kernel
        return set(children.read().split())


def _answers(port):
    try:
        return _webhook(port, "CA" + "f" * 32) == 200
    except OSError:
        return False


def _until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
