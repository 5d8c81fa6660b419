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
    """A few words of a value.

    word: as it is written for reading. pause: a short one follows, written as a comma. forms: how its clip can end:
    `join` where more follows at once, `pause`, and `end` where the voice falls; the last one does for the others.
    figures: the same for any language, where it has no words of its own.
    """

    id: str
    word: str
    pause: bool = False
    forms: tuple[str, ...] = ("join", "end")
    figures: str = ""


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
    if (count := _whole(number)) > COUNT_MAX:
        raise ValueError(f"{number!r} is more than {COUNT_MAX}")
    return (_number(count),)


def speak_money(amount: str) -> tuple[Piece, ...]:
    """Say an amount in dollars: 49.50 is `forty-nine dollars and fifty cents`. Raises: ValueError where it is none."""
    try:
        hundredths = Decimal(amount) * 100
    except InvalidOperation:
        hundredths = Decimal("NaN")
    if not hundredths.is_finite() or not 0 <= hundredths < 100 * (COUNT_MAX + 1) or hundredths % 1:
        raise ValueError(f"{amount!r} is no amount of money up to {COUNT_MAX} in whole cents")
    dollars, cents = divmod(int(hundredths), 100)
    if not dollars:
        return (_cents(cents) if cents else _dollars(0),)
    thousands, rest = divmod(dollars, 1000)
    halves = thousands and rest >= 100  # noqa: PLR2004 `ninety thousand, one dollars` is heard as $90,000 $1
    spoken = (_thousands(thousands), _dollars(rest)) if halves else (_dollars(dollars),)
    return (*spoken, _and_cents(cents)) if cents else spoken


def speak_minutes(number: str) -> tuple[Piece, ...]:
    """Say how long something takes, rounded up as people do: 12 is `fifteen minutes`, from 61 `more than an hour`.

    Raises: ValueError for what is no whole number.
    """
    given = _whole(number)
    return (_minutes(next((step for step in MINUTES if step >= given), given)),)


def speak_topic(name: str) -> tuple[Piece, ...]:
    """Say what a call is about, by a flow's name. Raises: ValueError for any other."""
    return (_phrase("topic", name, TOPICS, "pause"),)


def speak_proof(name: str) -> tuple[Piece, ...]:
    """Say whether a caller has proved who they are: `checked` or `unchecked`. Raises: ValueError for any other."""
    return (_phrase("proof", name, PROOFS, "end"),)


def every_piece(kinds: Collection[str]) -> Iterator[Piece]:
    """Every piece that values of these kinds are likely to be made of, each once; the carrier's voice says others."""
    if not {"digits", "phone"}.isdisjoint(kinds):
        yield from map(_digit, "0123456789")
    if "date" in kinds:
        monday = date(2024, 1, 1)
        yield from (_weekday(monday + timedelta(days)) for days in range(7))
        yield from (_day_of_year(monday + timedelta(days)) for days in range(366))  # 2024 is a leap year
        yield from map(_year, YEARS)
    if "count" in kinds:
        yield from map(_number, COUNTS)
    if "topic" in kinds:
        yield from (speak_topic(name)[0] for name in TOPICS)
    if "proof" in kinds:
        yield from (speak_proof(name)[0] for name in PROOFS)
    if "money" in kinds:
        yield from map(_dollars, range(1000))
        yield from (_dollars(1000 * n) for n in THOUSANDS)
        yield from map(_thousands, THOUSANDS)
        yield from (cents(n) for n in range(1, 100) for cents in (_cents, _and_cents))
    if "minutes" in kinds:
        yield from map(_minutes, (*MINUTES, MINUTES[-1] + 1))


def _phrase(kind: str, name: str, phrases: Mapping[str, str], form: str) -> Piece:
    if name not in phrases:
        raise ValueError(f"{name!r} is not one of {', '.join(phrases)}")
    return Piece(f"{kind}.{name}", phrases[name], forms=(form,))


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


# Amounts and counts are whole clips: put together of single words, `cents.` was heard as 10, and hundreds fell apart.


def _number(number: int) -> Piece:
    return Piece(f"number.{number}", _spelled(number), forms=_WHOLE, figures=str(number))


def _dollars(number: int) -> Piece:
    return Piece(f"dollars.{number}", f"{_spelled(number)} {'dollar' if number == 1 else 'dollars'}", forms=_WHOLE)


def _thousands(number: int) -> Piece:
    return Piece(f"thousands.{number}", f"{_spelled(number)} thousand", forms=("join",))


def _cents(number: int) -> Piece:
    return Piece(f"cents.{number}", f"{_spelled(number)} {'cent' if number == 1 else 'cents'}", forms=_WHOLE)


def _and_cents(number: int) -> Piece:
    return Piece(f"and-cents.{number}", f"and {_cents(number).word}", forms=_WHOLE)


def _minutes(number: int) -> Piece:
    if number > MINUTES[-1]:
        return Piece("minutes.more", "more than an hour", forms=_WHOLE)
    word = ("less than a minute", "one minute")[number] if number <= 1 else f"{_spelled(number)} minutes"
    return Piece(f"minutes.{number}", word, forms=_WHOLE)


def _whole(number: str) -> int:
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"{number!r} is no whole number")
    return int(number)


def _spelled(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    if thousands:
        return f"{_spelled(thousands)} thousand" + (f" {_spelled(rest)}" if rest else "")
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return f"{_ONES[hundreds]} hundred" + (f" {_spelled(rest)}" if rest else "")
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


_WHOLE = ("end", "join")  # before a comma, more follows
_COMMA = ("pause",)
NORTH_AMERICAN = 11  # digits of a number in the North American plan, with its country code
COUNT_MAX = 999_999
YEARS = range(2000, 2100)
COUNTS = range(31)  # places in a queue; the carrier's voice says what is more
THOUSANDS = range(1, 100)  # of dollars
MINUTES = (*range(11), 15, 20, 25, 30, 40, 50, 60)  # of a wait: finer would promise too much
DATE_PARTS = "{weekday} {day} {year}"
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = ("", "", *"twenty thirty forty fifty sixty seventy eighty ninety".split())
TOPICS = {
    "buying": "buying",
    "audio": "audio",
    "trial": "the free trial",
    "plan": "the paid plan",
    "other": "something else",
}
PROOFS = {"checked": "whose PIN was checked", "unchecked": "not identified"}
PHRASES: Mapping[str, tuple[str, ...]] = MappingProxyType({"topic": (*TOPICS,), "proof": (*PROOFS,)})
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
        "minutes": speak_minutes,
        "topic": speak_topic,
        "proof": speak_proof,
    }
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"plan": ("monthly", "annual"), "department": ("sales", "support")}
)
