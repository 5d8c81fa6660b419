"""What somebody sets for themselves: password, time zone, second factor."""

from typing import Any
from zoneinfo import available_timezones

import segno
from flask import abort, flash, redirect, render_template, request, session, url_for

from ivr.bootstrap import answerline
from ivr.console.desk import me, page
from ivr.console.sign_in import begin
from ivr.db.console.staff_rows import StaffError
from ivr.second_factor import address_of
from ivr.staff import Role

WRONG_PASSWORD = "That is not your password, or there were too many tries within the hour."  # noqa: S105 words


@page("/profile", needs=Role.STAFF)
def profile() -> str:
    """Show what somebody can set for themselves."""
    left = answerline().staff.factors.left(me()) if me().totp else 0
    return render_template("console/profile.html", zones=_zones(), codes_left=left)


@page("/profile/password", needs=Role.STAFF, methods=("POST",))
def change_password() -> Any:
    """Change one's own password: every other session ends, this one goes on."""
    try:
        new = _new_password()
        _prove()
        staff = answerline().staff.set_password(me().id, new, me().name)
    except StaffError as error:
        return _again(error)
    begin(staff, session.get("zone", ""))
    flash("You have a new password. Wherever else you were signed in, you no longer are.", "success")
    return redirect(url_for("console.profile"))


@page("/profile/zone", needs=Role.STAFF, methods=("POST",))
def change_zone() -> Any:
    """Choose the time zone to read in."""
    zone = request.form.get("zone", "")
    if zone and zone not in _zones():
        abort(400, "There is no such time zone.")
    answerline().staff.set_zone(me().id, zone)
    flash("Times are shown as you chose.", "success")
    return redirect(url_for("console.profile"))


@page("/profile/factor", needs=Role.STAFF, methods=("GET", "POST"))
def factor() -> Any:
    """Set up a second factor: show a secret, and keep it when a code has proved it."""
    if me().totp:
        flash("You have a second factor. Remove it first, to set up another.", "info")
        return redirect(url_for("console.profile"))
    factors = answerline().staff.factors
    sealed = request.form.get("sealed", "") if request.method == "POST" else factors.begin(me())
    if request.method == "POST":
        try:
            _prove()
            codes = factors.set_up(me(), sealed, request.form.get("code", "")[:20])
        except StaffError as error:
            flash(_sentence(error), "danger")
        else:
            return render_template("console/recovery_codes.html", codes=codes)
    secret = factors.shown(me(), sealed)
    if secret is None:
        flash("That took too long. Here is a new key.", "info")
        return redirect(url_for("console.factor"))
    company = answerline().settings.company_name
    qr = segno.make(address_of(secret, me().name, f"{company} console")).svg_data_uri(scale=5, light="#fff")
    page_ = render_template("console/factor.html", sealed=sealed, secret=secret, qr=qr)
    return page_, 400 if request.method == "POST" else 200


@page("/profile/factor/remove", needs=Role.STAFF, methods=("POST",))
def remove_factor() -> Any:
    """Remove one's own second factor, against password and code."""
    line = answerline().staff
    try:
        _prove()
        _prove_code()
    except StaffError as error:
        return _again(error)
    line.factors.remove(me().id, me().name)
    staff = line.get(me().id)
    if staff is not None:
        begin(staff, session.get("zone", ""))
    flash("Your second factor is removed: you sign in with your password alone.", "success")
    return redirect(url_for("console.profile"))


def _prove() -> None:
    """Ask for the password once more. Raises: StaffError."""
    if not answerline().staff.door.proves(me(), request.form.get("password", "")[:1000]):
        raise StaffError(WRONG_PASSWORD)


def _prove_code() -> None:
    """Ask for a code. Raises: StaffError."""
    if not me().totp or not answerline().staff.door.proves_code(me(), request.form.get("code", "")[:100]):
        raise StaffError("that code is wrong or has been used, or there were too many tries within the hour")


def _new_password() -> str:
    """Read a new password, typed twice. Raises: StaffError."""
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise StaffError("the two new passwords are not the same")
    if new == request.form.get("password"):
        raise StaffError("the new password is the old one")
    return new


def _again(error: StaffError) -> Any:
    flash(_sentence(error), "danger")
    return redirect(url_for("console.profile"))


def _sentence(error: StaffError) -> str:
    text = str(error)
    return text[0].upper() + text[1:].rstrip(".") + "."


def _zones() -> list[str]:
    return ["UTC", *sorted(z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/")))]
