"""The console's door under attack: guesses, forms of other sites, and sessions that are somebody else's or over."""

import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from desks import NAMES, PASSWORD, Desk, colleagues
from pyotp import TOTP
from tables import show

from ivr.console.desk import NEEDS
from ivr.db.console import door as console_door
from ivr.db.console.door import TRIES_OF_ADDRESS, TRIES_OF_NAME
from ivr.db.console.staff_rows import Passwords
from ivr.staff import Role
from ivr.web import create_app

KNOWN = (
    "sid=CA1 number=1 code=000000 version=1 staff_id=1 hold_id=1 name=calls filter_id=1 account_id=1 "
    "prompt_id=common.lost token=x path=x filename=x"
)
PARTS = dict(pair.split("=") for pair in KNOWN.split())
HOURS = 8
WRONG = "a wrong password"
FEW = 5  # instead of fifty tries of an address


@pytest.fixture
def door(app, demo, clock):
    """The application, with one colleague of each role."""
    colleagues(demo.database, clock)
    return app


@pytest.fixture
def compared(monkeypatch):
    """How many guesses were compared with a password."""
    counted, matches = Counter(), Passwords.matches

    def counting(self, *given):
        counted["passwords"] += 1
        return matches(self, *given)

    monkeypatch.setattr(Passwords, "matches", counting)
    return counted


def pages(app, method):
    """Every address of the console that knows a method, by endpoint."""
    return {
        rule.endpoint: re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: PARTS[found[1]], rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint in NEEDS and method in rule.methods
    }


def guesses(app, address, name="stan", password=WRONG, **headers):
    """Guess once, from an address."""
    stranger = Desk(app)
    token = stranger._token()
    stranger.client.environ_base["REMOTE_ADDR"] = address
    form = {"csrf_token": token, "name": name, "password": password}
    return stranger.client.post("/console/sign-in", data=form, headers=headers).status_code == 302


# Behind a proxy all have its address; who fails there on purpose would shut everybody out who comes from a new device.
def test_failing_behind_a_proxy_shuts_out_nobody_else(settings, demo, clock, monkeypatch):
    monkeypatch.setattr(console_door, "TRIES_OF_ADDRESS", FEW)
    colleagues(demo.database, clock)
    behind = create_app(replace(settings, trusted_proxies=1), clock)
    for number in range(FEW + 1):
        forged = f"10.0.0.{number}, 203.0.113.9"  # what the guesser writes, and what the proxy adds to it
        guesses(behind, "172.16.0.1", f"nobody{number}", **{"X-Forwarded-For": forged})
    assert not guesses(behind, "172.16.0.1", "stan", PASSWORD, **{"X-Forwarded-For": "203.0.113.9"})
    assert guesses(behind, "172.16.0.1", "stan", PASSWORD, **{"X-Forwarded-For": "198.51.100.7"})


def test_an_address_that_the_guesser_writes_is_not_believed(door, monkeypatch):
    monkeypatch.setattr(console_door, "TRIES_OF_ADDRESS", FEW)
    for number in range(FEW):
        guesses(door, "203.0.113.9", f"nobody{number}", **{"X-Forwarded-For": f"198.51.100.{number}"})
    assert not guesses(door, "203.0.113.9", "stan", PASSWORD, **{"X-Forwarded-For": "198.51.100.250"})


# Where somebody is sent after signing in is a page of the console, whatever is asked for.
@pytest.mark.parametrize("there", ["http://[", "/console\r\nX-Planted: 1", "/console\t", "//[", "\\\\evil.example"])
def test_malformed_addresses_lead_to_the_first_page(door, there):
    answer = Desk(door).client.get("/console/sign-in", query_string={"next": there})
    assert answer.status_code == 200
    stan = Desk(door)
    form = {"csrf_token": stan._token(), "name": "stan", "password": PASSWORD}
    answer = stan.client.post("/console/sign-in", query_string={"next": there}, data=form)
    assert (answer.status_code, answer.location) == (302, "/console")


def test_a_form_from_a_malformed_page_is_refused_in_words(door):
    answer = Desk(door, "staff").client.post("/console/sign-out", headers={"Referer": "http://["})
    assert (answer.status_code, "expired" in answer.text) == (400, True)


# A form of another site has no token, or that of the attacker's own session; a token in an address is none.
def test_no_form_is_taken_with_the_token_of_another_session_or_one_in_its_address(door):
    someone, attacker = Desk(door, Role.ADMIN), Desk(door, Role.STAFF)
    with_it = [someone.client.post("/console/staff/add", data={"csrf_token": attacker._token()})]
    with_it += [someone.client.post(f"/console/staff/add?csrf_token={someone._token()}")]
    assert [answer.status_code for answer in with_it] == [400, 400]


# An upload that was no sound is gone again, whatever came of checking it.
def test_what_was_uploaded_is_gone_when_it_could_not_be_checked(door, demo, monkeypatch):
    from ivr.console.recorder import Recorder, RecorderError  # noqa: PLC0415

    def refuse(*_):
        raise RecorderError("It could not be done.")

    monkeypatch.setattr(Recorder, "_flask", refuse)
    answer = Desk(door, "admin").post(
        "/console/prompts/common.lost/try", recording=(io.BytesIO(b"GIF89a" * 99), "../../x.wav")
    )
    assert answer.status_code == 400
    assert [path.name for path in (demo.settings.instance_dir / "drafts").rglob("*") if path.is_file()] == [".lock"]


