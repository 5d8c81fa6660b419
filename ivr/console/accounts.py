"""Accounts: found and seen. What is done to them: `account_acts`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import abort, render_template, request, url_for

from ivr.accounts import Account, ChangeKind, Plan, Refusal
from ivr.bootstrap import answerline
from ivr.console.desk import WHOLE_NUMBERS, blueprint, me, now, page
from ivr.db.accounts import SqlAccounts
from ivr.db.console.accounts import NUMBER_DIGITS, Only, Seen, find, look
from ivr.db.console.audit import Act
from ivr.db.pins import UNTIL_UNLOCKED
from ivr.numbers import from_text
from ivr.staff import Role

PAGE = 50
ONLY = {Only.LOCKED: "PIN closed", Only.NO_PIN: "no PIN", Only.ENDING: "does not go on"}
KINDS = {
    ChangeKind.CANCEL_TRIAL: "Trial cancelled",
    ChangeKind.TURN_OFF_RENEWAL: "Renewal turned off",
    ChangeKind.UNDO_CANCEL_TRIAL: "Cancellation of the trial taken back",
    ChangeKind.UNDO_TURN_OFF_RENEWAL: "Renewal turned on again",
}
REFUSED = {
    Refusal.ALREADY: "It is so already.",
    Refusal.DOES_NOT_APPLY: "The account is of another kind by now.",
    Refusal.TOO_LATE: "The trial or the paid period is over, so this change can no longer be taken back.",
    Refusal.NOTHING_TO_UNDO: "There is no change by telephone in force that could be taken back.",
}


@dataclass(frozen=True)
class Shown:
    """An account for its page. seen: null where accounts are kept elsewhere.

    undo: what may take the newest change back. undo_refused: why nothing may; '' where there is no change, or it may.
    """

    account: Account
    seen: Seen | None
    locked_until: datetime | None
    undo: ChangeKind | None
    undo_refused: str
    today: date

    @property
    def for_good(self) -> bool:
        """Whether only staff can open the PIN."""
        return self.locked_until == UNTIL_UNLOCKED


@page("/accounts", needs=Role.STAFF)
def accounts() -> str:
    """Find accounts."""
    line = answerline()
    text = request.args.get("q", "").strip()[:200]
    elsewhere = not isinstance(line.accounts, SqlAccounts)
    only = next((one for one in Only if one == request.args.get("only")), None)
    phone = from_text(text) or ""
    if elsewhere:
        found = _elsewhere(text, phone)
        return render_template("console/accounts.html", elsewhere=True, q=text, found=found, older="", ONLY=ONLY)
    after = request.args.get("after", "")[:NUMBER_DIGITS]
    rows = find(line.reads.primary, now(), text, phone=phone, only=only, after=after, limit=PAGE + 1)
    given: dict[str, Any] = {name: value for name, value in (("q", text), ("only", only)) if value}
    older = url_for("console.accounts", **given, after=rows[PAGE - 1].row.account_number) if len(rows) > PAGE else ""
    return render_template(
        "console/accounts.html",
        elsewhere=False,
        q=text,
        only=only,
        found=rows[:PAGE],
        older=older,
        after=after,
        ONLY=ONLY,
    )


@page("/accounts/<number>", needs=Role.STAFF)
def account(number: str) -> str:
    """Show an account; that it was seen is in the audit log."""
    return render_template("console/account.html", **seen(number))


def seen(number: str) -> dict[str, Any]:
    """See an account and note it; returns what its page needs. Aborts with 404 where there is no such account."""
    line = answerline()
    found = known(number)
    if isinstance(line.accounts, SqlAccounts):
        all_of_it = look(line.reads.primary, now(), number, me().name)
    else:
        line.staff.note(me().name, Act.ACCOUNT_SEEN, number)
        all_of_it = None
    newest = found.last_change
    undo = newest.kind.undo if newest else None
    refusal = found.refusal(undo, line.clock.today()) if undo else None
    shown = Shown(
        found,
        all_of_it,
        line.pins.locked_until(found.id, now()),
        undo if refusal is None else None,
        REFUSED[refusal] if refusal else "",
        line.clock.today(),
    )
    return {"shown": shown, "account": found, "KINDS": KINDS, "Plan": Plan}


def known(number: str) -> Account:
    """Find an account by its number, or abort with 404."""
    plain = number.isascii() and number.isdecimal() and len(number) == NUMBER_DIGITS
    found = answerline().accounts.find(number) if plain else None
    if found is None:
        abort(404, "There is no account with this number.")
    return found


def _elsewhere(text: str, phone: str) -> list[Account]:
    line = answerline().accounts
    digits = "".join(c for c in text if c not in " -.")
    if len(digits) == NUMBER_DIGITS and digits.isascii() and digits.isdecimal():
        found = line.find(digits)
        return [found] if found else []
    return list(line.by_phone(phone)) if phone else []


@blueprint.app_template_filter("email")
def email(address: str | None) -> str:
    """Write an e-mail address: whole for whoever may see it, its first letter and its host for others."""
    if not address:
        return "\N{EN DASH}"
    name, at, host = address.rpartition("@")
    return address if me().may(WHOLE_NUMBERS) else f"{name[:1]}…{at}{host}"


@blueprint.app_template_filter("day")
def day(of: date | None) -> str:
    """Write a day that is one for all: of a trial, or of a paid period."""
    return f"{of:%-d %b %Y}" if of else "\N{EN DASH}"


@blueprint.app_template_filter("hidden_email")
def hidden_email(address: str | None) -> str:
    """Write an e-mail address in a list, where nobody needs all of it."""
    name, at, host = (address or "").rpartition("@")
    return f"{name[:1]}…{at}{host}" if address else "\N{EN DASH}"


@blueprint.app_template_filter("hidden_phone")
def hidden_phone(number: str | None) -> str:
    """Write a telephone number in a list, where nobody needs all of it."""
    return f"…{number[-2:]}" if number else "\N{EN DASH}"
