import io
import json
import sys
from datetime import timedelta
from types import SimpleNamespace

import click
import pytest
from databases import HEADER, NED, TODAY
from flask import Flask

from ivr.accounts import Account, ChangeKind, Plan
from ivr.call import Call, Disposition
from ivr.call_log import Progress, Visit
from ivr.cli.accounts import accounts as accounts_group
from ivr.cli.calls import calls as calls_group
from ivr.cli.database import db as db_group
from ivr.config import Settings
from ivr.db import migrate
from ivr.db.accounts import SqlAccounts
from ivr.db.calls import SqlCallLog
from ivr.db.database import open_database, writing
from ivr.db.demo import load_demo
from ivr.db.models.pins import PinLockRow
from ivr.db.pins import UNTIL_UNLOCKED, SqlPins
from ivr.memory_accounts import MemoryAccounts
from ivr.pins import PinResult, PinTry


@pytest.fixture
def parts(engine, hasher, clock, url, tmp_path):
    accounts = SqlAccounts(engine, hasher, clock)
    return SimpleNamespace(
        settings=Settings(database_url=url, pin_pepper="pepper", instance_dir=tmp_path / "instance"),
        database=engine,
        accounts=accounts,
        pins=SqlPins(engine, accounts, clock, "pepper"),
        calls=SqlCallLog(engine, speak=lambda prompt_id, values: f"{prompt_id} {dict(values)}"),
        clock=clock,
    )


