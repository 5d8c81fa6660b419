"""The tester's phone without a browser: the page's rules, and the calls it places over a WebSocket."""

import json
import threading
import time
from contextlib import suppress

import pytest
import simple_websocket
from server import Server
from werkzeug.serving import make_server

from ivr.config import Settings
from ivr.web import create_app, exchange, simulator

SALES = "+18886460014"


class Page:
    """A page, played by a test."""

    def __init__(self, base: str, **setup):
        self.socket = simple_websocket.Client(base.replace("http:", "ws:") + "/simulator/call")
        self.events = []
        self.says("dial", **{"from": "+14155550199", "to": "+18005550100", "pace": "fast", **setup})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(simple_websocket.ConnectionClosed, OSError):
            self.socket.close()
        self.socket.thread.join(5)

    def says(self, word, **fields):
        self.socket.send(json.dumps({"do": word, **fields}))

    def until(self, event, **fields):
        """Read events up to the one that is waited for."""
        while True:
            raw = self.socket.receive(timeout=10)
            assert raw is not None, f"no {event} {fields} came, but {self.events[-5:]}"
            self.events.append(json.loads(raw))
            if self.events[-1] | {"event": event, **fields} == self.events[-1]:
                return self.events[-1]

    @property
    def heard(self):
        return " ".join(event["text"] for event in self.events if event["event"] == "say")


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("phone")) as server:
        yield server.base


def test_a_call_is_placed_and_its_events_are_those_of_the_simulator(line):
    with Page(line) as page:
        page.until("listening", waits=True)
        page.says("press", keys="5")
        page.until("listening", waits=True)
        page.says("hang-up")
        assert page.until("ended")["by"] == "caller"
        test = page.until("test")
    assert "click Edit" in page.heard
    request, response = page.events[:2]
    assert (request["event"], request["method"], request["purpose"]) == ("request", "POST", "voice")
    assert len(request["signature"]) == 28
    assert response["status"] == 200
    assert "<Gather" in response["twiml"]
    assert test["disposition"] == "informed"
    assert "presses  5\n" in test["text"]


def test_a_key_in_the_middle_of_a_prompt_cuts_it_off(line):
    with Page(line, pace="voice") as page:
        while not page.until("listening", kind="say")["takes_keys"]:
            page.says("heard", moment=page.events[-1]["moment"])
        said = len([event for event in page.events if event["event"] == "say"])
        page.says("press", keys="5")
        request = page.until("request")
        assert request["params"]["Digits"] == "5"
        assert len([event for event in page.events if event["event"] == "say"]) == said
        page.says("hang-up")
        page.until("ended")


def test_a_word_about_a_moment_gone_by_changes_nothing(line):
    with Page(line, pace="voice") as page:
        moment = page.until("listening", kind="say")["moment"]
        page.says("heard", moment=moment)
        page.says("heard", moment=moment)
        page.until("listening", moment=moment + 1)
        assert page.socket.receive(timeout=0.3) is None
        page.says("hang-up")
        page.until("ended")


def test_dialled_people_react_as_chosen(line):
    with Page(line, people={SALES: "busy"}) as page:
        for keys in ("1", "2", "12#"):
            page.until("listening", waits=True)
            page.says("press", keys=keys)
        assert page.until("dial")["status"] == "busy"
        page.says("hang-up")
        page.until("ended")


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("fault", ["down", "slow", "error", "broken"])
def test_every_fault_leads_to_the_fallback_and_a_human(line, fault, lasting):
    with Page(line, fault=fault, lasting=lasting) as page:
        page.until("request", purpose="fallback")
        assert page.until("dial")["status"] == "completed"
        assert page.until("ended")["status"] == "completed"
        assert page.until("test")["text"].startswith(f"fault    {fault}{' always' * lasting}\ncaller")
    assert any(event["event"] == "error" for event in page.events)
    assert "technical problem" in page.heard


def test_a_fault_in_the_middle_of_a_call_leads_to_a_human_too(line):
    with Page(line) as page:
        page.until("listening", waits=True)
        page.says("fault", fault="error")
        page.until("listening", waits=True)
        page.says("press", keys="5")
        page.until("request", purpose="fallback")
        assert page.until("dial")["status"] == "completed"
        test = page.until("test")
        assert test["disposition"] == "transferred"
        assert "fault    error\npresses  5\n" in test["text"]


def test_a_caller_need_not_wait_for_a_slow_application(line):
    with Page(line, pace="voice", fault="slow") as page:
        page.until("listening", kind="webhook")
        page.says("hang-up")
        assert page.until("ended")["by"] == "caller"


@pytest.mark.parametrize(
    "wrong",
    [{"from": ""}, {"to": "x" * 65}, {"people": {"+1": "busy"}}, {"people": {SALES: "asleep"}}, {"pace": "slow"},
     {"fault": "fire"}],
    ids=str,
)  # fmt: skip
def test_a_call_that_makes_no_sense_is_refused_with_a_reason(line, wrong):
    with Page(line, **wrong) as page:
        assert page.until("problem")["text"]


