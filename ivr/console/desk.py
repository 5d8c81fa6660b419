"""The console's blueprint, and the door of every page: who may come in, and with which headers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any, TypeVar, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    g,
    jsonify,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, logout_user
from flask_wtf import CSRFProtect
from sqlalchemy import Engine

from ivr.bootstrap import answerline
from ivr.service_errors import ServiceError
from ivr.staff import Role, Staff

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")
# Who may open what, by endpoint. A page that is not in here is shut.
NEEDS: dict[str, Role | None] = {"console.static": None}
# Pages that scripts ask for over and over: they do not keep a session alive, and have few threads at a time.
POLLED: set[str] = set()
POLLS_AT_ONCE = 2
_polls = BoundedSemaphore(POLLS_AT_ONCE)
# Bytes that a request may have, where that is more than a webhook's.
ROOM: dict[str, int] = {}
WHOLE_NUMBERS = Role.LEAD
# What is open to somebody whose password is to be changed first.
WITH_ANY_PASSWORD = {"console.profile", "console.change_password", "console.sign_out", "console.nowhere"}
IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
csrf: Any = CSRFProtect()
login: Any = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):  # type: ignore[misc]  # it comes without types
    """Somebody who is signed in, as Flask-Login holds them."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def get_id(self) -> str:
        """Name the session: a new epoch ends it."""
        return f"{self.staff.id}.{self.staff.epoch}"


def page(
    rule: str,
    needs: Role | None,
    methods: tuple[str, ...] = ("GET",),
    *,
    polled: bool = False,
    room: int | None = None,
) -> Callable[[View], View]:
    """Declare a page of the console.

    needs: the least role that may open it; None for anybody at all. polled: a script asks for it over and over. room:
    bytes that may be sent to it, once its sender may come in.
    """

    def declare(view: View) -> View:
        NEEDS[f"console.{view.__name__}"] = needs
        if polled:
            POLLED.add(f"console.{view.__name__}")
        if room is not None:
            ROOM[f"console.{view.__name__}"] = room
        blueprint.add_url_rule(rule, view_func=view, methods=list(methods))
        return view

    return declare


def install(app: Flask) -> None:
    """Put the console into the application."""
    app.config.from_mapping(
        WTF_CSRF_CHECK_DEFAULT=False,  # webhooks are signed instead
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        PERMANENT_SESSION_LIFETIME=LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,  # or a poll that is slow would bring back an older session
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    csrf.init_app(app)
    # Not by its `init_app`, which would have every answer look for a "remember me" in the session, webhooks' and clips'
    # too, and every error page ask the database who is reading it.
    app.login_manager = login  # type: ignore[attr-defined]
    app.register_blueprint(blueprint)


def me() -> Staff:
    """Return who is signed in; only for pages that need a role."""
    return cast("SignedIn", current_user).staff


def signed_in() -> bool:
    """Say whether somebody is signed in; nobody is while the database cannot tell."""
    try:
        return bool(current_user.is_authenticated)
    except ServiceError:
        return False


def reads() -> Engine:
    """Return where this page reads what is only looked at; the same for all of the page.

    Whoever has just changed something reads the primary, and finds it changed.
    """
    if "reads" not in g:
        line = answerline()
        own = now().timestamp() - float(session.get("wrote", 0)) <= line.settings.database_replica_lag_s + 1
        g.reads = line.reads.primary if own else line.reads.engine()
    return cast("Engine", g.reads)


def read_elsewhere() -> bool:
    """Say whether a page whose reading failed is worth another try: the replica failed, and the primary is there."""
    line = answerline()
    if request.method != "GET" or "reads" not in g or g.reads is not line.reads.replica:
        return False
    line.reads.failed()
    g.reads = line.reads.primary
    return True


def now() -> datetime:
    """Now, aware UTC, by the line's clock."""
    return answerline().clock.now()


@login.user_loader  # type: ignore[untyped-decorator]
def _load(session_id: str) -> SignedIn | None:
    number, _, epoch = session_id.partition(".")
    plain = number.isascii() and number.isdecimal()
    staff = answerline().staff.get(int(number), session.get("id", "")) if plain else None
    return SignedIn(staff) if staff is not None and str(staff.epoch) == epoch else None


@blueprint.before_request
def guard() -> Any:
    """Let in who may come in."""
    if request.endpoint not in NEEDS:
        abort(404)
    needs = NEEDS[request.endpoint]
    if request.endpoint in POLLED and not _begin_poll():
        return Response(status=503, headers={"Retry-After": "1"})
    if needs is not None:
        if not current_user.is_authenticated or _over():
            return _to_the_door()
        if not me().may(needs):
            abort(403, f"This needs the role “{needs}”; you are signed in as {me().role}.")
        if request.endpoint not in POLLED:
            session["seen"] = now().timestamp()
        if me().must_change and request.endpoint not in WITH_ANY_PASSWORD:
            return _to_a_password()
    if request.endpoint in ROOM:
        request.max_content_length = ROOM[request.endpoint]
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()
        session["wrote"] = now().timestamp()
    return None


def _begin_poll() -> bool:
    """Take one of the few threads that polls may have: webhooks need the others, however many consoles are open."""
    g.polls = _polls.acquire(blocking=False)
    return bool(g.polls)


@blueprint.teardown_request
def end_poll(_error: BaseException | None) -> None:
    """Give it back."""
    if g.pop("polls", False):
        _polls.release()


def _over() -> bool:
    """Say whether a session has been idle for too long, or has lasted too long."""
    seen, since, at = float(session.get("seen", 0)), float(session.get("since", 0)), now().timestamp()
    over = at - seen > IDLE.total_seconds() or at - since > LONGEST.total_seconds()
    if over:
        logout_user()
        session.clear()
        flash("You were signed out, since nothing happened for a while.", "info")
    return over


def _to_the_door() -> Response:
    if wants_json():
        answer = jsonify(error="sign in first")
        answer.status_code = 401
        return answer
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return cast("Response", redirect(url_for("console.sign_in", next=back)))


def _to_a_password() -> Response:
    if wants_json():
        abort(403, "Choose a password of your own first, at /console/profile.")
    flash("Choose a password of your own first: whoever gave you this one knows it.", "warning")
    return cast("Response", redirect(url_for("console.profile")))


def wants_json() -> bool:
    """Say whether a script asks, not a person."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


@blueprint.after_request
def harden(answer: Response) -> Response:
    """Send the headers that keep a page to itself."""
    if request.endpoint != "console.static":
        answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
    )
    answer.headers.setdefault("Permissions-Policy", "microphone=(), camera=(), geolocation=()")
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
