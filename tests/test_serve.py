"""`make run` as an operator meets it: a real server process on this machine, in an empty instance folder."""

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from databases import HEADER, NED
from forked import run
from server import FLASK, ROOT, Server, environment

from ivr.cli.serve import GIVE_WAY, workers
from ivr.config import Settings

PRODUCTION = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "PIN_PEPPER", "PUBLIC_BASE_URL")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("serve"), fresh=True) as server:
        yield server


def test_it_says_where_to_call_and_shows_the_demo_accounts(server):
    shown = server.out.read_text()
    assert f".venv/bin/python -m ivr.simulator {server.base}/voice" in shown
    assert "70000011" in shown
    assert server.get("/readyz") == "ready\n"


def test_a_call_from_the_command_line_is_answered_and_logged(server):
    call = server.run(
        *(sys.executable, "-m", "ivr.simulator", f"{server.base}/voice", "--json", "--script", "5 hangup"),
        *(
            "--status-callback",
            "/voice/status",
        ),
    )
    assert call.returncode == 0, call.stderr
    events = [json.loads(line) for line in call.stdout.splitlines()]
    assert any("click Edit" in event.get("text", "") for event in events)
    (logged, *_) = json.loads(run("calls", "list", "--json", "--limit", "1", env=server.env).stdout)
    assert (logged["status"], logged["disposition"]) == ("completed", "informed")


def console_blocks() -> list[tuple[str, list[str]]]:
    """The commands of the README and of `first-calls.md` that print something, each with the lines it prints."""
    pages = (ROOT / "README.md").read_text() + (ROOT / "docs" / "first-calls.md").read_text()
    blocks = dict.fromkeys(re.findall(r"```console\n\$ (.*?)```", pages, re.DOTALL))
    joined = [block.replace("\\\n", "").splitlines() for block in blocks]
    return [(command, printed) for command, *printed in joined]


SECONDS = re.compile(r"^ *(\d+\.\d)  ", re.MULTILINE)
DRIFT_S = 1.0  # a voice rendered on another machine, and a webhook on a busy one


