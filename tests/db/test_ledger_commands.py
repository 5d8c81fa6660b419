"""`flask accounts verify-ledger` and what else keeps an eye on the ledger: one line, and an exit code."""

import re
import shutil

import pytest
from sqlalchemy import delete, insert, select, update

from ivr.accounts import ChangeKind
from ivr.cli.data import Night
from ivr.config import Settings
from ivr.db import migrate
from ivr.db.database import writing
from ivr.db.ledger import CHANGES, LEDGER
from ivr.web import create_app

VERIFY = ["accounts", "verify-ledger"]


@pytest.fixture
def flask(app):
    return lambda *words: _run(app, words)


def _run(app, words):
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


@pytest.fixture
def cancelled(demo, clock):
    """A demo whose changes are in the ledger, and two that were made since."""
    with writing(demo.database) as session:
        demo.ledger.adopt(session)
    account = demo.accounts.find("70000011")
    for number, kind in enumerate((ChangeKind.CANCEL_TRIAL, ChangeKind.UNDO_CANCEL_TRIAL)):
        demo.accounts.change(account.id, kind, "CA1", f"CA1/{number}", clock.today())
    return demo


def entries(engine):
    with engine.connect() as connection:
        return len(connection.execute(select(LEDGER.c.seq)).all())


@pytest.mark.usefixtures("cancelled")
def test_a_whole_ledger_tells_its_anchor_and_is_remembered(flask, demo, settings):
    code, said = flask("accounts", "verify-ledger")
    anchor = re.search(r"Anchor: (\d+-[0-9a-f]{64})", said)[1]
    assert (code, int(anchor.partition("-")[0])) == (0, entries(demo.database))
    assert (settings.instance_dir / "ledger_anchor").read_text() == f"{anchor}\n"
    with demo.database.begin() as connection:
        newest = connection.scalar(select(CHANGES.c.id).order_by(CHANGES.c.id.desc()).limit(1))
        connection.execute(delete(LEDGER).where(LEDGER.c.change_id == newest))
        connection.execute(delete(CHANGES).where(CHANGES.c.id == newest))
    code, said = flask("accounts", "verify-ledger")
    assert (code, said.count("\n")) == (1, 1)
    assert "is cut off, up to" in said
    assert flask("accounts", "seal-ledger")[0] == 1, "nobody seals what is not whole"
    (settings.instance_dir / "ledger_anchor").unlink()
    assert flask("accounts", "verify-ledger")[0] == 0, "without an anchor nobody could tell"
    assert flask("accounts", "verify-ledger", "--anchor", anchor)[0] == 1
    assert flask("accounts", "verify-ledger", "--anchor", "seven")[0] == 2


@pytest.mark.usefixtures("cancelled")
def test_an_anchor_from_elsewhere_is_not_outdone_by_the_one_that_is_kept_here(flask, settings):
    """Whoever has rewritten the ledger may have rewritten the file beside it: the paper in the safe says otherwise."""
    said = flask("accounts", "verify-ledger")[1]
    number, _, kept = re.search(r"Anchor: (\S+)", said)[1].partition("-")
    assert (settings.instance_dir / "ledger_anchor").read_text() == f"{number}-{kept}\n"
    code, said = flask("accounts", "verify-ledger", "--anchor", f"{number}-{'a' * 64}")
    assert (code, said.count("\n")) == (1, 1)
    assert f"two anchors of entry {number} differ" in said


@pytest.mark.usefixtures("cancelled")
def test_a_change_by_an_older_version_is_named_and_may_be_adopted(flask, demo):
    with demo.database.begin() as connection:
        row = dict(connection.execute(select(CHANGES).limit(1)).mappings().one())
        connection.execute(insert(CHANGES), {**row, "id": 999, "code": "424242", "key": "older"})
    code, said = flask("accounts", "verify-ledger")
    assert (code, said.count("\n")) == (1, 1)
    assert "change 999, code 424242, has no entry" in said
    assert flask("accounts", "seal-ledger")[0] == 1
    assert "1 adopted" in flask("accounts", "seal-ledger", "--adopt")[1]
    assert flask("accounts", "verify-ledger")[0] == 0


@pytest.mark.usefixtures("cancelled")
def test_every_night_the_log_has_the_anchor_or_what_is_wrong(demo, caplog):
    caplog.set_level("INFO")
    Night(demo).work(whenever=True)
    assert "the ledger of changes is whole, anchor " in caplog.text
    with demo.database.begin() as connection:
        connection.execute(update(CHANGES).where(CHANGES.c.id == 1).values(code="000000"))
    Night(demo).work(whenever=True)
    assert "the ledger of changes: change 1, code 000000, is not what entry" in caplog.text


def test_an_upgrade_seals_what_was_there_before_the_ledger(tmp_path, demo_database):
    shutil.copy(demo_database, tmp_path / "answerline.db")
    url = f"sqlite:///{tmp_path}/answerline.db"
    migrate.downgrade(url, "0008")
    app = create_app(Settings.from_env({"INSTANCE_DIR": str(tmp_path)}))
    migrate.upgrade(url)  # and killed before it could seal
    assert "the newest, has no seal yet; `flask accounts seal-ledger` seals it" in _run(app, VERIFY)[1]
    migrate.downgrade(url, "0008")
    assert _run(app, ["db", "upgrade"])[0] == 0
    code, said = _run(app, VERIFY)
    assert code == 0, said
    assert "adopted, 1 sealed" in said
    app.extensions["answerline"].database.dispose()
