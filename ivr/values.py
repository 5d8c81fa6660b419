"""How values are spoken: each kind turns a value into pieces, and every piece there can be is known ahead.

So a date or a code is put together from clips, and nothing has to be synthesized while a caller waits.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType


@dataclass(frozen=True)
class Piece:
    """A word or two of a value.

    word: as it is written for reading. pause: a short one follows, written as a comma. forms: how its clip can end:
    `join` where more follows at once, `pause`, and `end` where the voice falls; the last one does for the others.
    """

    id: str
    word: str
    pause: bool = False
    forms: tuple[str, ...] = ("join", "end")


def speak_date(iso: str) -> tuple[Piece, ...]:
    """Say a date in words: 2027-03-05 is `Friday, March fifth, 2027`. Raises: ValueError where it is none."""
    day = date.fromisoformat(iso)
    return _weekday(day), _day_of_year(day), _year(day.year)  # a translation may change the order: `Speech`


def speak_digits(digits: str) -> tuple[Piece, ...]:
    """Say digits one by one, in groups of three or four: 482913 is `4 8 2, 9 1 3`. Raises: ValueError for others."""
    size = 4 if len(digits) % 4 == 0 else 3
    return _groups([digits[i : i + size] for i in range(0, len(digits), size)])


def speak_phone(number: str) -> tuple[Piece, ...]:
    """Say a telephone number as people write it down: +18002636317 is `1, 8 0 0, 2 6 3, 6 3 1 7`."""
    digits = number.removeprefix("+")
    if len(digits) == NORTH_AMERICAN and digits.startswith("1"):
        return _groups(["1", digits[1:4], digits[4:7], digits[7:]])
    return speak_digits(digits)


def speak_count(number: str) -> tuple[Piece, ...]:
    """Say a whole number below a million: 214 is `two hundred fourteen`. Raises: ValueError for any other."""
    if not (number.isascii() and number.isdecimal()) or int(number) > COUNT_MAX:
        raise ValueError(f"{number!r} is no whole number up to {COUNT_MAX}")
    return _count(int(number))


def speak_money(amount: str) -> tuple[Piece, ...]:
    """Say an amount in dollars: 49.50 is `forty-nine dollars and fifty cents`. Raises: ValueError where it is none."""
    try:
        hundredths = Decimal(amount) * 100
    except InvalidOperation:
        hundredths = Decimal("NaN")
    if not hundredths.is_finite() or not 0 <= hundredths <= 100 * COUNT_MAX or hundredths % 1:
        raise ValueError(f"{amount!r} is no amount of money up to {COUNT_MAX} in whole cents")
    dollars, cents = divmod(int(hundredths), 100)
    spoken = (*_count(dollars), _DOLLAR if dollars == 1 else _DOLLARS) if dollars or not cents else ()
    if not cents:
        return spoken
    return (*spoken, *((_AND,) if dollars else ()), *_count(cents), _CENT if cents == 1 else _CENTS)


def every_piece(kinds: Collection[str]) -> Iterator[Piece]:
    """Every piece that values of these kinds are likely to be made of, each once; the carrier's voice says others."""
    if not {"digits", "phone"}.isdisjoint(kinds):
        yield from map(_digit, "0123456789")
    if "date" in kinds:
        monday = date(2024, 1, 1)
        yield from (_weekday(monday + timedelta(days)) for days in range(7))
        yield from (_day_of_year(monday + timedelta(days)) for days in range(366))  # 2024 is a leap year
        yield from map(_year, YEARS)
    if not {"count", "money"}.isdisjoint(kinds):
        yield from (Piece(f"number.{n}", _below_hundred(n)) for n in range(100))
        yield from (Piece(f"number.{n}", f"{_ONES[n // 100]} hundred") for n in range(100, 1000, 100))
        yield _THOUSAND
    if "money" in kinds:
        yield from (_DOLLAR, _DOLLARS, _AND, _CENT, _CENTS)


def _digit(digit: str, *, pause: bool = False) -> Piece:
    return Piece(f"digit.{digit}", digit, pause, ("join", "pause", "end"))


def _weekday(day: date) -> Piece:
    return Piece(f"weekday.{_WEEKDAYS[day.weekday()].lower()}", _WEEKDAYS[day.weekday()], True, _COMMA)


def _day_of_year(day: date) -> Piece:
    return Piece(f"day.{day:%m-%d}", f"{_MONTHS[day.month - 1]} {_ORDINALS[day.day - 1]}", True, _COMMA)


def _year(year: int) -> Piece:
    return Piece(f"year.{year}", str(year), forms=("end", "pause"))


def _groups(groups: list[str]) -> tuple[Piece, ...]:
    if not groups or any(not (group.isascii() and group.isdecimal()) for group in groups):
        raise ValueError("it must be digits and nothing else")
    last = len(groups) - 1
    return tuple(
        _digit(digit, pause=n < last and i == len(group) - 1)
        for n, group in enumerate(groups)
        for i, digit in enumerate(group)
    )


def _count(number: int) -> tuple[Piece, ...]:
    thousands, rest = divmod(number, 1000)
    if thousands:
        return (*_count(thousands), _THOUSAND, *(_count(rest) if rest else ()))
    hundreds, rest = divmod(number, 100)
    spoken = (Piece(f"number.{100 * hundreds}", f"{_ONES[hundreds]} hundred"),) if hundreds else ()
    return (*spoken, Piece(f"number.{rest}", _below_hundred(rest))) if rest or not hundreds else spoken


def _below_hundred(number: int) -> str:
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


_COMMA = ("pause",)
NORTH_AMERICAN = 11  # digits of a number in the North American plan, with its country code
COUNT_MAX = 999_999
YEARS = range(2000, 2100)
DATE_PARTS = "{weekday} {day} {year}"
_THOUSAND = Piece("number.thousand", "thousand")
_DOLLAR, _DOLLARS = Piece("money.dollar", "dollar"), Piece("money.dollars", "dollars")
_AND = Piece("money.and", "and", forms=("join",))
_CENT, _CENTS = Piece("money.cent", "cent"), Piece("money.cents", "cents")
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = ("", "", *"twenty thirty forty fifty sixty seventy eighty ninety".split())
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
    "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
KINDS: Mapping[str, Callable[[str], tuple[Piece, ...]]] = MappingProxyType(
    {
        "date": speak_date,
        "digits": speak_digits,
        "phone": speak_phone,
        "count": speak_count,
        "money": speak_money,
    }
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"plan": ("monthly", "annual"), "department": ("sales", "support")}
)
