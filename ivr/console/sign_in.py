"""The door: signing in, with a code where there is a second factor, and out."""

import secrets
from typing import Any

import flask_login
from flask import Response, abort, after_this_request, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from ivr.address import taken_apart
from ivr.bootstrap import answerline
from ivr.console.desk import SignedIn, me, now, page
from ivr.db.console.door import Knock
from ivr.db.console.staff_rows import cleaned
from ivr.staff import Role, Staff

HALF_WAY_S = 300  # between the password and the code
DEVICE, DEVICE_S = "console_device", 90 * 24 * 60 * 60
WRONG = "That name and password do not go together, or there were too many tries within the hour."
_flask_login: Any = flask_login  # some of it comes without types


@page("/sign-in", needs=None, methods=("GET", "POST"))
def sign_in() -> Any:
    """Ask for a name and a password."""
    if current_user.is_authenticated:
        return redirect(_after())
    if request.method == "GET":
        return render_template("console/sign_in.html", name="")
    name, password = request.form.get("name", ""), request.form.get("password", "")
    staff = answerline().staff.door.sign_in(name, password[:1000], _knock(name))
    if staff is None:
        flash(WRONG, "danger")
        return render_template("console/sign_in.html", name=name[:64]), 401
    zone = request.form.get("zone", "")
    if staff.totp:
        session.clear()
        session["half"] = {"id": staff.id, "epoch": staff.epoch, "at": now().timestamp(), "zone": zone[:64]}
        return redirect(url_for("console.sign_in_code", next=request.args.get("next")))
    begin(staff, zone)
    return redirect(_after())


@page("/sign-in/code", needs=None, methods=("GET", "POST"))
def sign_in_code() -> Any:
    """Ask whoever has a second factor for a code."""
    if current_user.is_authenticated:
        return redirect(_after())
    half: dict[str, Any] = session.get("half") or {}
    staff = answerline().staff.get(half["id"]) if now().timestamp() - half.get("at", 0) < HALF_WAY_S else None
    if staff is None or staff.epoch != half["epoch"]:
        session.pop("half", None)
        flash("That took too long. Sign in once more.", "info")
        return redirect(url_for("console.sign_in", next=request.args.get("next")))
    if request.method == "GET":
        return render_template("console/sign_in_code.html")
    proved = answerline().staff.door.second(staff, request.form.get("code", "")[:100], _knock(staff.name))
    if proved is None:
        flash("That code is wrong or has been used, or there were too many tries within the hour.", "danger")
        return render_template("console/sign_in_code.html"), 401
    begin(proved, half["zone"])
    return redirect(_after())


@page("/sign-out", needs=Role.STAFF, methods=("POST",))
def sign_out() -> Any:
    """End this session."""
    answerline().staff.sign_out(me(), session.get("id", ""), request.remote_addr or "")
    logout_user()
    session.clear()
    return redirect(url_for("console.sign_in"))


@page("", needs=Role.STAFF)
def home() -> Any:
    """Begin with the calls."""
    return redirect(url_for("console.calls"))


def begin(staff: Staff, zone: str) -> None:
    """Begin a session: nothing of an older one stays. zone: what the browser says, IANA."""
    session.clear()
    session.permanent = True
    session["id"] = secrets.token_urlsafe(16)
    session["since"] = session["seen"] = now().timestamp()
    session["zone"] = zone[:64]
    _flask_login.login_user(SignedIn(staff))
    if not _device(staff.name):
        after_this_request(lambda answer: _remember(answer, staff.name))


def _knock(name: str) -> Knock:
    return Knock(request.remote_addr or "", _device(name))


def _devices() -> URLSafeTimedSerializer:
    settings = answerline().settings
    keys = [key for key in (settings.secret_key_previous, settings.secret_key) if key]  # the last one signs
    return URLSafeTimedSerializer(keys, salt="console device")


def _device(name: str) -> str:
    """Return the secret of this device, if its cookie was given to this name; it opens nothing by itself."""
    try:
        whose, device = _devices().loads(request.cookies.get(DEVICE, ""), max_age=DEVICE_S)
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(device) if whose == cleaned(name) else ""


def _remember(answer: Response, name: str) -> Response:
    settings = answerline().settings
    answer.set_cookie(
        DEVICE,
        _devices().dumps([name, secrets.token_urlsafe(16)]),
        max_age=DEVICE_S,
        path=f"{settings.base_path}/console",
        secure=settings.public_base_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _after() -> str:
    """Go on where they wanted to be: a path of the console only."""
    there = request.args.get("next", "")
    parts = taken_apart(there)
    plain = there.isprintable() and "\\" not in there
    inside = plain and not parts.scheme and not parts.netloc and parts.path.startswith("/console")
    return f"{answerline().settings.base_path}{there}" if inside else url_for("console.home")


@page("/<path:path>", needs=Role.STAFF)
def nowhere(path: str) -> Any:  # noqa: ARG001 whatever it is
    """Say in the console's own page that something is not there."""
    abort(404, "There is no such page.")
