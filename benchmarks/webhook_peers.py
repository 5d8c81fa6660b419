"""What the line is measured against: the same TwiML without any work behind it, and a sample's way of doing it.

`bare`: a Flask route that builds the very same answers with twilio-python; nothing is signed, checked or written.
`sample`: a welcome and a menu that depend on the key, as introductions to Twilio write it.
`disk`: as bare, but a row is written and committed before each answer: what the database alone costs.
"""

import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import psycopg
from flask import Flask, Response, request, url_for
from sqlalchemy.engine import URL, make_url
from twilio.twiml.voice_response import Gather, VoiceResponse
from webhook_calls import Webhook

from ivr.db.gate import OPEN, Gate

RECORDINGS = "BENCH_RECORDINGS"
WAIT_S = 10.0


def make_disk() -> Flask:
    """Answer as bare does, with one INSERT and one commit each; on SQLite one after the other, as the line does."""
    app, url = make_bare(), make_url(os.environ["DATABASE_URL"])
    is_file = url.get_backend_name() == "sqlite"
    mine, one_by_one = threading.local(), threading.Lock() if is_file else nullcontext()
    gate = Gate(Path(str(url.database)), WAIT_S) if is_file else OPEN
    with closing(_connect(url)) as first:
        first.execute("CREATE TABLE IF NOT EXISTS bench_rows (path text, at double precision)")

    def connection() -> Any:
        if not hasattr(mine, "connection"):
            mine.connection = _connect(url)
        return mine.connection

    @app.before_request
    def write() -> None:
        database = connection()
        mark = "?" if is_file else "%s"
        with one_by_one, gate.entered():
            database.execute(f"INSERT INTO bench_rows VALUES ({mark}, {mark})", (request.path, time.time()))  # noqa: S608

    return app


def _connect(url: URL) -> Any:
    if url.get_backend_name() == "sqlite":
        made = sqlite3.connect(str(url.database), WAIT_S, isolation_level=None)
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = FULL")
        return made
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


def make_bare() -> Flask:
    """Answer each of the recorded webhooks as the line does."""
    app = Flask("bare")
    recordings: list[list[Webhook]] = pickle.loads(Path(os.environ[RECORDINGS]).read_bytes())  # noqa: S301 ours
    makers: dict[tuple[str, str], Callable[[], str]] = {}
    for webhook in (webhook for call in recordings for webhook in call):
        if webhook.answer:
            makers[webhook.path, dict(webhook.form).get("Digits", "")] = maker(ET.fromstring(webhook.answer))  # noqa: S314

    def answer(**_: str) -> Response:
        asked = request.full_path if request.query_string else request.path
        return Response(makers[asked, request.form.get("Digits", "")](), mimetype="text/xml")

    app.post("/voice")(answer)
    app.add_url_rule("/voice/<flow>/<node>", "turn", answer, methods=["POST"])
    app.add_url_rule("/voice/status", "status", lambda: Response(status=204), methods=["POST"])
    return app


def maker(told: ET.Element) -> Callable[[], str]:
    """Return what builds a document with twilio-python, verb for verb."""
    steps = [_step(child) for child in told]

    def make() -> str:
        response = VoiceResponse()
        for step in steps:
            step(response)
        return str(response)

    return make


def _step(told: ET.Element) -> Callable[[Any], None]:
    attributes = {_snake(name): value for name, value in told.attrib.items()}
    words = [told.text] if told.text else []
    children = [_step(child) for child in told]
    if told.tag == "Gather":

        def gather(parent: Any) -> None:
            verb = Gather(**attributes)
            for child in children:
                child(verb)
            parent.append(verb)

        return gather

    def verb(parent: Any) -> None:
        made = getattr(parent, told.tag.lower())(*words, **attributes)
        for child in children:
            child(made)

    return verb


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def make_sample() -> Flask:
    """Greet, offer a menu, and answer its keys."""
    app = Flask("sample")
    said = {
        "1": "To get it just for yourself, press 1. To get it for several people, press 2.",
        "2": "To hear what audio costs, press 1.",
        "3": "To cancel your free trial, press 1.",
    }

    @app.post("/voice")
    def welcome() -> str:
        response = VoiceResponse()
        with response.gather(num_digits=1, action=url_for("menu"), method="POST") as gather:
            gather.say("Thanks for calling. Press 1 to buy, 2 for audio, 3 for your free trial.", loop=3)
        return str(response)

    @app.post("/ivr/menu")
    @app.post("/voice/<flow>/<node>")
    def menu(flow: str = "", node: str = "") -> str:  # noqa: ARG001 the recorded callers have addresses of their own
        response = VoiceResponse()
        words = said.get(request.form.get("Digits", ""))
        if words is None:
            response.say("Returning to the main menu.")
            response.redirect(url_for("welcome"))
        else:
            response.say(words, voice="alice", language="en-GB")
            response.hangup()
        return str(response)

    @app.post("/voice/status")
    def status() -> tuple[str, int]:
        return "", 204

    return app


def __getattr__(name: str) -> Flask:
    """Make an application when a server asks for it by its name."""
    makers = {"bare": make_bare, "disk": make_disk, "sample": make_sample}
    if name not in makers:
        raise AttributeError(name)
    return makers[name]()
