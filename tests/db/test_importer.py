import os
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep

import pytest
from databases import HEADER, NED, TODAY
from sqlalchemy import text

from ivr.accounts import ChangeKind, Plan
from ivr.db.accounts import SqlAccounts
from ivr.db.database import reading, writing
from ivr.db.import_rows import COLUMNS, BadFileError, BadRow, read_rows
from ivr.db.importer import BadRowsError, Imported, import_accounts
from ivr.db.models.accounts import AccountRow, ChangeRow

ANN = "70000011,204816,Ann Abbott,ann@example.com,+14155550111,trial,1,2027-03-17,,"
WES = "70000051,,Wes Webb,,,annual,12,,2027-12-31,FALSE"


def unexpected(row):
    pytest.fail(str(row))


@pytest.fixture
def bring(engine, hasher, tmp_path):
    """Import these lines."""

    def bring(*lines, header=HEADER, bad=unexpected, **more):
        path = tmp_path / "accounts.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return import_accounts(engine, hasher, path, tmp_path / "scratch", bad=bad, **more)

    return bring


@pytest.fixture
def held(engine):
    """Read all accounts, by number."""

    def held():
        with reading(engine) as session:
            return {row.account_number: row for row in session.query(AccountRow).order_by(AccountRow.account_number)}

    return held


@pytest.fixture
def reasons(tmp_path):
    """Judge these lines; a bad one is answered with its line and reason."""

    def reasons(*lines, header=HEADER):
        path = tmp_path / "accounts.csv"
        data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in (header, *lines))
        path.write_bytes(data)
        return [str(row) for row in read_rows(path) if isinstance(row, BadRow)]

    return reasons


def changed(line, **cells):
    values = dict(zip(COLUMNS, line.split(","), strict=True)) | cells
    return ",".join(values[column] for column in COLUMNS)


def test_imports_accounts_of_each_plan(bring, held):
    assert bring(ANN, NED, WES) == Imported(total=3, new=3, without_pin=1, kept_off=0)
    ann, ned, wes = held().values()
    assert (ann.name, ann.email, ann.phone, ann.plan) == ("Ann Abbott", "ann@example.com", "+14155550111", Plan.TRIAL)
    assert (ann.trial_ends_on, ann.paid_through, ann.auto_renew) == (date(2027, 3, 17), None, False)
    assert (ned.seats, ned.paid_through, ned.auto_renew) == (3, date(2027, 3, 16), True)
    assert (wes.pin_hash, wes.email, wes.phone, wes.auto_renew) == (None, None, None, False)


def test_imported_pins_open_their_accounts(bring, engine, hasher, clock):
    bring(ANN, NED)
    accounts = SqlAccounts(engine, hasher, clock)
    assert accounts.check_pin(accounts.find("70000011").id, "204816")
    assert not accounts.check_pin(accounts.find("70000031").id, "204816")


def test_importing_again_updates_and_a_blank_pin_keeps_the_old(bring, held):
    bring(ANN, NED)
    before = held()
    assert bring(changed(NED, pin="", name="Ned N", seats="4"), WES) == Imported(2, 1, 1, 0)
    after = held()
    assert (after["70000031"].name, after["70000031"].seats, after["70000031"].auto_renew) == ("Ned N", 4, True)
    assert after["70000031"].pin_hash == before["70000031"].pin_hash
    bring(changed(NED, pin="582063"))
    assert held()["70000031"].pin_hash != before["70000031"].pin_hash


def test_a_blank_auto_renew_keeps_the_old_and_is_yes_for_a_new_paid_plan(bring, held):
    bring(changed(NED, auto_renew=""), changed(WES, auto_renew="false"))
    bring(changed(NED, auto_renew=""), changed(WES, auto_renew=""))
    assert [row.auto_renew for row in held().values()] == [True, False]


def test_a_trial_that_becomes_a_paid_plan_renews_unless_the_file_says_no(bring, held):
    bring(ANN, changed(ANN, account_number="70000012"))
    paid = changed(ANN, plan="monthly", paid_through="2027-04-16")
    bring(paid, changed(paid, account_number="70000012", auto_renew="false"))
    assert [row.auto_renew for row in held().values()] == [True, False]
    bring(paid, changed(paid, account_number="70000012"))
    assert [row.auto_renew for row in held().values()] == [True, False]


