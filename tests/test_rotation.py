"""Secrets are changed while calls go on: two are good meanwhile, and then the new one alone."""

import shutil
from dataclasses import replace

import pytest
from carrier import Carrier
from databases import LightHasher, add_account
from pyotp.totp import TOTP

from ivr.config import Settings
from ivr.db.accounts import SqlAccounts
from ivr.db.pins import SqlPins
from ivr.degraded.seal import Seal
from ivr.pins import PinResult, PinTry
from ivr.second_factor import SecondFactor
from ivr.staff import Role
from ivr.web import create_app

NEW = "fedcba9876543210fedcba9876543210"


def line(settings, clock, **changed):
    app = create_app(replace(settings, **changed), clock)
    return app, app.extensions["answerline"]


def test_webhooks_are_signed_by_either_token_during_a_change_and_by_the_new_one_after_it(settings, clock):
    old = settings.twilio_auth_token
    changing, _ = line(settings, clock, twilio_auth_token=NEW, twilio_auth_token_previous=old)
    changed, _ = line(settings, clock, twilio_auth_token=NEW)
    answers = {
        name: [Carrier(app, token).post("/voice", f"CA{name}{token[0]}").status_code for token in (old, NEW, "another")]
        for name, app in (("changing", changing), ("changed", changed))
    }
    assert answers == {"changing": [200, 200, 403], "changed": [403, 200, 403]}


def test_pins_move_to_the_new_pepper_one_success_after_the_other(app, clock):
    engine = app.extensions["answerline"].database
    ann, bob = (
        add_account(engine, LightHasher("old"), number=number, phone=None) for number in ("70000011", "70000029")
    )
    changing = SqlAccounts(engine, LightHasher("new", "old"), clock)
    assert changing.pins_on_old_pepper() == 2
    assert changing.check_pin(ann, "204816")
    assert not changing.check_pin(bob, "204817")
    assert changing.pins_on_old_pepper() == 1
    assert changing.check_pin(ann, "204816"), "also when it is on the new one"
    changing.set_pin("70000029", "771203")
    assert changing.pins_on_old_pepper() == 0
    changed = SqlAccounts(engine, LightHasher("new"), clock)
    assert changed.check_pin(ann, "204816")
    assert changed.check_pin(bob, "771203")
    again = SqlAccounts(engine, LightHasher("newest", "new"), clock)
    assert again.check_pin(ann, "204816"), "and at the next change"


# Why all processes learn a new pepper at once: a hash by one that nobody has told them of is nobody's.
def test_a_process_that_does_not_know_the_new_pepper_yet_takes_a_moved_pin_for_wrong(app, clock):
    engine = app.extensions["answerline"].database
    ann = add_account(engine, LightHasher("old"), number="70000011", phone=None)
    assert SqlAccounts(engine, LightHasher("new", "old"), clock).check_pin(ann, "204816")
    assert not SqlAccounts(engine, LightHasher("old"), clock).check_pin(ann, "204816")


def test_what_a_caller_has_tried_counts_under_the_new_pepper_too(app, clock):
    here = app.extensions["answerline"]
    for number in range(6):
        attempt = PinTry(None, "+14155550123", f"CA{number}", f"CA{number}/1")
        SqlPins(here.database, here.accounts, clock, "old").check(attempt, "204816")
    changing = SqlPins(here.database, here.accounts, clock, "new", previous="old")
    assert changing.spent("CAx", "+14155550123")
    assert changing.check(PinTry(None, "+14155550123", "CAx", "CAx/1"), "204816") is PinResult.WRONG


