"""Admins look after staff: whatever they do holds at once, and is in the audit log."""

import re

import pytest
from desks import PASSWORD

from ivr.db.console.audit import entries


def number(staffed, name):
    return next(one.id for one in staffed.staff.everybody() if one.name == name)


def shown_once(answer):
    assert answer.status_code == 200
    return re.search(r'<code id="once">([^<]+)</code>', answer.text)[1]


# A password that somebody else has seen is good for one thing: to be changed.
def test_a_new_colleague_chooses_a_password_first(desk):
    ada = desk("admin")
    password = shown_once(ada.post("/console/staff/add", name="Nell", full_name="Nell N.", role="lead"))
    nell = desk()
    assert nell.post("/console/sign-in", name="nell", password=password).status_code == 302
    for page in ("/console/calls", "/console/accounts", "/console/profile/factor"):
        assert nell.get(page).location == "/console/profile"
    assert nell.get("/console/calls", Accept="application/json").status_code == 403
    form = {"password": password, "new": "a password of my own", "again": "a password of my own"}
    nell.post("/console/profile/password", **form)
    assert nell.get("/console/calls").status_code == 200
    assert password not in ada.get("/console/staff").text


@pytest.mark.parametrize("form", [{"name": "stan"}, {"name": "no blanks"}, {"name": ""}, {"name": "x\0"}])
def test_nobody_is_added_under_a_name_that_cannot_be(desk, form):
    answer = desk("admin").post("/console/staff/add", role="staff", **form)
    assert answer.status_code == 400
    assert "Nobody was added" in answer.text


def test_there_is_no_role_but_three(desk, staffed):
    ada = desk("admin")
    assert ada.post("/console/staff/add", name="nell", role="owner").status_code == 400
    assert ada.post(f"/console/staff/{number(staffed, 'stan')}/change", role="owner").status_code == 400


def test_the_last_admin_stays_one(desk, staffed):
    ada = desk("admin")
    own = number(staffed, "ada")
    ada.post(f"/console/staff/{own}/change", role="staff")
    assert "there must be one admin" in ada.sees(f"/console/staff/{own}")
    ada.post(f"/console/staff/{own}/change", act="disable")
    assert "there must be one admin" in ada.sees(f"/console/staff/{own}")


def test_somebody_is_shut_out_and_let_in_again_keeping_their_role(desk, staffed):
    ada, lea = desk("admin"), desk("lead")
    address = f"/console/staff/{number(staffed, 'lea')}/change"
    ada.post(address, act="disable")
    assert lea.get("/console/calls").status_code == 302
    assert desk().post("/console/sign-in", name="lea", password=PASSWORD).status_code == 401
    ada.post(address, act="enable")
    assert desk("lead").get("/console/calls").status_code == 200
    assert next(one for one in staffed.staff.everybody() if one.name == "lea").role == "lead"


def test_a_new_password_is_shown_once_and_ends_sessions(desk, staffed):
    ada, stan = desk("admin"), desk("staff")
    password = shown_once(ada.post(f"/console/staff/{number(staffed, 'stan')}/password"))
    assert stan.get("/console/calls").status_code == 302
    assert desk().post("/console/sign-in", name="stan", password=password).location == "/console"


# Whoever sits down at an admin's open session cannot lock them out with one click.
def test_ones_own_password_and_factor_are_not_reset_here(desk, staffed):
    ada, own = desk("admin"), number(staffed, "ada")
    assert ada.post(f"/console/staff/{own}/password").status_code == 400
    assert ada.post(f"/console/staff/{own}/factor").status_code == 400


def test_a_second_factor_is_removed_for_somebody_who_lost_it(desk, staffed, clock, app):
    from pyotp import TOTP  # noqa: PLC0415

    stan = next(one for one in staffed.staff.everybody() if one.name == "stan")
    factors = staffed.staff.factors
    for remove in ("console", "command"):
        sealed = factors.begin(stan)
        factors.set_up(stan, sealed, TOTP(factors.shown(stan, sealed)).at(clock.now()))
        if remove == "console":
            desk("admin").post(f"/console/staff/{stan.id}/factor")
        else:
            answer = app.test_cli_runner().invoke(args=["staff", "reset-factor", "Stan"])
            assert "password alone" in answer.output
        assert desk("staff").get("/console/calls").status_code == 200
    answer = app.test_cli_runner().invoke(args=["staff", "reset-factor", "stan"])
    assert answer.exit_code == 1
    assert "no second factor" in answer.output


def test_each_thing_done_is_in_the_audit_log_and_passwords_are_not(desk, staffed):
    ada, stan = desk("admin"), number(staffed, "stan")
    passwords = [
        shown_once(ada.post("/console/staff/add", name="nell", role="staff")),
        shown_once(ada.post(f"/console/staff/{stan}/password")),
    ]
    ada.post(f"/console/staff/{stan}/change", role="lead")
    done = [(entry.who, entry.act, entry.subject, entry.detail) for entry in entries(staffed.database)][:3]
    assert done == [
        ("ada", "staff changed", "stan", {"role": "lead", "disabled": False, "was": "staff", "was_disabled": False}),
        ("ada", "password changed", "stan", {"must_change": True}),
        ("ada", "staff added", "nell", {"role": "staff"}),
    ]
    assert not any(password in str(entries(staffed.database)) for password in passwords)
