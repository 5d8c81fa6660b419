"""What somebody sets for themselves: password, time zone, second factor."""

import re

import pytest
from desks import PASSWORD, Desk
from pyotp import TOTP

from ivr.db.console.audit import entries

NEW = "another long password"


def change(who, password=PASSWORD, new=NEW, again=NEW):
    return who.post("/console/profile/password", password=password, new=new, again=again)


def test_a_new_password_ends_the_other_sessions_and_this_one_goes_on(desk):
    here, elsewhere = desk("staff"), desk("staff")
    assert change(here).location == "/console/profile"
    assert here.get("/console/calls").status_code == 200
    assert elsewhere.get("/console/calls").status_code == 302
    assert desk().post("/console/sign-in", name="stan", password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"password": "wrong"}, "not your password"),
        ({"new": "short", "again": "short"}, "12 to 200 characters"),
        ({"again": "something else"}, "not the same"),
        ({"new": PASSWORD, "again": PASSWORD}, "is the old one"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(desk, typed, told):
    stan = desk("staff")
    change(stan, **typed)
    assert told in stan.sees("/console/profile")
    assert desk().post("/console/sign-in", name="stan", password=PASSWORD).status_code == 302


def test_times_are_shown_in_the_chosen_zone(desk, staffed):
    ada = desk("admin")
    ada.post("/console/profile/zone", zone="Asia/Tokyo")
    assert "2 Mar 2027, 03:00" in ada.sees("/console/audit")  # noon in Los Angeles is tomorrow there
    assert ada.post("/console/profile/zone", zone="Mars/Olympus").status_code == 400
    ada.post("/console/profile/zone", zone="")
    assert next(one for one in staffed.staff.everybody() if one.name == "ada").zone == ""


def set_up(who, clock):
    """Set up a second factor as a person does: read the key off the page, type a code. Returns the app and the page."""
    page = who.get("/console/profile/factor").text
    key = re.sub(r"\s", "", re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1])
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    app = TOTP(key)
    answer = who.post("/console/profile/factor", sealed=sealed, password=PASSWORD, code=app.at(clock.now()))
    assert answer.status_code == 200
    return app, answer.text


def test_a_second_factor_is_set_up_used_and_removed(desk, app, staffed, clock):
    stan = desk("staff")
    totp, page = set_up(stan, clock)
    codes = re.findall(r"<li><code>(\w{5}-\w{5})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in stan.get("/console/profile").text
    again = Desk(app)
    again.post("/console/sign-in", name="stan", password=PASSWORD)
    assert again.post("/console/sign-in/code", code=codes[0]).status_code == 302
    assert "9 recovery codes left" in again.sees("/console/profile")
    clock.passes(minutes=1)
    answer = again.post("/console/profile/factor/remove", password=PASSWORD, code=totp.at(clock.now()))
    assert answer.location == "/console/profile"
    assert again.get("/console/calls").status_code == 200  # this session goes on, and others end
    assert stan.get("/console/calls").status_code == 302
    assert desk("staff")
    acts = [entry.act for entry in entries(staffed.database)]
    assert {"second factor set", "recovery code used", "second factor removed"} <= set(acts)


def test_a_wrong_code_or_password_sets_up_nothing_and_the_key_stays(desk):
    stan = desk("staff")
    page = stan.get("/console/profile/factor").text
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    for form in ({"password": PASSWORD, "code": "000000"}, {"password": "wrong", "code": "000000"}):
        answer = stan.post("/console/profile/factor", sealed=sealed, **form)
        assert answer.status_code == 400
        assert sealed in answer.text
    assert stan.post("/console/profile/factor", sealed="forged", password=PASSWORD, code="1").status_code == 302
    assert "Set it up" in stan.sees("/console/profile")


def test_a_second_factor_is_not_removed_without_password_and_code(desk, clock):
    stan = desk("staff")
    totp, _ = set_up(stan, clock)
    clock.passes(minutes=1)
    stan.post("/console/profile/factor/remove", password="wrong", code=totp.at(clock.now()))
    stan.post("/console/profile/factor/remove", password=PASSWORD, code="000000")
    assert "Remove the second factor" in stan.sees("/console/profile")


# The key of a second factor is in no log, and nothing typed is.
def test_the_audit_log_knows_no_secrets(desk, staffed, clock):
    totp, page = set_up(desk("staff"), clock)
    logged = " ".join(f"{entry.subject} {entry.detail}" for entry in entries(staffed.database))
    for secret in (totp.secret, PASSWORD, *re.findall(r"<li><code>(\w{5}-\w{5})</code>", page)):
        assert secret not in logged