def comparable(text: str) -> str:
    """Dates depend on the day, confirmation codes on chance, and seconds a little on the machine."""
    text = re.sub(r"[A-Z]\w+day, [A-Z]\w+ [\w-]+, \d{4}", "DATE", text)
    return SECONDS.sub("SECONDS  ", re.sub(r"\d \d \d, \d \d \d(?=\.)", "CODE", text))


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The line as `make run` starts it, with the clips that `make run` has rendered."""
    folder = tmp_path_factory.mktemp("played")
    with Server(folder, PROMPT_MODE="play") as server:
        if json.loads(run("prompts", "list", "--missing", "--json", env=server.env).stdout):
            reason = "prompts are not rendered; `make check-audio` does it"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
        yield server


@pytest.mark.slow
@pytest.mark.parametrize(("command", "printed"), console_blocks())
def test_the_example_calls_work_as_printed(played, command, printed):
    words = shlex.split(command.replace("http://127.0.0.1:5000", played.base))
    assert words[0] == ".venv/bin/python"
    call = played.run(sys.executable, *words[1:])
    assert call.returncode == 0, call.stderr
    rows = "\n".join(re.escape(comparable(row)).replace(r"\.\.\.", ".*") for row in printed)
    assert re.fullmatch(rows + r"\s*", comparable(call.stdout), re.DOTALL), call.stdout
    there = [float(second) for second in SECONDS.findall(call.stdout)]
    for second in map(float, SECONDS.findall("\n".join(printed))):
        assert min(abs(second - other) for other in there) <= DRIFT_S, f"{second}: {call.stdout}"


def test_there_are_four_example_calls():
    assert len(console_blocks()) == 4


def test_an_unsigned_webhook_is_refused(server):
    request = urllib.request.Request(f"{server.base}/voice", data=b"CallSid=CA1", method="POST")  # noqa: S310 loopback
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=5)  # noqa: S310 loopback


def refusal(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run(*command, env=environment(**env), text=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1"])
def test_an_address_that_cannot_be_had_is_one_line_before_anything_else(server, tmp_path, host):
    refused = refusal("serve", INSTANCE_DIR=str(tmp_path), HOST=host, PORT=str(server.port))
    assert (refused.returncode, refused.stdout) == (1, "")
    pattern = rf"Error: cannot serve on {host}:{server.port}: [^\n]+; set PORT or HOST\n"
    assert re.fullmatch(pattern, refused.stderr)
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize(
    "setting",
    [
        {"INSTANCE_DIR": "/proc/nope"},
        {"DATABASE_URL": "sqlite:////proc/nope/x.db"},
        {"ACCOUNTS_BACKEND": ".x:y"},
        {"PUBLIC_BASE_URL": "http://[bad"},
    ],
)
def test_settings_that_cannot_work_are_one_line(tmp_path, setting):
    refused = refusal("calls", "list", **{"INSTANCE_DIR": str(tmp_path), **setting})
    assert (refused.returncode, refused.stdout) == (1, "")
    assert re.fullmatch(r"Answerline cannot start: [^\n]+\n", refused.stderr), refused.stderr


@pytest.mark.slow
def test_the_demo_table_is_not_shown_for_other_accounts(tmp_path):
    (tmp_path / "accounts.csv").write_text(f"{HEADER}\n{NED}\n")
    env = {"INSTANCE_DIR": str(tmp_path / "instance")}
    assert refusal("db", "upgrade", **env).returncode == 0
    brought = refusal("accounts", "import", str(tmp_path / "accounts.csv"), **env)
    assert (brought.returncode, brought.stderr) == (0, "")
    with Server(tmp_path) as server:
        shown = server.out.read_text()
    assert "ivr.simulator" in shown
    assert "Demo accounts" not in shown


# Staff can wait for a search; a caller on the same machine is not to wait because of it.
def test_a_server_without_webhooks_gives_way_to_those_with_them(tmp_path):
    ours, least = os.getpriority(os.PRIO_PROCESS, 0), 19
    with Server(tmp_path, SERVE="console") as server:
        assert os.getpriority(os.PRIO_PROCESS, server.process.pid) == min(ours + GIVE_WAY, least)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 2),
        ({"SERVE": "voice,console"}, 2),
        ({"SERVE": "console"}, 1),
        ({"SERVE": "console,helpers", "WORKERS": "3"}, 3),
        ({"DATABASE_URL": ""}, 1),
    ],
)
def test_a_server_without_webhooks_takes_one_processor(tmp_path, settings, expected):
    """What staff ask may take all there are otherwise, and a callers' share is what is left."""
    here = {"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/another.db", "PROMPT_MODE": "say"}
    assert workers(Settings.from_env({**here, **settings})) == expected


def test_ctrl_c_stops_it_cleanly(tmp_path):
    with Server(tmp_path) as server:
        pass
    assert server.process.returncode == 0
    assert "Traceback" not in server.out.read_text()


def test_production_refuses_generated_secrets_in_one_line_that_names_them(tmp_path):
    env = environment(DATABASE_URL="postgresql://127.0.0.1:1/line", INSTANCE_DIR=str(tmp_path))
    refused = subprocess.run(
        [*FLASK, "run"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert refused.returncode == 1
    (line,) = refused.stderr.strip().splitlines()
    assert all(name in line for name in PRODUCTION)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_one_line(tmp_path):
    given = dict.fromkeys(PRODUCTION, "x") | {"PUBLIC_BASE_URL": "https://line.example.com"}
    env = environment(DATABASE_URL="postgresql://127.0.0.1:1/line", INSTANCE_DIR=str(tmp_path), **given)
    refused = run("serve", env=env, text=True)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: the database does not answer")
    assert len(refused.stderr.strip().splitlines()) == 1
