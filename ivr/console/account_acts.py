"""What staff do to accounts, each with a reason: take a change back, open a PIN, set one."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from ivr.accounts import Account, Change, Refusal
from ivr.bootstrap import answerline
from ivr.console.accounts import KINDS, REFUSED, known, seen
from ivr.console.desk import me, page
from ivr.db.accounts import SqlAccounts
from ivr.db.console.account_acts import AccountDesk, StaleError, pin_state
from ivr.pin_hash import random_pin
from ivr.staff import Role

REASON_MAX = 500


@page("/accounts/<number>/unlock", needs=Role.LEAD, methods=("POST",))
def account_unlock(number: str) -> Any:
    """Open an account's PIN again."""
    found = known(number)
    was = _desk().unlock(found)
    said = "The PIN is open again." if was else "The PIN was not closed; wrong tries so far no longer count."
    flash(said, "success")
    return _back(found)


@page("/accounts/<number>/undo/<code>", needs=Role.ADMIN, methods=("GET", "POST"))
def account_undo(number: str, code: str) -> Any:
    """Take a change back, after it has been confirmed."""
    found = known(number)
    newest = found.last_change
    if request.method == "GET":
        undo = newest.kind.undo if newest and newest.code == code else None
        if newest is None or undo is None:
            abort(409, "This change is not the newest any more, or has been taken back. Look at the account again.")
        refusal = found.refusal(undo, answerline().clock.today())
        if refusal:
            abort(409, REFUSED[refusal])
        return render_template("console/account_undo.html", account=found, change=newest, undo=undo, KINDS=KINDS)
    desk = _desk()
    done = _undo(desk, found, code)
    if isinstance(done, Refusal):
        abort(409, REFUSED[done])
    flash(f"{KINDS[done.kind]}. The confirmation code is {done.code}.", "success")
    return _back(found)


@page("/accounts/<number>/pin", needs=Role.ADMIN, methods=("GET", "POST"))
def account_pin(number: str) -> Any:
    """Give an account a PIN, drawn here and shown once."""
    found, line = known(number), answerline().accounts
    if not isinstance(line, SqlAccounts):
        abort(409, "Accounts are kept in another system (ACCOUNTS_BACKEND). PINs are set there.")
    if request.method == "GET":
        row = seen(number)["shown"].seen.row
        return render_template(
            "console/account_pin.html", account=found, has_pin=bool(row.pin_hash), state=pin_state(row.pin_hash)
        )
    pin = random_pin()
    try:
        _desk().set_pin(line, number, pin, request.form.get("state", ""))
    except StaleError as error:
        abort(409, str(error))
    return render_template("console/account_pin_set.html", account=found, pin=pin)


def _undo(desk: AccountDesk, found: Account, code: str) -> Change | Refusal:
    # The kind follows from the newest change: an undo that was made a moment ago by this same form keeps its own.
    newest = found.last_change
    kind = (newest.kind.undo or newest.kind) if newest else None
    if kind is None:
        return Refusal.NOTHING_TO_UNDO
    try:
        return desk.undo(found, code, kind)
    except StaleError as error:
        abort(409, str(error))


def _desk() -> AccountDesk:
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= REASON_MAX:
        abort(400, f"Say why, in at most {REASON_MAX} characters: the audit log keeps it.")
    line = answerline()
    return AccountDesk(line.reads.primary, line.accounts, line.pins, line.clock, me().name, reason)


def _back(found: Account) -> Any:
    return redirect(url_for("console.account", number=found.number))
