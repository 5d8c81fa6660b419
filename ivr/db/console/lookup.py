"""The search box: what somebody may have meant by what they typed, and the calls it leads to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from ivr.db.console.facts import FACTS
from ivr.db.console.tables import NoteRow
from ivr.db.models.accounts import ChangeRow
from ivr.numbers import from_text

MOST_CALLS, MOST_WORDS = 1000, 8
SHORTEST_SID = 6
C = FACTS.c
_SID = re.compile(r"[A-Z]{2}[0-9a-f]+")
_DIGITS = re.compile(r"[0-9][0-9 .-]*", re.ASCII)


class Meaning(StrEnum):
    """What words may be."""

    NUMBER = "number"
    ACCOUNT = "account"
    CODE = "code"
    SID = "sid"
    NOTE = "note"


@dataclass(frozen=True)
class Match:
    """What the words were taken for. value: as it is stored. calls: how many were found by it, where counted."""

    meaning: Meaning
    value: str
    calls: int | None = None


def look_up(session: Session, words: str) -> tuple[ColumnElement[bool], tuple[Match, ...]]:
    """Return a condition on `call_facts` for whatever the words may mean, and what that is.

    A telephone number in any format, an account's number, a confirmation code, a CallSid or its beginning, and words
    of notes are all looked for; calls of each are found. Of codes and notes the newest MOST_CALLS calls.
    """
    ways: list[ColumnElement[bool]] = [C.sid == words]
    matches: list[Match] = []
    if number := from_text(words):
        ways.append(C.caller == number)
        matches.append(Match(Meaning.NUMBER, number))
    sid = words[:2].upper() + words[2:].lower()
    if len(sid) >= SHORTEST_SID and _SID.fullmatch(sid):
        # Between itself and itself with a letter that follows every digit: an index serves this, unlike a pattern.
        ways.append(and_(C.sid >= sid, C.sid < f"{sid}g", C.sid.startswith(sid)))
        matches.append(Match(Meaning.SID, sid))
    if _DIGITS.fullmatch(words):
        digits = re.sub("[ .-]", "", words)
        if len(digits) == 8:  # noqa: PLR2004 as long as an account's number
            ways.append(C.account_number == digits)
            matches.append(Match(Meaning.ACCOUNT, digits))
        if len(digits) == 6:  # noqa: PLR2004 as long as a confirmation code
            sids = _by_code(session, digits)
            ways.append(C.sid.in_(sids))
            matches.append(Match(Meaning.CODE, digits, len(sids)))
    sids = _by_note(session, words)
    if sids:
        ways.append(C.sid.in_(sids))
    if sids or not matches:
        matches.append(Match(Meaning.NOTE, words, len(sids)))
    return or_(*ways), tuple(matches)


def _by_code(session: Session, code: str) -> Sequence[str]:
    found = select(ChangeRow.call_sid).where(ChangeRow.code == code).order_by(ChangeRow.id.desc())
    return session.scalars(found.limit(MOST_CALLS)).all()


def _by_note(session: Session, words: str) -> Sequence[str]:
    body = func.lower(NoteRow.body)
    parts = [body.contains(word, autoescape=True) for word in words.lower().split()[:MOST_WORDS]]
    found = select(NoteRow.call_sid).where(NoteRow.current, NoteRow.body != "", *parts).order_by(NoteRow.id.desc())
    return list(dict.fromkeys(session.scalars(found.limit(MOST_CALLS))))
