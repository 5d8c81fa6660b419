"""Who works here: added, given another role, shut out, and helped in again. Whatever is done holds at once."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from ivr.bootstrap import answerline
from ivr.console.desk import me, page
from ivr.db.console.staff_rows import StaffError
from ivr.staff import Role, Staff

_BYTES = 12  # of a generated password: 16 characters


@page("/staff", needs=Role.ADMIN)
def staff_list() -> str:
    """List those who work here, and those who did."""
    return _listed()


@page("/staff/add", needs=Role.ADMIN, methods=("POST",))
def staff_add() -> Any:
    """Add a colleague; the password is shown once."""
    password = secrets.token_urlsafe(_BYTES)
    name, full_name = request.form.get("name", "")[:200], request.form.get("full_name", "")[:200]
    try:
        added = answerline().staff.add(name, full_name, _role(), password, me().name, must_change=True)
    except StaffError as error:
        flash(f"Nobody was added: {error}.", "danger")
        return _listed(name=name, full_name=full_name), 400
    return render_template("console/staff_password.html", one=added, password=password, added=True)


@page("/staff/<int:staff_id>", needs=Role.ADMIN)
def staff_one(staff_id: int) -> str:
    """Show a colleague, and what can be done about them."""
    one = _one(staff_id)
    return render_template("console/staff_one.html", one=one, roles=list(Role))


@page("/staff/<int:staff_id>/change", needs=Role.ADMIN, methods=("POST",))
def staff_change(staff_id: int) -> Any:
    """Give a colleague another role, or shut them out, or let them in again."""
    one = _one(staff_id)
    disabled = {"disable": True, "enable": False}.get(request.form.get("act", ""), one.disabled_at is not None)
    role = _role() if "role" in request.form else one.role
    try:
        changed = answerline().staff.change(staff_id, me().name, role, disabled=disabled)
    except StaffError as error:
        flash(f"Nothing was changed: {error}.", "danger")
    else:
        state = "may no longer sign in" if changed.disabled_at else f"may work here as {changed.role}"
        flash(f"{changed.name} {state}. That holds from now on.", "success")
    return redirect(url_for("console.staff_one", staff_id=staff_id))


@page("/staff/<int:staff_id>/password", needs=Role.ADMIN, methods=("POST",))
def staff_password(staff_id: int) -> Any:
    """Give a colleague a new password, shown once; it must be changed at the next sign-in."""
    one = _one(staff_id)
    if one.id == me().id:
        abort(400, "Your own password is changed in your profile, where you choose it.")
    password = secrets.token_urlsafe(_BYTES)
    changed = answerline().staff.set_password(staff_id, password, me().name, must_change=True)
    return render_template("console/staff_password.html", one=changed, password=password, added=False)


@page("/staff/<int:staff_id>/factor", needs=Role.ADMIN, methods=("POST",))
def staff_factor(staff_id: int) -> Any:
    """Take a colleague's second factor away."""
    one = _one(staff_id)
    if one.id == me().id:
        abort(400, "Your own second factor is removed in your profile, against a code.")
    if answerline().staff.factors.remove(staff_id, me().name):
        flash(f"{one.name} signs in with the password alone, and can set up a new second factor.", "success")
    else:
        flash(f"{one.name} has no second factor.", "info")
    return redirect(url_for("console.staff_one", staff_id=staff_id))


def _listed(**typed: str) -> str:
    everybody = answerline().staff.everybody()
    shown = sorted(everybody, key=lambda one: (one.disabled_at is not None, one.name))
    able = sum(one.disabled_at is None for one in everybody)
    return render_template("console/staff.html", everybody=shown, able=able, roles=list(Role), typed=typed)


def _one(staff_id: int) -> Staff:
    found = next((one for one in answerline().staff.everybody() if one.id == staff_id), None)
    if found is None:
        abort(404, "There is no such colleague.")
    return found


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        abort(400, "There is no such role.")
