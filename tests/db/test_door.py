"""Who comes in, and how often anybody may guess: on SQLite and on PostgreSQL, also when many try at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from desks import PASSWORD, QUICK
from pyotp import TOTP
from sqlalchemy import select

from ivr.db.console.audit import entries
from ivr.db.console.door import TRIES_OF_ADDRESS, TRIES_OF_NAME, Knock
from ivr.db.console.staff import SqlStaff
from ivr.db.console.staff_rows import StaffError
from ivr.db.console.tables import RecoveryCodeRow, SignInRow, StaffRow
from ivr.db.database import reading
from ivr.staff import Role

HERE, ELSEWHERE = Knock("192.0.2.1"), Knock("198.51.100.7")
OWN = Knock("192.0.2.1", device="a device of ada's")


@pytest.fixture
def staff(engine, clock):
    staff = SqlStaff(engine, clock, "any key", QUICK)
    staff.add("ada", "Ada", Role.ADMIN, PASSWORD, "tests")
    return staff


@pytest.fixture
def ada(staff):
    return staff.everybody()[0]


@pytest.fixture
def app_of_ada(staff, ada, clock):
    """Ada's telephone: shows codes; `codes` are her recovery codes."""
    sealed = staff.factors.begin(ada)
    app = TOTP(staff.factors.shown(ada, sealed))
    app.codes = staff.factors.set_up(ada, sealed, app.at(clock.now()))
    clock.passes(minutes=1)
    return app