def test_who_is_signed_in_stays_so_while_the_key_changes_and_second_factors_move(settings, clock):
    _, before = line(settings, clock)
    staff = before.staff.add("kim", "Kim", Role.LEAD, "a long password 7", "tests")
    sealed = before.staff.factors.begin(staff)
    code = TOTP(before.staff.factors.shown(staff, sealed)).at(clock.now())
    recovery = before.staff.factors.set_up(staff, sealed, code)
    app, _ = line(settings, clock)
    old_cookie = app.session_interface.get_signing_serializer(app).dumps({"id": "x"})
    changing, during = line(settings, clock, secret_key=NEW, secret_key_previous=settings.secret_key)
    assert changing.session_interface.get_signing_serializer(changing).loads(old_cookie) == {"id": "x"}
    assert during.staff.factors.seal_anew() == 1
    changed, _ = line(settings, clock, secret_key=NEW)
    with pytest.raises(Exception, match="does not match"):
        changed.session_interface.get_signing_serializer(changed).loads(old_cookie)
    with before.database.connect() as connection:
        (kept,) = connection.exec_driver_sql("SELECT totp_secret FROM staff").one()
    assert SecondFactor(NEW).secret(kept, staff.id)
    both = SecondFactor(NEW, settings.secret_key).recovery_keys(staff.id, recovery[0])
    assert both[1] == SecondFactor(settings.secret_key).recovery_key(staff.id, recovery[0])


@pytest.fixture
def instance(tmp_path, empty_database):
    """A demo's folder, in which secrets are generated."""
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copy(empty_database, folder / "answerline.db")
    return folder


def flask(instance, *words):
    app = create_app(Settings.from_env({"INSTANCE_DIR": str(instance), "PROMPT_MODE": "say"}))
    result = app.test_cli_runner().invoke(args=list(words))
    app.extensions["answerline"].database.dispose()
    return result.exit_code, result.output


def test_a_generated_pepper_is_changed_by_two_commands(instance):
    old = Settings.from_env({"INSTANCE_DIR": str(instance)}).pin_pepper
    code, said = flask(instance, "secrets", "begin", "pin_pepper")
    assert (code, "the old one is good until" in said, "Stop every process" in said) == (0, True, True)
    during = Settings.from_env({"INSTANCE_DIR": str(instance)})
    assert during.pin_pepper_previous == old != during.pin_pepper
    app = create_app(during)
    engine = app.extensions["answerline"].database
    add_account(engine, LightHasher(old))
    engine.dispose()
    assert "being changed already" in flask(instance, "secrets", "begin", "pin_pepper")[1]
    assert "PIN_PEPPER: two values. 1 PIN needs the old one" in flask(instance, "secrets", "status")[1]
    assert flask(instance, "secrets", "finish", "pin_pepper")[0] == 1
    assert flask(instance, "secrets", "finish", "pin_pepper", "--yes")[0] == 0
    assert Settings.from_env({"INSTANCE_DIR": str(instance)}).pin_pepper_previous == ""
    assert "PIN_PEPPER: one value." in flask(instance, "secrets", "status")[1]


def test_the_ledger_is_sealed_by_the_new_key_before_the_old_one_goes(instance):
    flask(instance, "secrets", "begin", "secret_key")
    code, said = flask(instance, "secrets", "finish", "secret_key")
    assert (code, "Sealed anew: the ledger, and 0 second factors." in said) == (0, True)
    assert "The ledger is whole: 1 entries (1 sealed)." in flask(instance, "accounts", "verify-ledger")[1]


def test_a_secret_that_is_set_elsewhere_is_told_how(instance):
    (instance / "secret_key").write_text("x" * 32)
    app = create_app(Settings.from_env({"INSTANCE_DIR": str(instance), "SECRET_KEY": "set elsewhere, long enough"}))
    said = app.test_cli_runner().invoke(args=["secrets", "begin", "secret_key"]).output
    assert "put its value into SECRET_KEY_PREVIOUS" in said
    app.extensions["answerline"].database.dispose()


def test_a_call_that_goes_on_without_the_database_goes_on_with_a_new_secret_key(settings):
    """What is known of it travels in its addresses, sealed under the key of its last turn."""
    sealed = Seal(settings.secret_key).close("CA1", {"turn": 3})
    assert Seal(NEW, settings.secret_key).open("CA1", sealed) == {"turn": 3}
    assert Seal(NEW).open("CA1", sealed) is None