def test_a_renewal_turned_off_while_the_import_waits_stays_off(bring, held, engine, hasher, clock):
    bring(ANN, NED)
    accounts = SqlAccounts(engine, hasher, clock)
    ned = accounts.find("70000031").id
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as session:  # the caller's change, not yet committed
            row = session.get(AccountRow, int(ned), with_for_update=True)
            importing = pool.submit(bring, ANN, NED)
            if engine.dialect.name == "postgresql":
                with reading(engine) as other:
                    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    assert any(other.scalar(waiting) or sleep(0.01) for _ in range(3000))
            row.auto_renew = False
            session.add(turned_off(row.id, clock.now()))
        assert importing.result().kept_off == 1
    assert not held()["70000031"].auto_renew


def turned_off(account_id, at):
    kind = ChangeKind.TURN_OFF_RENEWAL
    return ChangeRow(
        account_id=account_id, code="123457", kind=kind, at=at, call_sid="CA1", key="CA1/1", before={}, after={}
    )


def test_what_callers_changed_by_phone_stands(bring, held, engine, hasher, clock):
    bring(ANN, NED)
    accounts = SqlAccounts(engine, hasher, clock)
    accounts.change(accounts.find("70000011").id, ChangeKind.CANCEL_TRIAL, "CA1", "CA1/1", TODAY)
    accounts.change(accounts.find("70000031").id, ChangeKind.TURN_OFF_RENEWAL, "CA2", "CA2/1", TODAY)
    assert bring(ANN, NED).kept_off == 1
    assert held()["70000011"].cancels_at_trial_end
    assert not held()["70000031"].auto_renew
    # A later period was paid for after the call: the account system knows better now.
    assert bring(changed(NED, paid_through="2027-04-16")).kept_off == 0
    assert held()["70000031"].auto_renew
    bring(changed(NED, account_number="70000011"))
    assert not held()["70000011"].cancels_at_trial_end


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"account_number": "7000001"}, "account_number is not eight digits"),
        ({"account_number": "\uff17" + "0" * 7}, "account_number is not eight digits"),
        ({"account_number": ""}, "account_number is not eight digits"),
        ({"pin": "20481"}, "pin is not 6 digits"),
        ({"pin": "20481x"}, "pin is not 6 digits"),
        ({"pin": "123456"}, "pin is too easy to guess"),
        ({"name": "  "}, "name is blank"),
        ({"name": "x" * 201}, "name is longer than 200 characters"),
        ({"name": "a\0b"}, "name holds a control character"),
        ({"name": "\x1b[31mred"}, "name holds a control character"),
        ({"email": "ann"}, "email has no @"),
        ({"phone": "4155550199"}, "phone is not in international form"),
        ({"phone": "+1 415 555 0111"}, "phone is not in international form"),
        ({"plan": "Trial"}, "plan is not trial, monthly or annual"),
        ({"plan": ""}, "plan is not trial, monthly or annual"),
        ({"seats": "0"}, "seats is not a whole number of 1 or more"),
        ({"seats": "1.5"}, "seats is not a whole number of 1 or more"),
        ({"seats": "99999999999"}, "seats is not a whole number of 1 or more"),
        ({"trial_ends_on": "17.3.2027"}, "trial_ends_on is not a date like 2027-03-05"),
        ({"trial_ends_on": "2027-02-30"}, "trial_ends_on is not a date like 2027-03-05"),
        ({"trial_ends_on": "20270317"}, "trial_ends_on is not a date like 2027-03-05"),
        ({"trial_ends_on": ""}, "a trial needs trial_ends_on"),
        ({"plan": "annual"}, "a paid plan needs paid_through"),
        ({"auto_renew": "yes"}, "auto_renew is not true, false or blank"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_and_reason(reasons, cells, reason):
    (told,) = reasons(NED, changed(ANN, **cells), WES)
    assert told.startswith(f"line 3: {reason}")
    assert not [value for value in cells.values() if len(value) > 4 and value in told.replace("2027-03-05", "")]


def test_other_bad_rows(reasons):
    assert reasons("only,three,cells") == ["line 2: 3 columns instead of 10"]
    assert reasons(ANN, "", NED, ANN) == ["line 5: the same account_number as line 2"]
    assert reasons(NED, ANN.encode().replace(b"Abbott", b"Abb\xf6tt")) == ["line 3: name is not UTF-8 text"]
    unclosed = "line 3: not CSV: a quotation mark is opened at this line and never closed"
    assert reasons(NED, '70000011,"unfinished', WES) == [unclosed]
    assert reasons(ANN + "," + "x" * 200_000, NED)[0].startswith("line 2: not CSV: a cell is longer than 131072")
    assert reasons(ANN.replace("Ann Abbott", '"Ann" Abbott'), NED)[0].startswith("line 2: not CSV: ")
    (both,) = reasons(changed(ANN, seats="0", plan="gold"))
    assert "; " in both


def test_lines_are_counted_as_an_editor_does(reasons):
    two_lines = ANN.replace("Ann Abbott", '"Ann\nAbbott"')
    assert reasons(two_lines, changed(NED, seats="0"))[1].startswith("line 4: seats")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (HEADER.encode(), "no accounts in the file"),
        (HEADER.replace(",pin", "").encode(), "without pin"),
        (HEADER.replace(",", ";").encode(), "semicolons"),
        (HEADER.replace("pin", "PIN code").encode(), "without pin and has 1 that is none of these$"),
        ((HEADER + ",pin").encode(), "it names pin more than once$"),
        ((HEADER + ",country,note").encode(), "it has 2 that are none of these$"),
        (HEADER.replace(",pin", ',"pin').encode(), "line 1: not CSV: a quotation mark is opened"),
        ((HEADER + "\n").encode("utf-16"), "UTF-16; save it as CSV in UTF-8"),
        ((HEADER + "\n").encode("utf-16-be"), "UTF-16; save it as CSV in UTF-8"),
    ],
)
def test_a_file_that_is_no_accounts_file(engine, hasher, tmp_path, content, said):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=said) as caught:
        import_accounts(engine, hasher, path, tmp_path, bad=unexpected)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read(engine, hasher, tmp_path, name):
    with pytest.raises(BadFileError, match=r"missing\.csv|directory"):
        import_accounts(engine, hasher, tmp_path / name, tmp_path, bad=unexpected)


