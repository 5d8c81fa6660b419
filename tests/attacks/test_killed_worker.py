"""Real servers: a worker killed for its memory in mid-webhook, and flows that do not load, also while it runs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlencode

import pytest
from server import ROOT, Server, demo_database, environment, free_port
from serving import serve_alone
from tables import show

from ivr.simulator.signature import sign

pytestmark = pytest.mark.attack
TOKEN = "0123456789abcdef"
WITHIN_S = 180  # for servers to start, on a busy machine


def serve_short_of_memory(words):
    """Serve; but whoever presses 5 costs the worker its life, as the system's OOM killer would have it."""
    from ivr.conversation import Conversation  # noqa: PLC0415 in the new process
    from ivr.web import server  # noqa: PLC0415

    turn = Conversation.turn

    def dies(self, *asked):
        if getattr(asked[-1], "digits", "") == "5":
            os.kill(os.getpid(), signal.SIGKILL)
        return turn(self, *asked)

    server.post_fork = lambda _server, _worker: setattr(Conversation, "turn", dies)
    serve_alone(words)


def heard(call):
    """What a call of the simulator comes to: sentences, numbers that are rung, and errors."""
    events = [json.loads(line) for line in call.stdout.splitlines()]
    said = " ".join(event["text"] for event in events if event["event"] == "say")
    rung = [event.get("number", "") for event in events if event["event"] == "dial"]
    return said, rung, [event["code"] for event in events if event["event"] == "error"]


def dialled(server, script):
    call = [sys.executable, "-m", "ivr.simulator", f"{server.base}/voice", "--json", "--script", script]
    return server.run(*call, "--fallback", "/voice/fallback", "--status-callback", "/voice/status")


def test_a_worker_that_is_killed_costs_its_callers_an_apology_and_the_others_nothing(tmp_path):
    server = Server(tmp_path, WORKERS="2", SERVE="voice,console")
    server.does = serve_short_of_memory
    rows = []
    with server:
        for script, pressed in (("5 wait", "5"), ("2 hangup", "2"), ("5 wait", "5"), ("2 hangup", "2")):
            said, rung, errors = heard(dialled(server, script))
            rows.append((pressed, "killed" if pressed == "5" else "lives", said[-70:], ", ".join(rung), errors or "-"))
            if pressed == "5":
                assert "technical problem" in said
                assert rung
            else:
                assert "To hear what audio costs" in said
    show(
        "5. A worker killed (SIGKILL) in mid-webhook, two workers",
        ("pressed", "worker", "heard", "rung", "errors"),
        rows,
    )


@pytest.fixture
def deployed(tmp_path):
    """A copy of the program, whose flows a deploy may break."""
    folder = tmp_path / "deployed"
    shutil.copytree(ROOT / "ivr", folder / "ivr", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "prompts", folder / "prompts", ignore=shutil.ignore_patterns("built"))
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def flask(folder, env, *words):
    done = subprocess.run([sys.executable, "-m", "flask", *words], cwd=folder, env=env, capture_output=True, text=True,
                          check=False, timeout=WITHIN_S)  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def served(deployed, tmp_path):
    """gunicorn, as deploy/systemd starts it: its process, its port and its environment."""
    shutil.copy(demo_database(), tmp_path / "line.db")
    port = free_port()
    env = environment(
        INSTANCE_DIR=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path}/line.db", PORT=str(port), SERVE="voice",
        PROMPT_MODE="say", TWILIO_AUTH_TOKEN=TOKEN,
    )  # fmt: skip
    options = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", "app:app", *options]
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=deployed, env=env, stdout=out, stderr=out)
    try:
        _until(lambda: _listens(port))
        yield process, port, env
    finally:
        process.terminate()
        process.wait(WITHIN_S)


def pressed(port, sid, key):
    """Call, and press a key at the main menu: what is heard then."""
    for path, more in (("/voice", {}), ("/voice/main/menu?turn=1", {"Digits": key})):
        form = {"CallSid": sid, "From": "+14155550123", "To": "+18005550100", **more}
        url = f"http://127.0.0.1:{port}{path}"
        headers = {"X-Twilio-Signature": sign(url, form, TOKEN)}
        request = urllib.request.Request(url, urlencode(form).encode(), headers)
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:  # noqa: S310 loopback
            text = answer.read().decode()
    return text


def test_flows_that_do_not_load_cost_their_callers_an_apology_and_the_others_nothing(served, deployed, tmp_path):
    process, port, env = served
    assert "new password" in pressed(port, "CA1", "5")
    assert "audio costs" in pressed(port, "CA2", "2")
    broken = deployed / "ivr" / "flows" / "audio.py"
    broken.write_text(broken.read_text() + "\nflow = Flow(\n")
    code, said = flask(deployed, env, "line", "lint")
    assert code == 1
    assert "audio: this flow cannot be loaded: ivr/flows/audio.py, line" in said
    code, said = flask(deployed, {**env, "PORT": str(free_port())}, "serve")
    assert (code, "mend the flows" in said, said.count("Traceback")) == (1, True, 0)
    before = _workers(process.pid)
    process.send_signal(signal.SIGHUP)  # whoever does not ask the lint first, as systemd's unit does
    _until(lambda: len(_workers(process.pid) - before) == 2 and not _workers(process.pid) & before)
    assert "new password" in pressed(port, "CA3", "5")
    answer = pressed(port, "CA4", "2")
    assert "technical problem" in answer
    assert "<Dial" in answer
    assert "flow audio is left out, and callers who come to it" in (tmp_path / "out").read_text()
    rows = [("as it was", "5, 2", "the answers"), ("loaded again, with a flow that is no Python", "5", "the answer")]
    rows.append((rows[1][0], "2, which leads to it", "apology, a person is rung"))
    show("5. A flow that cannot be loaded, under gunicorn", ("flows", "pressed", "heard"), rows)


def _listens(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5):
            return True
    except OSError:
        return False


def _until(true):
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _workers(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:  # noqa: PTH123 of the kernel
        return set(children.read().split())
