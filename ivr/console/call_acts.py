"""What staff do about a call: note, correct, assign, flag. A form says what its reader saw; a stale one is refused."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.exceptions import Conflict

from ivr.bootstrap import answerline
from ivr.call import Disposition
from ivr.console.desk import me, page
from ivr.console.one_call import NOTE_MAX, REASON_MAX
from ivr.db.console.marks import MissingError, NotNowError, SqlMarks, StaleError
from ivr.db.console.notes import NotYoursError, SqlNotes
from ivr.staff import Role


class FasterError(Conflict):
    """A form of a page that is no longer true."""

    heading = "Somebody was faster"
    description = "Somebody changed this call since you opened its page. Look at it again, then decide."


@page("/calls/<sid>/disposition", needs=Role.LEAD, methods=("POST",))
def call_correct(sid: str) -> Any:
    """Correct the disposition, with a reason; `line` takes the correction back."""
    word, reason = request.form.get("to", ""), _text("reason", REASON_MAX)
    if word != "line" and word not in set(Disposition):
        abort(400, "There is no such disposition.")
    if word != "line" and not reason:
        abort(400, "Say why: a correction needs a reason.")
    to = None if word == "line" else Disposition(word)
    _do(lambda: _marks().correct(sid, _seen(), to, reason, me().name))
    flash("The disposition is corrected." if to else "The disposition is the line's own again.", "success")
    return _back(sid)


@page("/calls/<sid>/assign", needs=Role.STAFF, methods=("POST",))
def call_assign(sid: str) -> Any:
    """Give the call to a colleague, or to nobody."""
    to = request.form.get("to", "")[:64] or None
    _do(lambda: _marks().assign(sid, _seen(), to, me().name))
    flash(f"The call is assigned to {to}." if to else "The call is assigned to nobody.", "success")
    return _back(sid)


@page("/calls/<sid>/follow-up", needs=Role.STAFF, methods=("POST",))
def call_flag(sid: str) -> Any:
    """Flag the call to come back to, or clear the flag."""
    wanted = request.form.get("follow_up") == "1"
    _do(lambda: _marks().flag(sid, _seen(), me().name, follow_up=wanted))
    flash("Flagged: this call is on the follow-up list." if wanted else "The flag is cleared.", "success")
    return _back(sid)


@page("/calls/<sid>/notes", needs=Role.STAFF, methods=("POST",))
def call_note(sid: str) -> Any:
    """Add a note."""
    body = _text("body", NOTE_MAX)
    if not body:
        abort(400, "The note is empty: write something in it.")
    _do(lambda: _notes().add(sid, body, me().name))
    flash("Noted.", "success")
    return _back(sid)


@page("/calls/<sid>/notes/<int:version>", needs=Role.STAFF, methods=("POST",))
def call_note_change(sid: str, version: int) -> Any:
    """Write one's own note anew, or take it away; every version is kept."""
    away = request.form.get("do") == "take away"
    body = "" if away else _text("body", NOTE_MAX)
    if not away and not body:
        abort(400, "The note is empty: write something in it, or take it away.")
    _do(lambda: _notes().change(sid, version, body, me().name))
    flash("The note is taken away." if away else "The note is changed.", "success")
    return _back(sid)


def _marks() -> SqlMarks:
    return SqlMarks(answerline().reads.primary, answerline().clock)


def _notes() -> SqlNotes:
    return SqlNotes(answerline().reads.primary, answerline().clock)


def _seen() -> str:
    return request.form.get("seen", "")[:64]


def _text(field: str, most: int) -> str:
    """Read what somebody typed; 413 where it is longer than its field allows."""
    text = request.form.get(field, "").replace("\r\n", "\n").strip()
    if len(text) > most:
        abort(413, f"That is too long: {most} characters are kept at most.")
    return text


def _do(act: Callable[[], None]) -> None:
    try:
        act()
    except MissingError as error:
        abort(404, str(error))
    except NotYoursError:
        abort(403, "Only who wrote a note can change it.")
    except NotNowError as error:
        abort(409, str(error))
    except StaleError:
        raise FasterError from None


def _back(sid: str) -> Any:
    return redirect(url_for("console.call", sid=sid, _anchor=request.form.get("at", "")[:32] or None))
