"""The command line, against a real server on this machine, and who holds the receiver.

Commands run in this process: the program itself is started in `test_serve.py`.
"""

import io
import json
import socket
import threading
import time
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace

import pytest
from twiml_app import TOKEN, App, Reply, codes, wav
from werkzeug.serving import WSGIRequestHandler, make_server

from ivr.simulator import Phone, cli
from ivr.simulator.acts import HangUp, Keys, Listening, Silence, Speech
from ivr.simulator.caller import ScriptedCaller, ScriptError, TerminalCaller
from ivr.simulator.signature import sign

WAIT = Listening("gather", 5, waits=True, takes_keys=True)
PAGES = {
    "/voice": "<Gather action='/m'><Say>Press a key.</Say></Gather><Say>Nothing?</Say>",
    "/m": "<Dial action='/d'>+18002636317</Dial>",
    "/d": "<Say>Goodbye</Say>",
    "/bad": Reply("<Response>", whole=True),
    "/f": "<Say>Sorry</Say>",
    "/s": "",
    "/record": "<Record action='/d'/>",
    "/steady": "<Say>It ends on Saturday, March thirteenth, 2027. Your code is 4 8 2, 9 1 3. Once more: 4 8 2, 9 1 3. "
    "Or dial 1, 8 0 5, 6 1 7, 7 0 0 0.</Say><Play>/hello.wav</Play>",
    "/hello.wav": Reply(wav(1), content_type="audio/wav"),
}


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


class SlowApp(App):
    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            time.sleep(0.5)
        return super().__call__(environ, start_response)


@pytest.fixture(scope="module")
def app():
    return SlowApp(PAGES)


@pytest.fixture(scope="module")
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments, stdin=""):
    """Do what `python -m ivr.simulator` does, and return what comes of it."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
        patch.setattr("sys.stdin", io.StringIO(stdin))
        try:
            code = cli.main([*map(str, arguments), "--auth-token", TOKEN])
        except SystemExit as ended:
            code = ended.code
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


def test_a_scripted_call_as_json_lines(app, address):
    app.seen.clear()
    done = run(f"{address}/voice", "--script", "12#", "--dial", "busy", "--status-callback", "/s", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [e["event"] for e in events]
    assert (done.returncode, done.stderr) == (0, "")
    assert names == [
        "request", "response", "say", "digits", "request", "response", "dial", "request", "response", "say",
        "request", "response", "ended",
    ]  # fmt: skip
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)
    assert events[3]["digits"] == "12#"
    assert (events[6]["number"], events[6]["status"]) == ("+18002636317", "busy")
    assert (events[-1]["status"], "duration_s" in events[-1]) == ("completed", True)
    assert app.paths() == ["/voice", "/m", "/d", "/s"]
    first = app.seen[0]
    assert first.headers["x-twilio-signature"] == sign(first.url, first.form, TOKEN)


def test_a_dialled_number_has_its_own_reaction(app, address):
    run(f"{address}/voice", "--script", "1#", "--dial", "busy", "--dial", "+18002636317=no-answer")
    assert app.last("/d").form["DialCallStatus"] == "no-answer"


def test_a_call_for_people_reads_as_a_transcript(address):
    done = run(f"{address}/voice", "--script", "wait")
    assert done.returncode == 0
    assert "hears    Press a key." in done.stdout
    assert "hears    Nothing?" in done.stdout
    assert "ends     completed" in done.stdout


def test_keys_come_from_standard_input_without_a_script(app, address):
    app.seen.clear()
    assert run(f"{address}/voice", stdin="7#\n").returncode == 0
    assert app.last("/m").form["Digits"] == "7"


def test_the_end_of_standard_input_hangs_up(address):
    done = run(f"{address}/voice", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["by"] == "caller"


def test_speech_is_recorded(app, address):
    assert run(f"{address}/record", "--script", 'say:"call me back please" wait').returncode == 0
    assert app.last("/d").form["RecordingDuration"] == "2"  # four words at 160 a minute


def test_an_application_that_fails_the_call_is_exit_code_3(app, address):
    done = run(f"{address}/bad", "--script", "", "--fallback", "/f", "--json")
    assert done.returncode == 3
    assert [e["code"] for e in map(json.loads, done.stdout.splitlines()) if e["event"] == "error"] == [12100]
    assert app.last("/f").form["ErrorCode"] == "12100"


def test_nobody_there_is_exit_code_1_and_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        done = run(f"http://127.0.0.1:{taken.getsockname()[1]}/voice", "--script", "")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.row(74)
def test_a_refused_connection_is_tried_twice():
    """One retry, for connection failures only, is the default; the alert is 11205."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with Phone(f"http://127.0.0.1:{taken.getsockname()[1]}", auth_token=TOKEN) as phone:
            call = phone.dial("/voice")
    assert (len(call.requests), codes(call, "error"), call.ended.status) == (2, [11205], "failed")


@pytest.mark.row(75)
def test_an_answer_that_takes_too_long_leads_to_the_fallback(address):
    """The patience is 15 s, or less if the fragment says so; there is no retry."""
    with Phone(address, auth_token=TOKEN) as phone:
        call = phone.dial("/slow#rt=100", fallback="/f")
    assert ([e.purpose for e in call.requests], codes(call, "error")) == (["voice", "fallback"], [11200])
    assert call.heard == ["Sorry"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ftp://x/"],
        ["http://x/", "--script", "fly"],
        ["http://x/", "--script", "'"],
        ["http://x/", "--dial", "engaged"],
        [],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_script_acts_once_at_each_wait_and_then_is_silent():
    caller = ScriptedCaller('1234# wait say:"yes please" hangup')
    assert caller.act(Listening("say", 2, takes_keys=True)) == Silence()
    assert [caller.act(WAIT) for _ in range(5)] == [
        Keys("1234#"), Silence(), Speech("yes please"), HangUp(), Silence()
    ]  # fmt: skip


def test_a_script_that_cannot_be_understood_is_refused_before_the_call():
    with pytest.raises(ScriptError, match="12x"):
        ScriptedCaller("1 12x")


def test_a_person_types_keys_lines_and_words(capsys):
    caller = TerminalCaller(io.StringIO("12#\n\nfly\nsay: good morning\nh\n"), io.StringIO())
    assert caller.act(Listening("say", 2)) == Silence()
    assert [caller.act(WAIT) for _ in range(5)] == [
        Keys("12#"), Silence(), Speech("good morning"), HangUp(), HangUp()
    ]  # fmt: skip
    assert "fly" in capsys.readouterr().err
