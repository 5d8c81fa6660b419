"""Accounts at the console: found and seen, changes taken back, PINs opened and set, and all of it audited."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ivr.accounts import Account, ChangeKind, Plan
from ivr.db.console.audit import entries
from ivr.db.database import reading
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.memory_accounts import MemoryAccounts

ANN, GUS, HANA, IVO, DEE = "70000011", "70000017", "70000018", "70000019", "70000071"


def listed(who, query):
    return re.findall(r'data-open href="/console/accounts/(\d+)"', who.get(f"/console/accounts?{query}").text)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("70000011", [ANN]),
        ("7000 0011", [ANN]),
        ("7000005", [f"7000005{n}" for n in range(1, 8)]),
        ("abbott", [ANN]),
        ("ANN.ABB", [ANN]),
        ("%2B14155550111", [ANN]),
        ("(415)+555-0111", [ANN]),
        ("415.555.0111", [ANN]),
        ("1-415-555-0122", ["70000022", "70000023"]),
        ("%25", []),
        ("_", []),
        ("'; drop table accounts --", []),
        ("%00%ED%A0%80\N{SNOWMAN}", []),
    ],
)
def test_accounts_are_found_by_number_name_email_and_telephone(desk, q, found):
    assert listed(desk("staff"), f"q={q}") == found


@pytest.mark.parametrize(("only", "some"), [("locked", DEE), ("no-pin", "70000020"), ("ending", GUS)])
def test_only_some_are_listed(desk, only, some):
    found = listed(desk("staff"), f"only={only}")
    assert some in found
    assert ANN not in found


def test_pages_follow_each_other(desk, staffed):
    with reading(staffed.database) as session, session.begin():
        session.add_all(AccountRow(account_number=f"8{n:07}", name="Many", plan=Plan.TRIAL) for n in range(120))
    stan, found, after = desk("staff"), [], ""
    while page := listed(stan, f"q=many&after={after}"):
        found += page
        after = page[-1]
    assert found == [f"8{n:07}" for n in range(120)]


# Staff see an account; who it belongs to is told in full to those who may have it.
@pytest.mark.parametrize(("role", "whole"), [("staff", False), ("lead", True), ("admin", True)])
def test_addresses_are_whole_for_whoever_may_see_them(desk, role, whole):
    page = desk(role).sees(f"/console/accounts/{ANN}")
    assert ("ann.abbott@example.com" in page) is whole
    assert ("+1 415-555-0111" in page) is whole
    assert "@example.com" in page
    assert "555-0111" not in desk(role).sees(f"/console/accounts?q={ANN}")


def test_seeing_an_account_is_in_the_audit_log(desk, staffed):
    desk("staff").get(f"/console/accounts/{ANN}")
    newest = entries(staffed.database, limit=1)[0]
    assert (newest.who, newest.act, newest.subject) == ("stan", "account seen", ANN)


@pytest.mark.parametrize("number", ["70009999", "7000001", "700000111", "7000001x", "%00", "%D9%A7" * 8])
def test_an_account_that_is_not_there_is_not_found(desk, number):
    assert desk("admin").get(f"/console/accounts/{number}").status_code == 404


# What each role can do is what it sees buttons for.
@pytest.mark.parametrize(("role", "opens", "changes"), [("staff", 0, 0), ("lead", 1, 0), ("admin", 1, 1)])
def test_buttons_are_for_those_who_may_press_them(desk, role, opens, changes):
    who = desk(role)
    assert who.get(f"/console/accounts/{DEE}").text.count("Open the PIN,") == opens
    assert who.get(f"/console/accounts/{DEE}").text.count("Set a new PIN") == changes
    assert who.get(f"/console/accounts/{GUS}").text.count(f"{GUS}/undo/") == changes


def code_of(staffed, number):
    return staffed.accounts.find(number).last_change.code


def test_a_change_is_taken_back_once_however_often_the_form_is_sent(desk, staffed):
    ada, code = desk("admin"), code_of(staffed, GUS)
    address = f"/console/accounts/{GUS}/undo/{code}"
    assert "Cancellation of the trial taken back" in ada.sees(address)
    for _ in range(2):
        assert ada.post(address, reason="they rang to say so").location == f"/console/accounts/{GUS}"
    account = staffed.accounts.find(GUS)
    assert not account.cancels_at_trial_end
    _, changes = staffed.accounts.record(GUS)
    assert [(c.kind, c.undoes, c.call_sid) for c in changes[1:]] == [
        (ChangeKind.UNDO_CANCEL_TRIAL, code, "console:ada")
    ]
    undone = [entry for entry in entries(staffed.database) if entry.act == "change undone"]
    assert [(entry.who, entry.subject, entry.detail) for entry in undone] == [
        ("ada", GUS, {"reason": "they rang to say so", "undoes": code, "code": account.last_change.code})
    ]
    assert "the console, by ada" in ada.sees(f"/console/accounts/{GUS}")


def test_an_undo_is_confirmed_first_and_says_why(desk, staffed):
    ada, code = desk("admin"), code_of(staffed, GUS)
    for reason in ("", "  ", "x" * 501):
        assert ada.post(f"/console/accounts/{GUS}/undo/{code}", reason=reason).status_code == 400
    assert staffed.accounts.find(GUS).cancels_at_trial_end


# Outside its window a change stands: the same rule as for the caller's own undo.
def test_a_change_whose_time_is_over_stands(desk, staffed):
    ada, address = desk("admin"), f"/console/accounts/{IVO}/undo/{code_of(staffed, IVO)}"
    assert "can no longer be taken back" in ada.sees(f"/console/accounts/{IVO}")
    page = ada.get(address)
    assert (page.status_code, "<h1>Nothing was changed</h1>" in page.text) == (409, True)
    assert ada.post(address, reason="please").status_code == 409


# Two tabs, or two clicks before the page has gone: one undo, and both are told of it.
def test_an_undo_that_is_sent_twice_at_once_is_made_once(desk, staffed):
    address = f"/console/accounts/{GUS}/undo/{code_of(staffed, GUS)}"
    tabs = [desk("admin"), desk("admin")]
    with ThreadPoolExecutor(2) as clicks:
        answers = list(clicks.map(lambda ada: ada.post(address, reason="they rang"), tabs))
    assert [answer.location for answer in answers] == [f"/console/accounts/{GUS}"] * 2
    assert len(staffed.accounts.record(GUS)[1]) == 2
    assert len([entry for entry in entries(staffed.database) if entry.act == "change undone"]) == 1


# An address that somebody made up: this account, and the code of another one's change.
def test_a_code_of_another_account_takes_nothing_back(desk, staffed):
    answer = desk("admin").post(f"/console/accounts/{GUS}/undo/{code_of(staffed, IVO)}", reason="please")
    assert answer.status_code == 409
    assert staffed.accounts.find(GUS).cancels_at_trial_end


def test_an_undo_of_another_change_than_the_one_shown_is_refused(desk, staffed, clock):
    ada, old = desk("admin"), code_of(staffed, GUS)
    account = staffed.accounts.find(GUS)
    for kind in (ChangeKind.UNDO_CANCEL_TRIAL, ChangeKind.CANCEL_TRIAL):  # by telephone, while the form is open
        staffed.accounts.change(account.id, kind, "CA1", f"CA1/{kind}", clock.today())
    answer = ada.post(f"/console/accounts/{GUS}/undo/{old}", reason="please")
    assert answer.status_code == 409
    assert "another change since" in answer.text
    assert staffed.accounts.find(GUS).cancels_at_trial_end
    assert not [entry for entry in entries(staffed.database) if entry.act == "change undone"]


def test_a_lead_opens_a_closed_pin_and_says_why(desk, staffed):
    lea = desk("lead")
    assert lea.post(f"/console/accounts/{DEE}/unlock", reason="").status_code == 400
    assert "closed until staff open it" in lea.sees(f"/console/accounts/{DEE}")
    lea.post(f"/console/accounts/{DEE}/unlock", reason="known by voice")
    newest = entries(staffed.database, limit=1)[0]
    assert (newest.who, newest.act, newest.detail) == (
        "lea",
        "account unlocked",
        {"reason": "known by voice", "was_locked": True},
    )
    assert "PIN closed" not in lea.sees(f"/console/accounts/{DEE}")


def form_of_pin(who, number):
    return re.search(r'name="state" value="(\w+)"', who.get(f"/console/accounts/{number}/pin").text)[1]


# The PIN is in the answer to the form, and nowhere else: not in the log, not in the database, not in an address.
def test_a_pin_is_set_and_shown_once(desk, staffed):
    ada = desk("admin")
    answer = ada.post(f"/console/accounts/{ANN}/pin", reason="a letter came", state=form_of_pin(ada, ANN))
    pin = re.search(r'id="once">(\d{3} \d{3})<', answer.text)[1].replace(" ", "")
    assert answer.headers["Cache-Control"] == "no-store"
    account = staffed.accounts.find(ANN)
    assert staffed.accounts.check_pin(account.id, pin)
    assert not staffed.accounts.check_pin(account.id, "204816")
    newest = entries(staffed.database, limit=1)[0]
    assert (newest.act, newest.detail) == ("PIN set", {"reason": "a letter came", "had_one": True})
    with reading(staffed.database) as session:
        assert pin not in session.query(AccountRow.pin_hash).filter_by(account_number=ANN).scalar()
    assert pin not in ada.get(f"/console/accounts/{ANN}").text


# Sent twice, the form sets one PIN, so that the one that was shown is the one that is good.
def test_a_form_sets_one_pin(desk, staffed):
    ada = desk("admin")
    form = {"reason": "a letter came", "state": form_of_pin(ada, ANN)}
    first = ada.post(f"/console/accounts/{ANN}/pin", **form)
    second = ada.post(f"/console/accounts/{ANN}/pin", **form)
    pin = re.search(r'id="once">(\d{3} \d{3})<', first.text)[1].replace(" ", "")
    assert second.status_code == 409
    assert staffed.accounts.check_pin(staffed.accounts.find(ANN).id, pin)
    assert sum(entry.act == "PIN set" for entry in entries(staffed.database)) == 1


@pytest.fixture
def elsewhere(staffed, app, clock):  # noqa: ARG001 it comes after them
    """The line in front of another account system, which has one account: cancelled by telephone a moment ago."""
    ends = clock.today() + timedelta(days=9)
    account = Account("x1", "12345678", "Elsa Elsewhere", Plan.TRIAL, trial_ends_on=ends, phone="+14155550177")
    system = MemoryAccounts([(account, "204816")], phones={"+14155550177": ["x1"]})
    system.change("x1", ChangeKind.CANCEL_TRIAL, "CA1", "CA1/1", clock.today())
    object.__setattr__(app.extensions["answerline"], "accounts", system)
    return system


@pytest.mark.usefixtures("elsewhere")
def test_accounts_of_another_system_are_found_and_that_is_said(desk):
    ada = desk("admin")
    for q in ("12345678", "415 555 0177"):
        page = ada.sees(f"/console/accounts?q={q}")
        assert "kept in another system" in page
        assert "Elsa Elsewhere" in page
    assert "Which account?" in ada.sees("/console/accounts")
    assert "PINs are set there" in ada.sees("/console/accounts/12345678")
    assert ada.post("/console/accounts/12345678/pin", reason="x").status_code == 409


def test_a_change_in_another_system_is_taken_back_and_logged_before_and_after(desk, elsewhere, staffed):
    ada, code = desk("admin"), elsewhere.get("x1").last_change.code
    ada.post(f"/console/accounts/12345678/undo/{code}", reason="they wrote")
    assert not elsewhere.get("x1").cancels_at_trial_end
    undone = [entry.detail for entry in entries(staffed.database) if entry.act == "change undone"]
    assert [detail.get("state") or detail["came_of_it"] for detail in undone] == [
        elsewhere.get("x1").last_change.code,
        "asked for",
    ]


# What is not written in the log is not done: both are one transaction.
def test_nothing_is_changed_where_the_log_cannot_be_written(desk, staffed, monkeypatch):
    ada, code, state = desk("admin"), code_of(staffed, GUS), form_of_pin(desk("admin"), ANN)

    def fails(*_given, **_named):
        raise RuntimeError("the log is broken")

    monkeypatch.setattr("ivr.db.console.account_acts.record", fails)
    ada.post(f"/console/accounts/{GUS}/undo/{code}", reason="please")
    ada.post(f"/console/accounts/{DEE}/unlock", reason="please")
    ada.post(f"/console/accounts/{ANN}/pin", reason="please", state=state)
    assert staffed.accounts.find(GUS).cancels_at_trial_end
    assert staffed.pins.locked_until(staffed.accounts.find(DEE).id, staffed.clock.now())
    assert staffed.accounts.check_pin(staffed.accounts.find(ANN).id, "204816")
    with reading(staffed.database) as session:
        assert session.query(ChangeRow).filter(ChangeRow.call_sid.like("console:%")).count() == 0
