"""Reading and judging the rows of an accounts file, one at a time."""

import codecs
import csv
import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ivr.accounts import Plan
from ivr.pin_hash import PIN_DIGITS, weak_pin

COLUMNS = (
    "account_number", "pin", "name", "email", "phone", "plan", "seats", "trial_ends_on", "paid_through", "auto_renew",
)  # fmt: skip
_MOST_SEATS, _LONGEST = 1_000_000, 200
_YES_NO = {"true": True, "false": False, "": None}


class BadFileError(Exception):
    """The file as a whole cannot be imported; the message is one line and says why."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be imported. Never quotes it: a PIN may stand in the wrong column.

    line: as an editor counts, the header being 1.
    """

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Row:
    """One account of the file. pin: '' keeps the old one. auto_renew: None keeps the old one."""

    account_number: str
    pin: str = field(repr=False)
    name: str
    email: str | None
    phone: str | None
    plan: Plan
    seats: int
    trial_ends_on: date | None
    paid_through: date | None
    auto_renew: bool | None


def read_rows(path: Path) -> Generator[Row | BadRow]:
    """Read an accounts file row by row, holding no more than their numbers.

    Raises: BadFileError where it cannot be read at all.
    """
    try:
        _refuse_unreadable(path)
        # Bytes that are not UTF-8 come through as lone surrogates, so that their rows can be named.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, strict=True)
            records = _records(reader)
            order = _header(next(records, None))
            seen: dict[str, int] = {}
            for line, cells in records:
                row = BadRow(line, cells) if isinstance(cells, str) else _judge(line, cells, order)
                yield _once(row, line, seen)
    except OSError as error:
        raise BadFileError(f"{path}: {error.strerror or error}") from None


def _refuse_unreadable(path: Path) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BadFileError(f"{path}: it is read twice, so it must be a file, not a pipe or a device")
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise BadFileError(f"{path}: this looks like UTF-16; save it as CSV in UTF-8")


def _records(reader: "Iterator[list[str]]") -> Iterator[tuple[int, list[str] | str]]:
    """Number the records by their first line; a string tells why a record could not be split."""
    while True:
        line: int = getattr(reader, "line_num", 0) + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _why_not_csv(str(error))
            continue
        if cells:
            yield line, cells


def _why_not_csv(error: str) -> str:
    if "unexpected end of data" in error:
        return "not CSV: a quotation mark is opened at this line and never closed"
    if "field larger" in error:
        return f"not CSV: a cell is longer than {csv.field_size_limit()} characters; is a quotation mark never closed?"
    return f"not CSV: {error}"


def _header(record: tuple[int, list[str] | str] | None) -> list[str]:
    if record is None:
        raise BadFileError("the file is empty; its first line must name the columns: " + ",".join(COLUMNS))
    line, cells = record
    if isinstance(cells, str):
        raise BadFileError(f"line {line}: {cells}")
    names = [cell.strip() for cell in cells]
    if sorted(names) == sorted(COLUMNS):
        return names
    missing = [column for column in COLUMNS if column not in names]
    twice = [column for column in COLUMNS if names.count(column) > 1]
    unknown = len([name for name in names if name not in COLUMNS])
    told = [f"is without {', '.join(missing)}"] if missing else []
    told += [f"names {', '.join(twice)} more than once"] if twice else []
    told += [f"has {unknown} that {'is' if unknown == 1 else 'are'} none of these"] if unknown else []
    if len(names) == 1 and ";" in names[0]:
        told = ["has them separated by semicolons: save it with commas"]
    raise BadFileError(f"line 1 must name the columns {','.join(COLUMNS)}; it {' and '.join(told)}")


def _once(row: Row | BadRow, line: int, seen: dict[str, int]) -> Row | BadRow:
    if isinstance(row, BadRow):
        return row
    first = seen.setdefault(row.account_number, line)
    return row if first == line else BadRow(line, f"the same account_number as line {first}")


def _judge(line: int, cells: list[str], order: list[str]) -> Row | BadRow:
    if len(cells) != len(order):
        return BadRow(line, f"{len(cells)} columns instead of {len(order)}")
    cell = {name: value.strip() for name, value in zip(order, cells, strict=True)}
    reasons = _unreadable(cell) or _reasons(cell)
    return BadRow(line, "; ".join(reasons)) if reasons else _row(cell)


def _unreadable(cell: dict[str, str]) -> list[str]:
    return [
        f"{name} is not UTF-8 text" if re.search("[\ud800-\udfff]", value) else f"{name} holds a control character"
        for name, value in cell.items()
        if re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", value)
    ]


def _reasons(cell: dict[str, str]) -> list[str]:
    plan = cell["plan"] if cell["plan"] in set(Plan) else None
    seats = cell["seats"]
    tests = {
        "account_number is not eight digits (a spreadsheet may have dropped leading zeros)": not re.fullmatch(
            r"[0-9]{8}", cell["account_number"]
        ),
        f"pin is not {PIN_DIGITS} digits": not re.fullmatch(rf"([0-9]{{{PIN_DIGITS}}})?", cell["pin"]),
        "pin is too easy to guess": bool(re.fullmatch(r"[0-9]+", cell["pin"])) and weak_pin(cell["pin"]),
        "name is blank": not cell["name"],
        f"name is longer than {_LONGEST} characters": len(cell["name"]) > _LONGEST,
        "email has no @, or is too long": not re.fullmatch(r"(\S+@\S+)?", cell["email"])
        or len(cell["email"]) > _LONGEST,
        "phone is not in international form, like +14155550111": not re.fullmatch(
            r"(\+[1-9][0-9]{6,14})?", cell["phone"]
        ),
        "plan is not trial, monthly or annual": plan is None,
        "seats is not a whole number of 1 or more": not (
            re.fullmatch(r"[0-9]{1,7}", seats) and 1 <= int(seats) <= _MOST_SEATS
        ),
        "trial_ends_on is not a date like 2027-03-05": bool(cell["trial_ends_on"]) and not _day(cell["trial_ends_on"]),
        "paid_through is not a date like 2027-03-05": bool(cell["paid_through"]) and not _day(cell["paid_through"]),
        "a trial needs trial_ends_on": plan == Plan.TRIAL and not cell["trial_ends_on"],
        "a paid plan needs paid_through": plan in {Plan.MONTHLY, Plan.ANNUAL} and not cell["paid_through"],
        "auto_renew is not true, false or blank": cell["auto_renew"].lower() not in _YES_NO,
    }
    return [reason for reason, wrong in tests.items() if wrong]


def _row(cell: dict[str, str]) -> Row:
    return Row(
        account_number=cell["account_number"],
        pin=cell["pin"],
        name=cell["name"],
        email=cell["email"] or None,
        phone=cell["phone"] or None,
        plan=Plan(cell["plan"]),
        seats=int(cell["seats"]),
        trial_ends_on=_day(cell["trial_ends_on"]),
        paid_through=_day(cell["paid_through"]),
        auto_renew=_YES_NO[cell["auto_renew"].lower()],
    )


def _day(text: str) -> date | None:
    with suppress(ValueError):
        day = date.fromisoformat(text)
        return day if day.isoformat() == text else None  # 20270305 and 2027-W09-5 are not for us
    return None
