"""What a page looks like that cannot be shown: in words to a person, in JSON to a script."""

from typing import Any

from flask import current_app, jsonify, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ivr.address import taken_apart
from ivr.bootstrap import answerline
from ivr.console.desk import ROOM, blueprint, read_elsewhere, wants_json
from ivr.service_errors import ServiceError


@blueprint.errorhandler(HTTPException)
def refused(error: HTTPException) -> Any:
    """Say what is wrong in a page, or in JSON to a script."""
    if error.code is None or error.code < 400:  # noqa: PLR2004 a redirect is no error
        return error
    title = ""
    if isinstance(error, RequestEntityTooLarge):
        room = ROOM.get(request.endpoint or "", 0)
        most = f"{room // 1_000_000} MB" if room else "64 KB"
        error.description = f"That is more than this page takes; the most is {most}. Nothing was changed."
    if isinstance(error, CSRFError):
        title = "This form has expired"
        error.description = "Nothing was changed. Go back to the page, and send it once more."
    if wants_json():
        return jsonify(error=error.description), error.code
    return render_template("console/error.html", error=error, title=title, back=_back()), error.code


@blueprint.errorhandler(ServiceError)
def unavailable(error: ServiceError) -> Any:
    """Say that something behind the console does not answer; nothing of it is a caller's."""
    if read_elsewhere():
        return current_app.ensure_sync(current_app.view_functions[request.endpoint or ""])(**request.view_args or {})
    if wants_json():
        return jsonify(error=str(error)), 503
    asked_again: dict[str, Any] = {"again": request.method == "GET", "back": _back()}
    if session.get("_user_id"):  # somebody who was signed in, as far as can be said without the database
        asked_again["on_disk"] = answerline().steady.spool.count()
    title = "This is not available just now"
    return render_template("console/error.html", error=error, title=title, **asked_again), 503


def _back() -> str:
    """Return the address of the page whose form was refused; '' where no form was sent."""
    there = taken_apart((request.referrer or "") if request.method == "POST" else "")
    return f"{there.path}?{there.query}".rstrip("?") if there.path.startswith(url_for("console.home")) else ""