def test_nonsense_in_a_call_is_answered_and_the_call_goes_on(line):
    with Page(line) as page:
        page.until("listening", waits=True)
        for nonsense in ({"do": "dance"}, {"do": "press", "keys": "x"}, {"do": "pace", "pace": "slow"}, [1], "not"):
            page.socket.send(json.dumps(nonsense) if nonsense != "not" else "{")
            page.until("problem")
        page.says("hang-up")
        page.until("ended")


def test_ctrl_c_does_not_wait_for_people_to_hang_up(tmp_path):
    with Server(tmp_path) as server:
        page = Page(server.base, pace="voice")
        page.until("listening")
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert server.process.returncode == 0
    page.__exit__()


class Standing(Page):
    """A page that waits to be rung."""

    def __init__(self, base: str, number: str):
        self.socket = simple_websocket.Client(base.replace("http:", "ws:") + "/simulator/standby")
        self.events = []
        self.says("stand-by", number=number)

    def __enter__(self):
        self.says("dance")
        self.says("stand-by", number="")
        self.until("problem")
        return self


CALLER, OURS = "+14155550123", "+18005550100"


def order(app, path="/Calls.json", form=None, token=None, **more):
    settings = app.extensions["answerline"].settings
    return app.test_client().open(
        f"/simulator/rest/2010-04-01/Accounts/{settings.twilio_account_sid}{path}",
        method="POST" if form else "GET",
        data=form,
        auth=(settings.twilio_account_sid, token or settings.twilio_auth_token),
        base_url="http://localhost",
        **more,
    )


def wanted(to=CALLER, twiml="<Gather numDigits='1' action='http://127.0.0.1:1/'/>"):
    return {"To": to, "From": OURS, "Twiml": f"<Response>{twiml}</Response>"}


def comes_to(app, sid, status):
    until = time.monotonic() + 10
    while order(app, f"/Calls/{sid}.json").json["status"] != status:
        assert time.monotonic() < until, f"never {status}"
        time.sleep(0.02)


def test_a_page_that_stands_by_is_rung(own):
    """It answers, and is in the call; it is busy to another."""
    base, app = own
    with Standing(base, CALLER) as page:
        sid = order(app, form=wanted()).json["sid"]
        assert page.until("rung")["number"] == OURS
        page.until("listening", kind="rung")
        page.says("answer")
        page.until("listening", kind="gather")
        second = order(app, form=wanted()).json["sid"]
        comes_to(app, second, "busy")
        page.says("hang-up")
        assert page.until("ended")["by"] == "callee"
        comes_to(app, sid, "completed")
        order(app, "/Messages.json", {"To": CALLER, "From": OURS, "Body": "Hello"})
        assert page.until("text")["body"] == "Hello"


def test_a_page_that_goes_away_while_it_rings_declines(own):
    """And then its number is answered by whoever else is there."""
    base, app = own
    with Standing(base, CALLER) as page:
        sid = order(app, form=wanted()).json["sid"]
        page.until("listening", kind="rung")
    comes_to(app, sid, "busy")


def test_two_pages_talk_through_the_queue(own):
    """One waits in it, the other is the agent; who hangs up leaves the other to the line."""
    base, app = own
    with Standing(base, CALLER) as agent, Standing(base, "+14155550124") as caller:
        waiting = order(app, form=wanted("+14155550124", "<Enqueue waitUrl=''>q</Enqueue><Say>Bye</Say>")).json["sid"]
        caller.until("listening", kind="rung")
        caller.says("answer")
        caller.until("listening", kind="queue")
        serving = order(app, form=wanted(twiml="<Dial><Queue>q</Queue></Dial>")).json["sid"]
        agent.until("listening", kind="rung")
        agent.says("answer")
        agent.until("listening", kind="talking")
        caller.until("listening", kind="talking")
        agent.says("hang-up")
        agent.until("ended")
        assert caller.until("say")["text"] == "Bye"
        caller.says("hang-up")
        comes_to(app, waiting, "completed")
        comes_to(app, serving, "completed")


