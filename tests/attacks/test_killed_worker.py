"""Real servers: a worker killed for its memory in mid-webhook, and flows that do not load, also while it runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from urllib.parse import urlencode

import pytest
from server import ROOT, Server, free_port
from serving import serve_alone
from tables import show
from under_gunicorn import TOKEN, WITHIN_S, UnderGunicorn

from ivr.simulator.signature import sign

pytestmark = pytest.mark.attack


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


@pytest.fixture
def served(deployed, tmp_path):
    with UnderGunicorn(tmp_path, deployed) as served:
        yield served


def test_flows_that_do_not_load_cost_their_callers_an_apology_and_the_others_nothing(served, deployed):
    port, env = served.port, served.env
    assert "new password" in pressed(port, "CA1", "5")
    assert "audio costs" in pressed(port, "CA2", "2")
    broken = deployed / "ivr" / "flows" / "audio.py"
    broken.write_text(broken.read_text() + "\nflow = Flow(\n")
    code, said = flask(deployed, env, "line", "lint")
    assert code == 1
    assert "audio: this flow cannot be loaded: ivr/flows/audio.py, line" in said
    code, said = flask(deployed, {**env, "PORT": str(free_port())}, "serve")
    assert (code, "mend the flows" in said, said.count("Traceback")) == (1, True, 0)
    served.load_again()  # without asking the lint first, as systemd's unit does
    assert "new password" in pressed(port, "CA3", "5")
    answer = pressed(port, "CA4", "2")
    assert "technical problem" in answer
    assert "<Dial" in answer
    assert "flow audio is left out, and callers who come to it" in served.out.read_text()
    rows = [("as it was", "5, 2", "the answers"), ("loaded again, with a flow that is no Python", "5", "the answer")]
    rows.append((rows[1][0], "2, which leads to it", "apology, a person is rung"))
    show("5. A flow that cannot be loaded, under gunicorn", ("flows", "pressed", "heard"), rows)
