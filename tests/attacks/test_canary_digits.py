"""Digits typed at a PIN or account prompt are never written anywhere; and if they were, this would find them."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from canaries import Canaries, everything_in, forms
from canary_calls import WAYS, Session
from canary_leaks import LEAKS, Leaks
from carrier import Carrier
from databases import LightHasher, migrated_url
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from server import Server
from sqlalchemy import text
from tables import show

from ivr.call import Position
from ivr.config import Settings
from ivr.db.demo import load_demo
from ivr.db.history import show_call
from ivr.simulator.phone import Phone
from ivr.telemetry import metrics, tracing
from ivr.web import create_app

PLACES = [Position("verify", "account"), Position("verify", "pin"), Position("buying", "organizers")]
EVENTS_SECRET = "whsec_" + "QW5zd2VybGluZSBpcyB0ZXN0ZWQgd2l0aCB0aGlz"
TELLING = ["a_stored_turn", "a_line_of_the_log_that_spells_it", "a_file_beside_the_database"]


@pytest.fixture
def session(app, demo, carrier, tmp_path):
    return Session(app, demo, carrier, tmp_path, seed=1)


def types_everything(session, monkeypatch, *, at_length):
    with session.logged():
        session.everywhere(WAYS, None if at_length else PLACES)
        session.everywhere({"PIN": WAYS["PIN"]}, None if at_length else session.questions())
        session.twice()
        session.elsewhere()
        session.while_it_fails(monkeypatch)
        session.after_a_deploy()
        session.look()


def test_what_is_typed_anywhere_in_any_wrong_way_is_written_nowhere(session, monkeypatch):
    types_everything(session, monkeypatch, at_length=False)
    assert session.canaries.found(session.written()) == set()


@pytest.mark.parametrize(
    "leak", [name if name in TELLING else pytest.param(name, marks=pytest.mark.attack) for name in LEAKS]
)
def test_a_leak_would_be_found(settings, clock, monkeypatch, tmp_path, leak):
    line = Line("sqlite", settings, clock, tmp_path)
    session, spans = Session(line.app, line.parts, Carrier(line.app), tmp_path, seed=1), line.spans()
    getattr(Leaks(monkeypatch, tmp_path), leak)()
    with session.logged():
        session.everywhere({way: WAYS[way] for way in ("PIN", "account")}, PLACES[:2])
    session.answers += spans()
    found = session.canaries.found(session.written())
    line.close()
    metrics.WEBHOOKS.clear()
    assert {way for way, _ in found} == {"PIN", "account"}


@pytest.mark.parametrize(
    ("path", "node"),
    [
        (["3", "1", "70000011", "*#"], "verify.pin_help"),
        (["3", "1", "*#"], "verify.account_help"),
        (["3", "1", "70000011", "204816"], "cancel_trial.confirm"),
    ],
)
def test_a_pin_typed_where_a_menu_waits_is_dots_key_by_key(phone, demo, path, node):
    call = phone.dial("/voice", from_="+14155550199", to="+18005550100")
    for keys in path:
        call.press(keys)
    for key in "85":
        call.press(key)
    turns = show_call(demo.database, call.call_sid)["turns"]
    typed = [turn["input"] for turn in turns if f"{turn['flow']}.{turn['node']}" == node and turn["input"]]
    assert typed
    assert not set("".join(typed)) & set("0123456789")


# A question that is none of a secret: a PIN may have been meant, so only what cannot be one is written down.
@pytest.mark.parametrize(
    ("keys", "written"),
    [("12", "12"), ("999", "999"), ("91827", "•••••"), ("918273", "••••••"), ("4155550147", "4155550147")],
)
def test_only_digits_that_are_no_secret_are_written_at_any_other_question(session, demo, keys, written):
    at = Position("callback" if len(keys) > 9 else "buying", "number" if len(keys) > 9 else "organizers")
    sid = session._waits(at)
    session.carrier.post(f"/voice/{at.flow}/{at.node}?turn=1", sid, Digits=keys)
    turns = show_call(demo.database, sid)["turns"]
    assert next(turn["input"] for turn in turns if turn["node"] == at.node) == written


# At full length: every way at every wait, on both databases, with traces and events, and a server of its own.
class Line:
    """A line on a database, told of and traced."""

    def __init__(self, backend, settings, clock, folder):
        self.url = migrated_url(backend, folder)
        told = {"events_url": "http://127.0.0.1:9/here", "events_secret": EVENTS_SECRET, "events_simulated": "yes"}
        self.app = create_app(replace(settings, database_url=self.url, **told), clock)
        self.parts = self.app.extensions["answerline"]
        load_demo(self.parts.database, LightHasher("a pepper for tests"), clock)

    def spans(self):
        """Trace it from here on; returns what the spans have come to."""
        exporter = InMemorySpanExporter()
        tracing.trace(self.app, self.parts.database, SimpleSpanProcessor(exporter))
        return lambda: [span.to_json() for span in exporter.get_finished_spans()]

    def close(self):
        """Close what it has opened."""
        HTTPXClientInstrumentor().uninstrument()
        self.parts.database.dispose()
        self.parts.reads.primary.dispose()

    def files(self):
        """Return every byte of a database server's own folder."""
        if self.parts.database.dialect.name == "sqlite":
            return b""
        with self.parts.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            return everything_in(Path(connection.scalar(text("SHOW data_directory"))))


@pytest.mark.attack
def test_a_server_of_its_own_writes_nothing_either(tmp_path):
    """gunicorn, with all that it says when a request is malformed, at the most talkative."""
    canaries = Canaries(seed=1)
    with Server(tmp_path, LOG_LEVEL="debug") as server:
        token = Settings.from_env(server.env).twilio_auth_token
        with Phone(server.base, auth_token=token) as phone:
            call = phone.dial("/voice", status_callback="/voice/status")
            for keys in ("3", "1", canaries.digits("account", 8), canaries.digits("PIN", 6), "*"):
                call.press(keys)
            call.hang_up()
        typed = canaries.digits("malformed", 12)
        for line in (
            f"POST /voice?Digits={typed} HTTP/9.9",
            f"POST /voice?Digits={typed}",
            f"GET /{typed} HTTP/1.1\r\n:x",
        ):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
                raw.sendall(f"{line}\r\nHost: x\r\nContent-Length: {typed}\r\n\r\nDigits={typed}".encode())
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(4096):
                    pass
        shared = [everything_in(folder) for folder in metrics.MEMORY.glob("answerline-metrics-*")]
        written = everything_in(tmp_path) + b"".join(shared)
    assert canaries.found(written) == set()


@pytest.mark.attack
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_every_way_at_every_wait_is_written_nowhere(backend, settings, clock, tmp_path, monkeypatch):
    line, found = Line(backend, settings, clock, tmp_path), []
    spans = line.spans()
    for seed in (1, 2):  # what is found twice has not been found by chance
        session = Session(line.app, line.parts, Carrier(line.app), tmp_path, seed)
        types_everything(session, monkeypatch, at_length=backend == "sqlite")
        session.answers += spans()
        written = session.written() + line.files()
        found.append(session.canaries.found(written))
        if not found[0]:
            break
    line.close()
    leaked = set.intersection(*found)
    per_way = [
        (way, len(digits), sum(way == leak for leak, _ in leaked)) for way, digits in session.canaries.ways.items()
    ]
    title = f"Canary digits on {backend}: {len(written) / 1e6:.1f} MB searched in {len(forms('12345'))} forms"
    show(title, ("typed", "digits", "found"), [*per_way, ("calls", session._serial, "")])
    assert leaked == set()
