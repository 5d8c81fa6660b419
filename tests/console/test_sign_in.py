"""Who comes in at the console, and who does not."""

from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from desks import PASSWORD
from pyotp import TOTP

from ivr.db.console import staff_rows
from ivr.db.console.audit import entries
from ivr.db.console.door import TRIES_OF_NAME
from ivr.db.console.staff_rows import Passwords
from ivr.service_errors import ServiceError
from ivr.staff import Role
from ivr.web import create_app


def test_a_stranger_is_sent_to_the_door_and_comes_back_to_where_they_wanted(desk):
    stranger = desk()
    answer = stranger.get("/console/calls?q=x")
    assert answer.status_code == 302
    assert answer.location == "/console/sign-in?next=/console/calls?q%3Dx"
    answer = stranger.post(answer.location, name="Stan ", password=PASSWORD)
    assert answer.location == "/console/calls?q=x"


def test_a_script_is_told_in_its_own_language(desk):
    answer = desk().get("/console/calls", Accept="application/json")
    assert (answer.status_code, answer.json) == (401, {"error": "sign in first"})


@pytest.mark.parametrize("there", ["https://example.com/", "//example.com", "/console\\@example.com", "/simulator"])
def test_nobody_is_sent_elsewhere_after_signing_in(desk, there):
    answer = desk().post(f"/console/sign-in?next={there}", name="stan", password=PASSWORD)
    assert answer.location == "/console"


@pytest.mark.parametrize(
    ("name", "password"), [("stan", "wrong"), ("nobody", PASSWORD), ("", ""), ("stan\0", PASSWORD)]
)
def test_whatever_is_wrong_is_told_in_the_same_words(desk, name, password):
    answer = desk().post("/console/sign-in", name=name, password=password)
    assert answer.status_code == 401
    assert "do not go together" in answer.text


def colleague(staffed, name):
    return next(one for one in staffed.staff.everybody() if one.name == name)


def test_a_name_is_closed_after_ten_tries_within_the_hour(desk, clock):
    stranger = desk()
    for _ in range(TRIES_OF_NAME):
        stranger.post("/console/sign-in", name="stan", password="wrong")
    assert stranger.post("/console/sign-in", name="stan", password=PASSWORD).status_code == 401
    clock.passes(minutes=61)
    assert stranger.post("/console/sign-in", name="stan", password=PASSWORD).status_code == 302


def test_a_session_ends_when_nothing_happens(desk, clock):
    stan = desk("staff")
    clock.passes(minutes=50)
    assert stan.get("/console/calls").status_code == 200
    clock.passes(minutes=61)
    assert stan.get("/console/calls").status_code == 302


def test_a_session_ends_after_twelve_hours_whatever_happens(desk, clock):
    stan = desk("staff")
    for _ in range(15):
        clock.passes(minutes=50)
        answer = stan.get("/console/calls")
    assert answer.status_code == 302


def test_a_new_password_ends_every_session(desk, staffed):
    stan = desk("staff")
    staffed.staff.set_password(colleague(staffed, "stan").id, "another long password", "ada")
    assert stan.get("/console/calls").status_code == 302


def test_a_form_without_its_token_is_refused(desk):
    answer = desk("staff").client.post("/console/sign-out")
    assert answer.status_code == 400
    assert "expired" in answer.text


def test_signing_out_ends_the_session(desk):
    stan = desk("staff")
    assert stan.post("/console/sign-out").location == "/console/sign-in"
    assert stan.get("/console/calls").status_code == 302


def test_coming_and_going_is_in_the_audit_log(desk, staffed):
    desk().post("/console/sign-in", name="stan", password="wrong")
    desk("staff").post("/console/sign-out")
    acts = [(entry.who, entry.act) for entry in reversed(entries(staffed.database))]
    assert acts[-3:] == [("stan", "sign-in failed"), ("stan", "signed in"), ("stan", "signed out")]


def test_pages_keep_themselves_to_themselves(desk):
    headers = desk("staff").get("/console/calls").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


# Failing on purpose under somebody's name keeps them out of no device that they have used before.
def test_who_knows_a_name_cannot_shut_its_owner_out(desk):
    stan, enemy = desk("staff"), desk()
    stan.post("/console/sign-out")
    for _ in range(TRIES_OF_NAME):
        enemy.post("/console/sign-in", name="stan", password="wrong")
    assert enemy.post("/console/sign-in", name="stan", password=PASSWORD).status_code == 401
    assert stan.post("/console/sign-in", name="stan", password=PASSWORD).status_code == 302


# The cookie of a known device opens nothing by itself, and is nobody else's.
def test_a_device_is_known_to_one_name_only(desk):
    stan, enemy = desk("staff"), desk()
    stan.post("/console/sign-out")
    for _ in range(TRIES_OF_NAME):
        enemy.post("/console/sign-in", name="ada", password="wrong")
    assert stan.get("/console/calls").status_code == 302
    assert stan.post("/console/sign-in", name="ada", password=PASSWORD).status_code == 401


