"""Callbacks that wait to be made, and accounts that wait to be released."""

from typing import Any

from flask import abort, request

from ivr.bootstrap import answerline
from ivr.console.desk import me, now, page
from ivr.console.work import reason, work_page, worked
from ivr.console.work_messages import NUMBER
from ivr.db.console.audit import Act, record
from ivr.db.console.work.callbacks import CallbackEnd, Ending, end_callback, waiting_callbacks
from ivr.db.console.work.locks import locked_accounts
from ivr.db.database import storable
from ivr.service_errors import ServiceError
from ivr.staff import Role

CALLBACKS, LOCKS = "console.work_callbacks", "console.work_locks"
_TOLD = {
    Ending.ENDED: "The line will not call back.",
    Ending.OVER: "This callback is over already.",
    Ending.TOO_LATE: "This caller is being called this moment: it is too late to end that.",
}


@page("/work/callbacks", needs=Role.LEAD)
def work_callbacks() -> str:
    """List callbacks that were promised."""
    line = answerline()
    known = line.departments.current()
    return work_page("callbacks", CALLBACKS, callbacks=waiting_callbacks(line.reads.primary), known=known)


@page(f"/work/callbacks/{NUMBER}/end", needs=Role.LEAD, methods=("POST",))
def work_callback_end(number: int) -> Any:
    """End a callback before it is made."""
    line = answerline()
    try:
        end = CallbackEnd(request.form.get("end", ""))
    except ValueError:
        abort(400, "Say how the callback ended: settled, or not wanted any more. Go back and choose.")
    came = end_callback(line.waiting.lines, line.reads.primary, number, end, who=me().name, reason=reason())
    return worked(done=came is Ending.ENDED, told=_TOLD[Ending.ENDED], instead=_TOLD[came], back=CALLBACKS)


@page("/work/locks", needs=Role.LEAD)
def work_locks() -> str:
    """List accounts that are closed to callers."""
    found = [(lock, _number_of(lock.account_id)) for lock in locked_accounts(answerline().reads.primary, now())]
    return work_page("locks", LOCKS, locks=found)


@page("/work/locks/<account_id>/release", needs=Role.LEAD, methods=("POST",))
def work_lock_release(account_id: str) -> Any:
    """Open an account to callers again."""
    line, who, at, why = answerline(), me().name, now(), reason()
    account_id = storable(account_id)
    if line.pins.locked_until(account_id, at) is None:
        return worked(done=False, told="", instead="This account is open already.", back=LOCKS)
    subject = _number_of(account_id) or account_id
    line.pins.unlock(
        account_id, lambda session: record(session, at, who, Act.ACCOUNT_UNLOCKED, subject, reason=storable(why))
    )
    return worked(done=True, told="The account is open to callers again.", instead="", back=LOCKS)


def _number_of(account_id: str) -> str:
    """Return an account's number, '' where it cannot be looked up: a list is shown all the same."""
    try:
        account = answerline().accounts.get(account_id)
    except (ServiceError, ValueError):
        return ""
    return account.number if account else ""
