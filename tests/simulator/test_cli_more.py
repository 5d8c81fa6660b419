"""What the command line does besides one call: explaining, writing tests, and swarms."""

import json

import pytest
from test_cli import TOKEN, address, app, run

from ivr.simulator import cli
from ivr.simulator.acts import Listening, Silence
from ivr.simulator.callfile import play
from ivr.simulator.checks import Application, CheckedPhone
from ivr.simulator.show import indented, tally
from ivr.simulator.swarm import OneHost, Thinker, percentile
from ivr.simulator.transport import Answer, Limits, WireError

__all__ = ["address", "app"]


def test_the_twiml_stands_before_what_it_causes(address):
    done = run(f"{address}/voice", "--script", "1#", "--explain")
    rows = done.stdout.splitlines()
    assert done.returncode == 0
    shown = [
        rows.index(next(r for r in rows if part in r)) for part in ("request", "| <Response>", "<Say>Press", "hears")
    ]
    assert shown == sorted(shown)


def test_twiml_is_shown_one_verb_a_line_and_anything_else_as_it_is():
    assert indented("<Response><Say>Hi</Say></Response>") == "<Response>\n  <Say>Hi</Say>\n</Response>"
    assert indented("plain") == "plain"
    assert indented("<!DOCTYPE x><Response/>") == "<!DOCTYPE x><Response/>"


@pytest.mark.parametrize("script", ["12#", "wait", "hangup", '5 say:"yes please"'])
def test_a_recorded_call_is_a_test_that_passes(address, app, tmp_path, script):
    path = tmp_path / "the_call.call"
    done = run(
        f"{address}/voice", "--script", script, "--record", path, "--dial", "busy", "--from", "+14155550177", "--json"
    )
    assert (done.returncode, done.stderr) == (0, f"written: {path}\n")
    assert all(json.loads(line) for line in done.stdout.splitlines())
    assert path.read_text().startswith("# The call.\npeople   busy\ncaller   +14155550177\nhears    Press a key.\n")
    with CheckedPhone(lambda: Application(app, "/voice", auth_token=TOKEN)) as phone:
        play(path, phone)


def test_what_is_broken_is_recorded_and_played(address, app, tmp_path):
    path = tmp_path / "broken.call"
    script = ["--script", "fault:broken 1#", "--fault", "error", "--fallback", "/voice"]
    assert run(f"{address}/hello", *script, "--record", path).returncode == 3
    heard = "hears    Press a key."
    broken = ["fault    error", "caller", heard, "fault    broken", "presses  1#", heard, "waits"]
    assert path.read_text().splitlines()[1:-2] == broken
    with CheckedPhone(lambda: Application(app, "/voice", "/voice", auth_token=TOKEN)) as phone:
        play(path, phone)


def test_a_recorded_call_keeps_what_is_the_same_in_the_next(address, tmp_path):
    path = tmp_path / "steady.call"
    run(f"{address}/steady", "--script", "", "--record", path)
    assert path.read_text().splitlines()[2:] == [
        "hears    It ends on .... Your code is .... Once more: .... Or dial 1, 8 0 5, 6 1 7, 7 0 0 0.",
        "hears    /hello.wav",
        "ends",
    ]


def test_a_swarm_prints_percentiles_for_each_webhook(address):
    arguments = [f"{address}/voice", "--script", "1#", "--load", "12", "--rate", "100", "--think", "0"]
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    head, *rows, tally = done.stdout.splitlines()
    assert head.split() == ["webhook", "requests", "failed", "p50", "ms", "p90", "ms", "p99", "ms", "max", "ms"]
    assert {tuple(row.split()[:3]) for row in rows} == {(path, "12", "0") for path in ("/voice", "/m", "/d")}
    assert tally == "12 calls, 0 of them failed by the application"
    found = json.loads(run(*arguments, "--json").stdout)
    assert (found["calls"], found["failed_calls"], len(found["webhooks"])) == (12, 0, 3)


def test_a_swarm_counts_its_calls_on_a_terminal_only(capsys, monkeypatch):
    tally(2)(1)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for over in (1, 2):
        tally(2)(over)
    assert capsys.readouterr().err == "\r1 of 2 calls\r2 of 2 calls\n"


def test_a_swarm_on_an_application_that_fails_is_exit_code_3(address):
    done = run(f"{address}/bad", "--script", "", "--load", "3", "--think", "0")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (3, "3 calls, 3 of them failed by the application")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--load", "0.5"],
        ["--load", "-1", "--script", ""],
        ["--load", "10001", "--script", ""],
        ["--load", "2"],
        ["--load", "2", "--script", "", "--rate", "1000"],
        ["--load", "2", "--script", "", "--rate", "0"],
        ["--load", "2", "--script", "", "--think", "61"],
        ["--load", "2", "--script", "", "--explain"],
        ["--load", "2", "--script", "", "--fault", "error"],
        ["--fault", "fire", "--script", ""],
        ["--record", "x.txt", "--script", ""],
        ["--record", "/no/such/folder/x.call", "--script", ""],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["http://127.0.0.1:1/", *arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_swarm_stays_on_the_host_it_was_sent_to():
    class Wire:
        def send(self, *_):
            return Answer(204, {}, b"")

    wire, limits = OneHost(Wire(), "http://line.example.com/voice"), Limits(1, 1, 1, 1)
    for url in ("http://line.example.com/x", "http://127.0.0.1:9/x", "http://localhost/x"):
        assert wire.send("POST", url, {}, b"", limits).status == 204
    with pytest.raises(WireError, match="another host"):
        wire.send("POST", "http://elsewhere.example.com/", {}, b"", limits)


def test_a_caller_of_a_swarm_thinks_where_the_line_waits():
    slept = []
    caller = Thinker("1", 2.5, slept.append)
    assert caller.act(Listening("say", 1)) == Silence()
    assert slept == []
    caller.act(Listening("gather", 1, waits=True))
    assert slept == [2.5]


@pytest.mark.parametrize(("share", "value"), [(50, 5), (90, 9), (99, 10), (1, 1)])
def test_a_percentile_is_one_of_the_values(share, value):
    assert percentile(list(range(1, 11)), share) == value
    assert percentile([7], share) == 7