def tries(staff, times, knock=HERE):
    """Try at once, as often as that; returns how many came in."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: staff.door.sign_in("ada", "wrong", knock), range(times)))
    return sum(one is not None for one in found)


# Parallel guesses are counted one by one: not one more than ten is compared.
def test_tries_at_once_are_each_counted(staff, engine):
    assert tries(staff, 2 * TRIES_OF_NAME) == 0
    with reading(engine) as session:
        assert len(session.scalars(select(SignInRow)).all()) == TRIES_OF_NAME
    assert staff.door.sign_in("ada", PASSWORD, ELSEWHERE) is None


# An address that guesses at many names is closed, also when it does so at once, and others are not.
def test_an_address_that_tries_many_names_is_closed(staff, engine):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: staff.door.sign_in(f"name{n}", "wrong", HERE), range(TRIES_OF_ADDRESS + 10)))
    with reading(engine) as session:
        assert len(session.scalars(select(SignInRow)).all()) == TRIES_OF_ADDRESS
    assert staff.door.sign_in("ada", PASSWORD, HERE) is None
    assert staff.door.sign_in("ada", PASSWORD, ELSEWHERE) is not None


# Who closes a name on purpose does not keep its owner out: a device of theirs is counted by itself.
def test_a_known_device_comes_in_though_the_name_and_the_address_are_closed(staff):
    tries(staff, TRIES_OF_NAME)
    assert staff.door.sign_in("ada", PASSWORD, HERE) is None
    assert staff.door.sign_in("ada", PASSWORD, OWN) is not None


def test_a_known_device_may_not_guess_for_ever_either(staff):
    tries(staff, TRIES_OF_NAME, knock=OWN)
    assert staff.door.sign_in("ada", PASSWORD, OWN) is None
    assert staff.door.sign_in("ada", PASSWORD, ELSEWHERE) is not None


# What is left to an owner without a known device: a colleague gives a new password.
def test_a_new_password_opens_a_name_that_was_closed(staff, ada):
    tries(staff, TRIES_OF_NAME)
    staff.set_password(ada.id, "another long password", "tests")
    assert staff.door.sign_in("ada", "another long password", HERE) is not None


def test_coming_in_forgives_the_name_and_not_the_address(staff, engine):
    tries(staff, 3)
    staff.door.sign_in("bob", "wrong", HERE)
    assert staff.door.sign_in("ada", PASSWORD, HERE)
    with reading(engine) as session:
        assert len(session.scalars(select(SignInRow)).all()) == 1


# Beyond the try that closes a name nothing is logged: guessers do not fill the audit log.
def test_the_audit_log_tells_of_failures_and_of_closing_and_then_no_more(staff, engine):
    for _ in range(TRIES_OF_NAME + 5):
        staff.door.sign_in("ada", "wrong", HERE)
    failed = [entry for entry in entries(engine) if entry.act == "sign-in failed"]
    assert [entry.detail["closed"] for entry in failed] == [True] + [False] * (TRIES_OF_NAME - 1)


# Somebody types the password into the field for the name: it is not kept.
def test_a_name_of_nobody_is_not_written_down(staff, engine):
    staff.door.sign_in(PASSWORD, "", HERE)
    assert entries(engine)[0].who == "?"


# The right password alone does not wipe out the tries: codes cannot be guessed by asking for ever new chances.
def test_password_and_codes_are_tries_until_a_code_is_right(staff, app_of_ada, clock):
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    assert half.totp
    for _ in range(TRIES_OF_NAME - 1):
        assert staff.door.second(half, "000000", HERE) is None
    assert staff.door.second(half, app_of_ada.at(clock.now()), HERE) is None
    assert staff.door.sign_in("ada", PASSWORD, HERE) is None
    clock.passes(minutes=61)
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    assert staff.door.second(half, app_of_ada.at(clock.now()), HERE) is not None


# Whoever looks over a shoulder learns nothing of use: a code is good once, also when it comes twice at once.
def test_a_code_is_good_once(staff, app_of_ada, clock):
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    code = app_of_ada.at(clock.now())
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: staff.door.second(half, code, HERE), range(4)))
    assert sum(one is not None for one in found) == 1


def test_no_code_before_the_one_taken_last_is_good(staff, app_of_ada, clock):
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    before = app_of_ada.at(clock.now())
    clock.passes(seconds=30)
    assert staff.door.second(half, app_of_ada.at(clock.now()), HERE)
    assert staff.door.second(half, before, HERE) is None


@pytest.mark.parametrize(("seconds", "taken"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_a_telephone_may_be_half_a_minute_off(staff, app_of_ada, clock, seconds, taken):
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    code = app_of_ada.at(int(clock.now().timestamp()) + seconds)
    assert (staff.door.second(half, code, HERE) is not None) is taken


def test_a_recovery_code_is_good_once_however_it_is_typed(staff, ada, app_of_ada):
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    first = app_of_ada.codes[0]
    with ThreadPoolExecutor(4) as pool:
        typed = f" {first[:5].upper()}-{first[5:]} "
        found = list(pool.map(lambda _: staff.door.second(half, typed, HERE), range(4)))
    assert sum(one is not None for one in found) == 1
    assert staff.factors.left(ada) == len(app_of_ada.codes) - 1


# A stolen database opens nothing: neither the secret nor a recovery code is in it.
def test_neither_secret_nor_recovery_codes_lie_in_the_database(ada, app_of_ada, engine):
    with reading(engine) as session:
        row = session.get(StaffRow, ada.id)
        kept = [row.totp_secret, *session.scalars(select(RecoveryCodeRow.code_key))]
    assert not any(secret in text for text in kept for secret in (app_of_ada.secret, *app_of_ada.codes))


def test_a_sealed_secret_is_good_for_nobody_else(staff, ada):
    bob = staff.add("bob", "Bob", Role.STAFF, PASSWORD, "tests")
    assert staff.factors.shown(bob, staff.factors.begin(ada)) is None
    assert staff.factors.shown(ada, "forged") is None


# Another SECRET_KEY shuts second factors, and opens nothing; the log says what to do.
def test_under_another_key_no_code_is_right_and_the_operator_is_told(app_of_ada, engine, clock, caplog):
    other = SqlStaff(engine, clock, "another key", QUICK)
    half = other.door.sign_in("ada", PASSWORD, HERE)
    assert other.door.second(half, app_of_ada.at(clock.now()), HERE) is None
    assert "flask staff reset-factor" in caplog.text


# Two admins who take each other's role away at once do not both succeed.
def test_there_is_always_one_admin(staff, ada):
    bob = staff.add("bob", "Bob", Role.ADMIN, PASSWORD, "tests")

    def demote(one):
        try:
            staff.change(one.id, "tests", Role.STAFF, disabled=False)
        except StaffError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, [ada, bob])) == [False, True]
    assert sum(one.role is Role.ADMIN for one in staff.everybody()) == 1


# Whatever changes between the password and the code, or between two requests, ends what was begun before it.
@pytest.mark.parametrize("change", ["role", "disabled", "password"])
def test_a_change_between_password_and_code_shuts_the_door(staff, ada, app_of_ada, clock, change):
    staff.add("bob", "Bob", Role.ADMIN, PASSWORD, "tests")
    half = staff.door.sign_in("ada", PASSWORD, HERE)
    if change == "password":
        staff.set_password(ada.id, "another long password", "tests")
    else:
        staff.change(ada.id, "bob", Role.STAFF if change == "role" else Role.ADMIN, disabled=change == "disabled")
    assert staff.door.second(half, app_of_ada.at(clock.now()), HERE) is None


# A session in somebody's hands does not let them guess the password behind it; and others cannot close this.
def test_asking_for_the_password_within_a_session_is_counted_by_itself(staff, ada):
    tries(staff, TRIES_OF_NAME)
    assert staff.door.proves(ada, PASSWORD)
    for _ in range(TRIES_OF_NAME):
        assert not staff.door.proves(ada, "wrong")
    assert not staff.door.proves(ada, PASSWORD)
