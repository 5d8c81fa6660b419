"""The tester's phone: a page, one WebSocket for each call it places, and one at which it can be rung.

It is there where nobody but the operator can be: on a demo database or a line without a public address, and only
when the page is opened by this machine's name or by an address of a private network (docs/decisions.md, 15).
"""

import logging
from dataclasses import fields
from threading import BoundedSemaphore
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
    send_file,
)
from flask_sock import Sock  # pyright: ignore[reportMissingTypeStubs]

from ivr.address import taken_apart
from ivr.audio.pronunciation import PronunciationError
from ivr.audio.voice import VoiceError
from ivr.bootstrap import Answerline, answerline
from ivr.db.demo import demo_table
from ivr.db.history import show_call
from ivr.simulator.events import Event
from ivr.simulator.facts import new_sid
from ivr.simulator.faults import Faults
from ivr.simulator.phone import DEFAULT_FROM, DEFAULT_TO
from ivr.simulator.recorder import RecordedCaller, Recorder
from ivr.web.browser_caller import TEXT_MAX, BrowserCaller, Message, Socket, fault_of
from ivr.web.exchange import chosen, exchange, number_of, people_known, reactions

blueprint = Blueprint("simulator", __name__, url_prefix="/simulator")
sock: Any = Sock()
# A call keeps a thread of the server; some stay free for whoever really calls.
LINES = BoundedSemaphore(4)
DIAL_WITHIN_S = 30
KEPT_S = 3600
log = logging.getLogger("answerline")


@blueprint.before_request
def keep_private() -> None:
    """Hide from the internet, and from the pages of others in the same browser."""
    if not answerline().settings.shows_simulator(request.host):
        abort(404)
    origin = request.headers.get("Origin")
    if origin and taken_apart(origin).netloc != request.host:
        abort(403)


@blueprint.get("")
def phone() -> Response:
    """Show the phone."""
    line = answerline()
    settings = line.settings
    page = render_template(
        "simulator.html",
        settings=settings,
        speaks=line.reader.can_speak,
        people=people_known(settings),
        reactions=reactions(),
        accounts=demo_table() if settings.is_demo else (),
        default_from=DEFAULT_FROM,
        default_to=DEFAULT_TO,
        console="/console" if _console() else "",
    )
    answer = make_response(page)
    sockets = f"ws://{request.host} wss://{request.host}"
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'self'; connect-src 'self' {sockets}; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    answer.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # It shows the PINs of the demo accounts.
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/accounts/<number>")
def account(number: str) -> Response:
    """Return what is on file for a demo account, which the acts `account` of a replayed file look at."""
    line = answerline()
    found = line.accounts.find(number) if line.settings.is_demo else None
    if found is None:
        abort(404)
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    answer = jsonify({name: value for name, value in values.items() if isinstance(value, bool | int | str | None)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/speech")
def speech() -> Response:
    """Say the words of a `<Say>` in the line's own voice; 404 where there is none, and the browser's own must do."""
    text = " ".join(request.args.get("text", "").split())
    if not 0 < len(text) <= TEXT_MAX:
        abort(400, f"text is what is to be said, at most {TEXT_MAX} characters.")
    try:
        sound = send_file(answerline().reader.wav(text), mimetype="audio/wav", conditional=True, max_age=KEPT_S)
    except (VoiceError, PronunciationError, OSError) as error:
        log.warning("nothing spoken in the browser: %s", error)
        abort(404)
    sound.cache_control.private = True
    return sound


@sock.route("/call", bp=blueprint)  # type: ignore[untyped-decorator]
def call(socket: Socket) -> None:
    """Place one call; the connection is the call."""
    lines = LINES
    if not lines.acquire(blocking=False):
        caller = BrowserCaller(socket)
        caller.next_message(DIAL_WITHIN_S)
        caller.tell("problem", text="All lines are busy; hang up another call.")
        return
    try:
        _Call(answerline(), socket).run()
    finally:
        lines.release()


class _Call:
    """One call of the page, through the line's own webhooks, in this process."""

    def __init__(self, line: Answerline, socket: Socket) -> None:
        self._line = line
        self._sid = new_sid("CA")
        self._phone = exchange().phone
        self._caller = BrowserCaller(socket, lambda: self._phone.calls.get(self._sid))
        self._base = line.settings.base_path
        self._recorder = Recorder()

    def run(self) -> None:
        """Wait for the page to dial, and see the call to its end."""
        message = self._caller.next_message(DIAL_WITHIN_S)
        if message is None:
            return
        try:
            from_, to, people = self._prepare(message)
            fault = fault_of(message)
        except ValueError as error:
            self._caller.tell("problem", text=str(error))
            return
        self._recorder = Recorder(from_, to if to != DEFAULT_TO else "", people, fault if fault.fault else None)
        call = self._phone.dial(
            f"{self._base}/voice",
            from_=from_,
            to=to,
            call_sid=self._sid,
            fallback=f"{self._base}/voice/fallback",
            status_callback=f"{self._base}/voice/status",
            on_event=self._happened,
            caller=RecordedCaller(self._caller, self._recorder),
            faults=Faults(fault, self._caller.wait),
        )
        self._finish(call.call_sid)

    def _prepare(self, message: Message) -> tuple[str, str, dict[str, str]]:
        if message.get("do") != "dial":
            raise ValueError("dial first")
        from_, to = (number_of(message.get(name), name) for name in ("from", "to"))
        people = chosen(message, self._line.settings)
        others = people.get("*", "completed")  # how everybody reacts who is not named
        exchange().choose({"*": others} | {number: others for _, number in people_known(self._line.settings)} | people)
        self._caller.set_pace(message.get("pace", "voice"))
        return from_, to, people

    def _finish(self, sid: str) -> None:
        disposition = (show_call(self._line.database, sid) or {}).get("disposition") or ""
        self._caller.tell(
            "test",
            text=self._recorder.text(disposition),
            disposition=disposition,
            call_sid=sid,
            console=_console(sid),
        )

    def _happened(self, event: Event) -> None:
        self._recorder.hear(event)
        self._caller.send(event.to_json())


def _console(sid: str = "") -> str:
    """Return the console's address of a call, or of its first page, below the line's own path."""
    return f"/console/calls/{sid}" if sid else "/console"