# Nothing that a stranger put into the session before somebody signed in is there after it.
def test_signing_in_begins_a_new_session(desk):
    stan = desk()
    with stan.client.session_transaction() as session:
        session["id"], session["planted"] = "known to somebody else", True
    stan.post("/console/sign-in", name="stan", password=PASSWORD)
    with stan.client.session_transaction() as session:
        assert session["id"] != "known to somebody else"
        assert "planted" not in session


# A copy of the cookie is worth nothing once somebody has signed out.
def test_signing_out_ends_copies_of_the_session_too(desk):
    stan, thief = desk("staff"), desk()
    copy = stan.client.get_cookie("session").value
    thief.client.set_cookie("session", copy)
    assert thief.get("/console/calls").status_code == 200
    stan.post("/console/sign-out")
    thief.client.set_cookie("session", copy)
    assert thief.get("/console/calls").status_code == 302


def test_cookies_are_kept_from_scripts_from_other_sites_and_from_plain_http(desk):
    cookies = desk().post("/console/sign-in", name="stan", password=PASSWORD).headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))


def test_a_line_without_https_can_be_signed_in_to(settings):
    app = create_app(replace(settings, public_base_url="http://127.0.0.1:5000"))
    assert app.config["SESSION_COOKIE_SECURE"] is False


# Whatever an admin does to somebody, it holds from that person's next request on.
@pytest.mark.parametrize("was", list(Role))
@pytest.mark.parametrize("becomes", [*Role, "disabled"])
def test_another_role_or_none_holds_at_the_next_request(desk, staffed, was, becomes):
    if was == becomes:
        return
    someone = desk(was)
    staffed.staff.add("root", "", Role.ADMIN, PASSWORD, "tests")
    one = colleague(staffed, {"staff": "stan", "lead": "lea", "admin": "ada"}[was])
    assert someone.get("/console/calls").status_code == 200
    role = was if becomes == "disabled" else becomes
    staffed.staff.change(one.id, "root", role, disabled=becomes == "disabled")
    assert someone.get("/console/calls").location.startswith("/console/sign-in")
    answer = someone.post("/console/sign-in", name=one.name, password=PASSWORD)
    assert answer.status_code == (401 if becomes == "disabled" else 302)


# The second step: a code, and nothing is open before it.
def test_whoever_has_a_second_factor_is_asked_for_a_code(desk, staffed, clock):
    stan = colleague(staffed, "stan")
    sealed = staffed.staff.factors.begin(stan)
    app = TOTP(staffed.staff.factors.shown(stan, sealed))
    staffed.staff.factors.set_up(stan, sealed, app.at(clock.now()))
    clock.passes(minutes=1)
    asked = desk()
    answer = asked.post("/console/sign-in?next=/console/accounts", name="stan", password=PASSWORD)
    assert answer.location == "/console/sign-in/code?next=/console/accounts"
    assert asked.get("/console/calls").status_code == 302
    assert asked.post(answer.location, code="000000").status_code == 401
    assert asked.post(answer.location, code=app.at(clock.now())).location == "/console/accounts"
    assert asked.get("/console/calls").status_code == 200


def test_a_code_is_to_follow_within_five_minutes(desk, staffed, clock):
    stan = colleague(staffed, "stan")
    sealed = staffed.staff.factors.begin(stan)
    app = TOTP(staffed.staff.factors.shown(stan, sealed))
    staffed.staff.factors.set_up(stan, sealed, app.at(clock.now()))
    asked = desk()
    asked.post("/console/sign-in", name="stan", password=PASSWORD)
    clock.passes(minutes=6)
    answer = asked.post("/console/sign-in/code", code=app.at(clock.now()))
    assert answer.location == "/console/sign-in"


def test_nobody_is_asked_for_a_code_without_a_password(desk):
    assert desk().get("/console/sign-in/code").location == "/console/sign-in"


# The page that says so must not need the database for its own frame.
def test_a_database_that_does_not_answer_is_told_in_words(desk, staffed, monkeypatch):
    def gone(*_):
        raise ServiceError("the database does not answer")

    stan = desk("staff")
    monkeypatch.setattr(type(staffed.staff), "get", gone)
    answer = stan.get("/console/calls")
    assert answer.status_code == 503
    assert "This is not available just now" in answer.text
    assert "The database does not answer" in answer.text
    assert stan.get("/console/calls", Accept="application/json").json == {"error": "the database does not answer"}


def test_passwords_are_hashed_as_argon2_recommends(monkeypatch):
    monkeypatch.setattr(staff_rows, "PasswordHasher", PasswordHasher)
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
