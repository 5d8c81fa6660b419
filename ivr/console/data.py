"""What is kept and for how long, callers who are forgotten at their request, and what may not go."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from ivr.bootstrap import answerline
from ivr.console.desk import me, now, page
from ivr.db.console.counted import in_words
from ivr.db.console.erase import EraseError, Eraser, receipts
from ivr.db.console.holds import CALLER, HoldError, hold, holds, release
from ivr.db.console.purge import Purge
from ivr.numbers import from_text
from ivr.staff import Role


@page("/data", needs=Role.ADMIN)
def data() -> str:
    """Show the rules, holds and receipts."""
    line = answerline()
    return render_template(
        "console/data.html",
        settings=line.settings,
        due=Purge.of(line.settings, line.reads.primary, line.clock).due(),
        holds=holds(line.reads.primary),
        receipts=receipts(line.reads.primary),
        in_words=in_words,
    )


@page("/data/erase", needs=Role.ADMIN, methods=("POST",))
def data_erase() -> Any:
    """Erase one caller."""
    line, number, again = answerline(), *(from_text(request.form.get(name, "")) for name in ("number", "again"))
    if number is None:
        abort(400, "That is no telephone number. Write it with its country, like +1 415 555 0123.")
    if number != again:
        abort(400, "The two numbers differ, so nothing was erased.")
    try:
        receipt = Eraser.of(line.settings, line.reads.primary, line.clock).erase(number, me().name)
    except EraseError as error:
        abort(409, str(error))
    told = f"Erased. The receipt is {receipt.code}."
    if receipt.pending:
        told += " A call that goes on, or ended just now, goes ten minutes after its end."
    flash(told, "success")
    return redirect(url_for("console.data", _anchor="receipts"))


@page("/data/holds", needs=Role.ADMIN, methods=("POST",))
def data_hold() -> Any:
    """Place a legal hold on a number or an account."""
    kind, written, reason = (request.form.get(name, "") for name in ("kind", "value", "reason"))
    value = (from_text(written) or "") if kind == CALLER else written.strip()[:64]
    try:
        hold(answerline().reads.primary, now(), me().name, kind=kind, value=value, reason=reason)
    except HoldError as error:
        abort(400, str(error))
    flash("On hold. Nothing of it goes until the hold is released.", "success")
    return redirect(url_for("console.data", _anchor="holds"))


@page("/data/holds/<int:hold_id>/release", needs=Role.ADMIN, methods=("POST",))
def data_release(hold_id: int) -> Any:
    """Release a hold."""
    if hold_id >= 1 << 63:
        abort(404, "There is no such hold.")
    try:
        released = release(answerline().reads.primary, now(), me().name, hold_id, request.form.get("reason", ""))
    except HoldError as error:
        abort(400, str(error))
    if not released:
        abort(409, "That hold is not in force: somebody may have released it just now.")
    flash("Released. The rules apply again from tonight.", "success")
    return redirect(url_for("console.data", _anchor="holds"))