@pytest.fixture
def flask(parts):
    """Run a command as staff do; answers exit code, standard output and standard error."""
    app = Flask("line")
    app.extensions["answerline"] = parts
    for group in (accounts_group, calls_group, db_group):
        app.cli.add_command(group)

    def run(*words, typed=None):
        result = app.test_cli_runner().invoke(args=list(words), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def lock_out(parts, account_id, times=5):
    for n in range(times):
        parts.pins.check(PinTry(account_id, "", f"CA{n}", f"CA{n}/1"), "931507")


def test_shows_an_account_as_json(flask, parts, ann):
    change = parts.accounts.change(ann, ChangeKind.CANCEL_TRIAL, "CA7", "CA7/3", TODAY)
    code, out, err = flask("accounts", "show", "70000011", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "account_number": "70000011",
        "name": "Ann Abbott",
        "email": "ann@example.com",
        "phone": "+14155550111",
        "plan": "trial",
        "seats": 1,
        "trial_ends_on": "2027-03-17",
        "paid_through": None,
        "auto_renew": False,
        "cancels_at_trial_end": True,
        "locked_until": None,
        "changes": [{"code": change.code, "kind": "cancel_trial", "at": "2027-03-05T17:00:00Z", "call_sid": "CA7"}],
    }


def test_shows_until_when_an_account_is_locked(flask, parts, ann):
    lock_out(parts, ann)
    assert json.loads(flask("accounts", "show", "70000011", "--json")[1])["locked_until"] == "2027-03-05T17:30:00Z"


def test_people_read_that_staff_must_unlock_and_programs_the_last_day_there_is(flask, parts, ann):
    lock_out(parts, ann, times=5)
    with writing(parts.database) as session:
        session.get(PinLockRow, ann).locked_until = UNTIL_UNLOCKED
    assert "until staff unlock it\n" in flask("accounts", "show", "70000011")[1]
    assert '"locked_until": "9999-12-31T23:59:59Z"' in flask("accounts", "show", "70000011", "--json")[1]


def test_shows_an_account_to_people(flask, parts, ann):
    change = parts.accounts.change(ann, ChangeKind.CANCEL_TRIAL, "CA7", "CA7/3", TODAY)
    code, out, err = flask("accounts", "show", "70000011")
    assert (code, err) == (0, "")
    assert "Ann Abbott" in out
    assert f"code {change.code}" in out
    assert "quick:" not in out


@pytest.mark.parametrize("command", [["show"], ["show", "--json"], ["set-pin"], ["set-pin", "--random"], ["unlock"]])
@pytest.mark.parametrize("number", ["99999999", "x", "70000011\0", "\ud800"])
def test_an_unknown_account_is_one_line_and_exit_1(flask, command, number):
    code, out, err = flask("accounts", *command, number)
    assert (code, out) == (1, "")
    assert err.startswith("Error: there is no account")
    assert err.count("\n") == 1


def test_sets_a_pin_that_is_typed_twice_and_not_shown(flask, parts, ann):
    code, out, err = flask("accounts", "set-pin", "70000011", typed="931507\n931507\n")
    assert code == 0
    assert "931507" not in out + err
    assert parts.accounts.check_pin(ann, "931507")


@pytest.mark.parametrize(
    ("typed", "said"), [("123456", "too easy to guess"), ("12345", "6 digits"), ("abcdef", "6 digits")]
)
def test_refuses_a_bad_pin_without_repeating_it(flask, parts, ann, typed, said):
    code, out, err = flask("accounts", "set-pin", "70000011", typed=f"{typed}\n{typed}\n")
    assert code == 1
    assert said in err
    assert typed not in out + err
    assert parts.accounts.check_pin(ann, "204816")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "no PIN was given; nothing was changed"),
        ("931507\n", "the PIN must come twice, the same each time; nothing was changed"),
    ],
)
def test_a_pin_that_does_not_come_is_one_line(flask, parts, ann, typed, said):
    assert flask("accounts", "set-pin", "70000011", typed=typed) == (1, "", f"Error: {said}\n")
    assert parts.accounts.check_pin(ann, "204816")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_an_aborted_prompt_changes_nothing(parts, ann, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(click.termui, "hidden_prompt_func", lambda _prompt: (_ for _ in ()).throw(KeyboardInterrupt))
    app = Flask("line")
    app.extensions["answerline"] = parts
    with app.app_context(), pytest.raises(click.ClickException, match="no PIN was given; nothing was changed"):
        accounts_group.commands["set-pin"].callback.__wrapped__("70000011", draw=False)
    assert parts.accounts.check_pin(ann, "204816")


def test_draws_a_pin_and_prints_it_once(flask, parts, ann):
    code, out, _ = flask("accounts", "set-pin", "70000011", "--random")
    pin = out.split()[4].rstrip(".")
    assert (code, len(pin)) == (0, 6)
    assert parts.accounts.check_pin(ann, pin)


def test_unlocks(flask, parts, ann):
    lock_out(parts, ann)
    assert flask("accounts", "unlock", "70000011") == (0, "Unlocked.\n", "")
    assert parts.pins.check(PinTry(ann, "", "CAx", "CAx/1"), "204816") is PinResult.CORRECT
    assert flask("accounts", "unlock", "70000011")[:1] == (0,)


def test_imports(flask, parts, tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text(f"{HEADER}\n{NED}\n{NED.replace('31,317086', '32,')}\n")
    code, out, err = flask("accounts", "import", str(path))
    assert code == 0
    assert out == (
        "Imported 2 accounts: 2 new, 0 updated. "
        "In the whole database 1 account cannot be reached by phone for want of a PIN; "
        "import one or use `flask accounts set-pin NUMBER --random`.\n"
    )
    assert err == ""
    assert parts.accounts.find("70000031").name == "Ned Norris"
    assert list(parts.settings.instance_dir.iterdir()) == []


def test_names_every_bad_row_and_imports_none(flask, parts, tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text("\n".join([HEADER, NED, NED, NED.replace("317086", "000000"), *["x"] * 300]))
    code, out, err = flask("accounts", "import", str(path))
    assert (code, out) == (1, "")
    assert f"{path}: line 3: the same account_number as line 2\n" in err
    assert f"{path}: line 4: pin is too easy to guess\n" in err
    assert err.count(f"{path}: line ") == 302
    assert err.endswith(f"{path}: line 304: 1 columns instead of 10\nError: nothing was imported: 302 bad rows\n")
    assert parts.accounts.find("70000031") is None


def test_an_instance_folder_that_cannot_be_written_is_one_line(flask, parts, tmp_path):
    (tmp_path / "accounts.csv").write_text(f"{HEADER}\n{NED}\n")
    parts.settings.instance_dir.touch()
    code, out, err = flask("accounts", "import", str(tmp_path / "accounts.csv"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"Error: {parts.settings.instance_dir}: File exists")


def test_customers_among_the_demo_accounts_are_warned_of(flask, parts, hasher, tmp_path):
    (tmp_path / "accounts.csv").write_text(f"{HEADER}\n{NED}\n")
    load_demo(parts.database, hasher, parts.clock)
    code, _, err = flask("accounts", "import", str(tmp_path / "accounts.csv"))
    assert (code, err.count("\n")) == (0, 1)
    assert "PINs are published" in err
    assert "DATABASE_URL" in err


def test_a_missing_file_is_one_line(flask, tmp_path):
    code, out, err = flask("accounts", "import", str(tmp_path / "none.csv"))
    assert (code, out, err.strip()) == (1, "", f"Error: {tmp_path}/none.csv: No such file or directory")


def test_says_that_accounts_are_elsewhere(flask, parts):
    parts.accounts = MemoryAccounts([(Account("9", "70000011", "Ann", Plan.TRIAL), "204816")])
    for words in (["show", "70000011"], ["set-pin", "70000011"], ["import", "x.csv"]):
        code, _, err = flask("accounts", *words)
        assert (code, err.count("\n")) == (1, 1)
        assert "ACCOUNTS_BACKEND" in err
    assert flask("accounts", "unlock", "70000011")[0] == 0  # locks are ours, whoever keeps the accounts


def save_calls(parts):
    at = parts.clock.now()
    for n in (1, 2):
        call = Call(f"CA{n}", "anonymous", "+18005550100", turn=1, account_number="70000011" if n == 2 else None)
        wait = Visit(at + timedelta(minutes=n), "main", "menu", "menu", ("main.menu.text",), {"n": str(n)})
        parts.calls.save(Progress(call, wait, "<Response/>"), None)
    parts.calls.ended(Call("CA1", "", ""), "completed", 42, at + timedelta(minutes=5))
    parts.calls.bridged("CA2", "+18002636317")


def test_lists_calls_as_json_newest_first(flask, parts):
    save_calls(parts)
    code, out, err = flask("calls", "list", "--json")
    assert (code, err) == (0, "")
    newest, oldest = json.loads(out)
    assert newest == {
        "call_sid": "CA2",
        "from": "anonymous",
        "to": "+18005550100",
        "started_at": "2027-03-05T17:02:00Z",
        "ended_at": None,
        "duration_s": None,
        "status": "in-progress",
        "disposition": "transferred",
        "transferred_to": "+18002636317",
        "account_number": "70000011",
    }
    assert (oldest["duration_s"], oldest["disposition"], oldest["status"]) == (42, Disposition.ABANDONED, "completed")
    assert [c["call_sid"] for c in json.loads(flask("calls", "list", "--json", "--limit", "1")[1])] == ["CA2"]
    for since in ("2027-03-05T17:01:30Z", "2027-03-05T17:01:30", "2027-03-05 18:01:30+01:00"):
        assert [c["call_sid"] for c in json.loads(flask("calls", "list", "--json", "--since", since)[1])] == ["CA2"]
    assert len(json.loads(flask("calls", "list", "--json", "--since", "2027-03-05")[1])) == 2


def test_shows_a_call_as_json_with_what_was_heard(flask, parts):
    save_calls(parts)
    code, out, err = flask("calls", "show", "CA1", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["turns"] == [
        {
            "at": "2027-03-05T17:01:00Z",
            "flow": "main",
            "node": "menu",
            "heard": "main.menu.text {'n': '1'}",
            "kind": "menu",
            "input": "",
            "outcome": "hang-up",
        }
    ]


def test_shows_calls_to_people(flask, parts):
    save_calls(parts)
    assert flask("calls", "list")[1].count("\n") == 2
    assert "hears    main.menu.text" in flask("calls", "show", "CA1")[1]


def test_an_empty_log_is_no_error(flask):
    assert flask("calls", "list", "--json") == (0, "[]\n", "")
    assert flask("calls", "list") == (0, "", "No calls.\n")


def test_calls_refuse_what_they_do_not_understand(flask):
    assert flask("calls", "show", "CA9", "--json") == (1, "", "Error: there is no call CA9\n")
    for since in ("yesterday", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"):
        code, out, err = flask("calls", "list", "--since", since)
        assert (code, out, err) == (2, "", "Error: --since is not a time like 2027-03-05T17:00:00Z\n")
    for limit in ("0", "-1", "9" * 30):
        code, out, err = flask("calls", "list", "--limit", limit)
        assert (code, out, err) == (2, "", "Error: --limit is not between 1 and 1000000000\n")


def test_upgrades_and_tells_the_revision(flask):
    assert flask("db", "current") == (0, f"{migrate.head()}, the newest\n", "")
    assert flask("db", "upgrade")[0] == 0


def test_a_database_that_does_not_answer_is_one_line(flask, parts, tmp_path):
    (tmp_path / "folder.db").mkdir()
    parts.database = open_database(f"sqlite:///{tmp_path}/folder.db")
    code, out, err = flask("calls", "list", "--json")
    assert (code, out, err.count("\n")) == (1, "", 1)
    parts.database.dispose()
