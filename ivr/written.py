"""Answers and changes in writing: the words of the texts that callers get."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from ivr import gsm
from ivr.accounts import Account, Change, ChangeKind
from ivr.call import Position
from ivr.flow import TEXT, TEXT_KEY, FlowError, Menu
from ivr.line import Line
from ivr.template import Field, parse
from ivr.text import Purpose, Text

PLACES_MAX = 306  # two parts of a message: of the 160 places of each, 7 say which part it is
STOP = "Reply STOP to end"


def answers(line: Line, words: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is sent for each answer that can be had in writing, by the answer's address.

    One with a field that nothing fills is left out: `problems` tells of it.
    """
    found: dict[str, str] = {}
    for at, node in _written(line):
        with suppress(FlowError):
            found[str(at)] = body(node.written, words)
    return found


def body(written: str, words: Mapping[str, str]) -> str:
    """Put a text together: who sends it, what they say, and how to stop.

    Raises: FlowError for a field that nothing fills.
    """
    said = "".join(_word(part, words) if isinstance(part, Field) else part for part in parse(written))
    return f"{words['company']}: {said} {STOP}"


def _word(part: Field, words: Mapping[str, str]) -> str:
    if part.name not in words or part.kind:
        raise FlowError(f"nothing in writing fills {{{part.name}{part.kind and ':'}{part.kind}}}")
    return words[part.name]


def problems(line: Line, words: Mapping[str, str]) -> Iterator[tuple[Position, str]]:
    """Find what is wrong with answers in writing: where, and what."""
    for at, node in line.nodes():
        if not isinstance(node, Menu):
            continue
        keys = [option.key for option in node.options if option.to == TEXT]
        if keys and not node.written:
            yield at, "offers a text message, but there is nothing written"
        if node.written and not keys:
            yield at, "there is something written that nobody is offered"
        if any(key != TEXT_KEY for key in keys):
            yield at, f"offers a text message on key {', '.join(keys)}; it is {TEXT_KEY} everywhere"
    for at, node in _written(line):
        try:
            text = body(node.written, words)
        except FlowError as error:
            yield at, str(error)
            continue
        if (places := gsm.length(text)) > PLACES_MAX:
            yield at, f"the text message takes {places} places of {PLACES_MAX}"
        if strange := gsm.foreign(text):
            yield at, f"the text message has characters that are not in GSM 7 bit: {strange}"


def _written(line: Line) -> Iterator[tuple[Position, Menu]]:
    return ((at, node) for at, node in line.nodes() if isinstance(node, Menu) and node.written)


@dataclass(frozen=True)
class ChangeText:
    """Writes to the telephone on file what was changed, with the code, and how to take it back.

    It is read by whoever has that telephone: it shows two digits of the account number, and nothing that was keyed in.
    words: `company`, and the `support_number` as people write it.
    """

    words: Mapping[str, str] = field(repr=False)

    def of(self, account: Account, change: Change) -> Text | None:
        """Write about a change, with the account as it is now; None where no telephone is on file."""
        if not account.phone:
            return None
        day = _day(account.last_day)
        what = _CHANGED[change.kind].format(day=day, no_later=f" until {day}" if day else "")
        said = f"{what} Account ending in {account.number[-2:]}, code {change.code}. Not you? {{support_number}}."
        key = f"change/{account.id}/{change.key}"
        return Text(key, account.phone, body(said, self.words), Purpose.CHANGE, change.call_sid)


_CHANGED = {
    ChangeKind.CANCEL_TRIAL: "Your free trial is cancelled; it ends {day}, and nothing will be charged. "
    "To take this back, call us{no_later}.",
    ChangeKind.TURN_OFF_RENEWAL: "Renewal is off; your plan ends {day}. To turn it on again, call us{no_later}.",
    ChangeKind.UNDO_CANCEL_TRIAL: "Your trial is no longer cancelled. It runs through {day}, "
    "and after that you may be charged for the monthly plan.",
    ChangeKind.UNDO_TURN_OFF_RENEWAL: "Renewal is on again. Your plan renews after {day}, and you will be charged.",
}
_MONTHS = "January February March April May June July August September October November December".split()


def _day(day: date | None) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}" if day else ""