@pytest.mark.attack
def test_eight_hours_of_guesses(door, demo, clock, compared):
    rows = []

    def day(title, most, guess, tries=60):
        compared.clear()
        for hour in range(HOURS):
            for number in range(tries):
                guess(hour * tries + number)
            clock.passes(minutes=61)
        rows.append((title, HOURS * tries, compared["passwords"], HOURS * most, compared["passwords"] <= HOURS * most))

    day("one name, one address", TRIES_OF_NAME, lambda _: guesses(door, "203.0.113.9"), 20)
    day("one name, an address for each guess", TRIES_OF_NAME, lambda n: guesses(door, f"10.1.{n // 250}.{n % 250}"), 20)
    day("a name for each guess, one address", TRIES_OF_ADDRESS, lambda n: guesses(door, "203.0.113.8", f"no{n}"))
    stan = Desk(door, "staff")
    stan.post("/console/sign-out")
    opened = stan.post("/console/sign-in", name="stan", password=PASSWORD).status_code == 302
    rows.append(("the owner, from a device of theirs, meanwhile", 1, 1, 1, opened))
    lea = next(one for one in demo.staff.everybody() if one.name == "lea")
    sealed = demo.staff.factors.begin(lea)
    app = TOTP(demo.staff.factors.shown(lea, sealed))
    demo.staff.factors.set_up(lea, sealed, app.at(clock.now()))
    takes = type(demo.staff.factors).takes
    counted = Counter()

    def counting(self, *given):
        counted["codes"] += 1
        return takes(self, *given)

    half = Desk(door)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(demo.staff.factors), "takes", counting)
        for _ in range(40):
            half.post("/console/sign-in", name="lea", password=PASSWORD)
            half.post("/console/sign-in/code", code="000000")
    # The password counts as a try, too, and so does each code.
    rows.append(
        ("codes, by who has the password, in an hour", 40, counted["codes"], TRIES_OF_NAME, counted["codes"] <= 10)
    )
    show("Guessing at the console's door", ("who", "guesses sent", "compared", "bound", "held"), rows)
    assert all(held for *_, held in rows)


@pytest.mark.attack
def test_every_page_by_everybody_with_every_session_that_is_none(door, settings, clock):
    """Forced browsing, forms of other sites, forged and old cookies, and a role that changes in mid-session."""
    asked, posted = pages(door, "GET"), pages(door, "POST")
    asked.pop("console.sign_in_code")
    rows = []
    for role in Role:
        who = Desk(door, role)
        refused = {endpoint for endpoint, address in asked.items() if who.get(address).status_code == 403}
        wrong = refused ^ {endpoint for endpoint in asked if NEEDS[endpoint] and not role.covers(NEEDS[endpoint])}
        rows.append((f"{role}, every page", len(asked), "its own pages, 403 at others", len(wrong)))
    other = create_app(replace(settings, secret_key="another key"), clock)
    cookies = {
        "no cookie": "",
        "a cookie of another key": Desk(other, "admin").client.get_cookie("session").value,
        "a cookie that was cut": Desk(door, "admin").client.get_cookie("session").value[:-1],
        "a session that was signed out": signed_out(door),
        "a session from before the password changed": outdated(door),
    }
    for title, cookie in cookies.items():
        client = door.test_client()
        client.set_cookie("session", cookie)
        answers = [client.get(address, buffered=True) for endpoint, address in asked.items() if NEEDS[endpoint]]
        rows.append((title, len(answers), "to the door", sum("sign-in" not in (a.location or "") for a in answers)))
    door.extensions["answerline"].staff.add("root", "", Role.ADMIN, PASSWORD, "tests")
    for was in Role:
        for becomes in Role:
            rows += [changed(door, was, becomes, asked)] if was != becomes else []
    someone, stranger = Desk(door, "admin"), Desk(door)
    for title, token in (
        ("no token", ""),
        ("a token of another session", stranger._token()),
        ("a made-up token", "x.y.z"),
    ):
        answers = [someone.client.post(address, data={"csrf_token": token}) for address in posted.values()]
        rows.append((f"forms with {title}", len(answers), "400", sum(a.status_code != 400 for a in answers)))
    show("The console, by who may not", ("who", "asked", "answered", "wrong"), rows)
    assert not any(row[-1] for row in rows)


def signed_out(app):
    """Return the cookie of a session that has been signed out."""
    someone = Desk(app, "admin")
    cookie = someone.client.get_cookie("session").value
    someone.post("/console/sign-out")
    return cookie


def outdated(app):
    """Return the cookie of a session whose owner has another password since."""
    staff = app.extensions["answerline"].staff
    cookie = Desk(app, "lead").client.get_cookie("session").value
    staff.set_password(next(one.id for one in staff.everybody() if one.name == "lea"), PASSWORD, "ada")
    return cookie


def changed(app, was, becomes, asked):
    """Give somebody another role in mid-session, and see that the session opens nothing any more."""
    staff, someone = app.extensions["answerline"].staff, Desk(app, was)
    one = next(one for one in staff.everybody() if one.name == NAMES[was])
    staff.change(one.id, "root", becomes, disabled=False)
    answers = [someone.get(address) for endpoint, address in asked.items() if NEEDS[endpoint]]
    staff.change(one.id, "root", was, disabled=False)
    left = sum("sign-in" not in (answer.location or "") for answer in answers)
    return f"{was} who has become {becomes}", len(answers), "to the door", left