def test_a_pipe_cannot_be_read_twice(engine, hasher, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadFileError, match="it is read twice, so it must be a file"):
        import_accounts(engine, hasher, tmp_path / "pipe", tmp_path, bad=unexpected)


def test_a_spreadsheets_mark_and_line_ends_are_fine(engine, hasher, tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{ANN}\r\n".encode())
    assert import_accounts(engine, hasher, path, tmp_path, bad=unexpected).total == 1


def test_columns_may_come_in_any_order(engine, hasher, tmp_path, held):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(reversed(line.split(","))) for line in (HEADER, ANN)))
    import_accounts(engine, hasher, path, tmp_path, bad=unexpected)
    assert held()["70000011"].name == "Ann Abbott"


def test_one_bad_row_and_nothing_is_imported(bring, held):
    bring(ANN)
    told = []
    with pytest.raises(BadRowsError):
        bring(changed(ANN, name="Other"), NED, changed(WES, seats="none"), "x", bad=told.append)
    assert [row.line for row in told] == [4, 5]
    assert list(held()) == ["70000011"]
    assert held()["70000011"].name == "Ann Abbott"


def test_every_bad_row_is_told_and_counted(bring):
    lines = []
    with pytest.raises(BadRowsError) as caught:
        bring(*["bad"] * 1000, bad=lambda row: lines.append(row.line))
    assert (caught.value.total, lines) == (1000, list(range(2, 1002)))


def test_trouble_while_writing_leaves_nothing(bring, held):
    def stage(name, _total):
        def advance():
            if name == "Writing":
                raise KeyboardInterrupt

        return advance

    with pytest.raises(KeyboardInterrupt):
        bring(ANN, NED, stage=stage)
    assert held() == {}


def test_a_file_that_changes_meanwhile_is_refused(bring, held, tmp_path):
    def stage(name, _total):
        if name == "Hashing PINs":
            (tmp_path / "accounts.csv").write_text(f"{HEADER}\n{ANN}\n{NED}\n{NED}\n")
        return lambda: None

    with pytest.raises(BadFileError, match="changed while"):
        bring(ANN, NED, stage=stage)
    assert held() == {}


def test_no_pin_is_left_behind_in_files(bring, tmp_path):
    seen = []

    def stage(name, _total):
        if name == "Writing":
            seen.append(list((tmp_path / "scratch").iterdir()))
        return lambda: None

    bring(ANN, stage=stage)
    assert seen == [[]]  # the temporary file has no name that anybody could open
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".csv")
    assert b"204816" not in kept


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["sqlite"])
def test_memory_does_not_grow_with_the_file(bring):
    def peak(rows):
        lines = [changed(WES, account_number=f"{n:08d}") for n in range(rows)]
        tracemalloc.start()
        bring(*lines)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size - sum(map(len, lines))

    peak(10)  # what is loaded and compiled once does not count
    assert peak(2000) < peak(1000) + 333_000


def test_an_account_keeps_its_id(bring, held):
    """Changes and locks point at it."""
    bring(NED, ANN)
    before = {number: row.id for number, row in held().items()}
    bring(ANN, WES, NED)
    assert {number: row.id for number, row in held().items() if number in before} == before