def test_the_carrier_of_a_demo_is_for_who_knows_its_token(own, settings, clock):
    """And nobody is there where the line is no demo, or is asked from elsewhere."""
    app = own[1]
    assert order(app, form=wanted(), token="wrong").status_code == 401
    assert order(app, form=wanted(), headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert order(app, form=wanted() | {"To": ""}).json["code"] == 21201
    real = create_app(Settings(**{**vars(settings), "public_base_url": "http://127.0.0.1:5000"}), clock)
    assert order(real, form=wanted()).status_code == 404
    real.extensions["answerline"].database.dispose()


def test_so_many_calls_at_once_and_no_more(own, monkeypatch):
    """429 and 20429, which may be asked again."""
    monkeypatch.setattr(exchange, "PLACED", threading.BoundedSemaphore(1))
    base, app = own
    with Standing(base, CALLER) as page:
        sid = order(app, form=wanted()).json["sid"]
        page.until("listening", kind="rung")
        refused = order(app, form=wanted("+14155550124"))
        assert (refused.status_code, refused.json["code"]) == (429, 20429)
        page.says("hang-up")
        comes_to(app, sid, "busy")


@pytest.fixture
def own(settings, clock, demo_database, tmp_path):
    """A line in this process, as `flask run` serves it; returns its address and application."""
    (tmp_path / "answerline.db").write_bytes(demo_database.read_bytes())
    local = Settings(
        **{
            **vars(settings),
            "database_url": f"sqlite:///{tmp_path}/answerline.db",
            "public_base_url": "https://line.example.com/ivr",
        }
    )
    app = create_app(local, clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", app
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["answerline"].database.dispose()


def test_it_works_under_the_development_server_and_behind_a_path(own):
    base, app = own
    with Page(base) as page:
        assert page.until("request")["url"] == "https://line.example.com/ivr/voice"
        page.until("listening", waits=True)
        page.says("hang-up")
        sid = page.until("test")["call_sid"]
    assert app.extensions["answerline"].calls.load(sid)


def test_a_page_that_goes_away_hangs_up(own, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(simulator._Call, "_finish", lambda *_: over.set())
    with Page(own[0]) as page:
        page.until("listening", waits=True)
    assert over.wait(5)


def test_when_all_lines_are_busy_it_says_so(own, monkeypatch):
    monkeypatch.setattr(simulator, "LINES", threading.BoundedSemaphore(1))
    with Page(own[0]) as first:
        first.until("listening", waits=True)
        with Page(own[0]) as second:
            assert "busy" in second.until("problem")["text"]
        first.says("hang-up")
        first.until("test")


def test_pins_typed_on_the_page_are_not_written(own, tmp_path, caplog, capfd):
    with caplog.at_level("DEBUG"), Page(own[0]) as page:
        for keys in ("3", "1", "83650274", "918273"):
            page.until("listening", waits=True)
            page.says("press", keys=keys)
        page.until("listening", waits=True)
        page.says("hang-up")
        page.until("test")
    out = "".join(capfd.readouterr())
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in ("83650274", "918273"):
        assert secret.encode() not in written
        assert secret not in caplog.text + out


LOCAL = {"public_base_url": "http://127.0.0.1:5000"}


@pytest.mark.parametrize(
    ("changed", "host", "status"),
    [
        (LOCAL, "localhost:5000", 200),
        (LOCAL, "192.168.1.20:5000", 200),
        (LOCAL, "[::1]:5000", 200),
        (LOCAL, "line.example.com", 404),
        (LOCAL, "8.8.8.8", 404),
        ({}, "127.0.0.1:5000", 404),
    ],
    ids=str,
)
def test_the_page_is_there_only_for_whoever_runs_the_line(settings, clock, changed, host, status):
    app = create_app(Settings(**{**vars(settings), **changed}), clock)
    answer = app.test_client().get("/simulator", base_url=f"http://{host}")
    assert answer.status_code == status
    app.extensions["answerline"].database.dispose()


def test_the_page_may_load_nothing_from_elsewhere_and_shows_pins_only_of_a_demo(settings, clock, own):
    app = create_app(Settings(**{**vars(settings), **LOCAL}), clock)
    answer = app.test_client().get("/simulator", base_url="http://localhost:5000")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "204816" not in answer.text
    app.extensions["answerline"].database.dispose()
    assert "204816" in own[1].test_client().get("/simulator", base_url="http://localhost").text


def test_a_replay_can_look_at_demo_accounts_and_at_no_others(settings, clock, own):
    found = own[1].test_client().get("/simulator/accounts/70000011", base_url="http://localhost").json
    assert (found["number"], found["seats"], found["cancels_at_trial_end"]) == ("70000011", 1, False)
    assert "204816" not in str(found)
    assert own[1].test_client().get("/simulator/accounts/1", base_url="http://localhost").status_code == 404
    app = create_app(Settings(**{**vars(settings), **LOCAL}), clock)
    assert app.test_client().get("/simulator/accounts/70000011", base_url="http://localhost").status_code == 404
    app.extensions["answerline"].database.dispose()


def test_pages_of_others_cannot_call(own):
    answer = (
        own[1]
        .test_client()
        .get("/simulator", base_url="http://localhost:5000", headers={"Origin": "https://elsewhere.example"})
    )
    assert answer.status_code == 403


def test_a_call_is_linked_to_its_page_in_the_console():
    assert simulator._console("CA1") == "/console/calls/CA1"
    assert simulator._console() == "/console"
