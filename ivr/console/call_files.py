"""Calls as files: all that a filter agrees with, written while they are read."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy import Engine

from ivr.bootstrap import answerline
from ivr.call import masked
from ivr.console.calls import read_filter
from ivr.console.desk import WHOLE_NUMBERS, me, now, page, reads
from ivr.console.filter_words import titles
from ivr.console.outcomes import outcome
from ivr.console.spreadsheets import harmless
from ivr.console.words import zone
from ivr.db.console.audit import Act
from ivr.db.console.call_filter import CallFilter
from ivr.db.console.listing import Listed, listed
from ivr.db.console.search import every
from ivr.numbers import from_text
from ivr.staff import Role

Row = dict[str, Any]
COLUMNS = (
    "call_sid started_at in_progress length_s caller account_number outcome department transferred_to flows left_at "
    "waits silences wrong_keys wrong_pins errors voicemail seconds_since_last_call repeat_within_24_h follow_up noted "
    "simulated version"
).split()


@page("/calls.csv", needs=Role.STAFF)
def calls_csv() -> Response:
    """Send calls as a table for a spreadsheet."""
    return _file("csv", "text/csv; charset=utf-8", as_csv)


@page("/calls.json", needs=Role.STAFF)
def calls_json() -> Response:
    """Send calls as JSON: a list of objects."""
    return _file("json", "application/json", as_json)


def _file(kind: str, media_type: str, write: Any) -> Response:
    wanted = read_filter(request.args.items(multi=True))
    line = answerline()
    line.staff.note(me().name, Act.EXPORTED, "calls", format=kind, filter=_told(wanted))
    # All that belongs to the request is looked up now: the file is written when the request is over.
    sheets = rows(reads(), wanted, now(), zone(), titles(), whole=me().may(WHOLE_NUMBERS))
    answer = Response(write(sheets), content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="calls-{now():%Y-%m-%d}.{kind}"'
    return answer


def rows(
    engine: Engine, wanted: CallFilter, at: datetime, reader: ZoneInfo, named: dict[str, str], *, whole: bool
) -> Iterator[Row]:
    """Read calls one by one, newest first, as they stand in files. whole: telephone numbers are written out."""
    for sids in every(engine, wanted, at, reader):
        for call in listed(engine, sids):
            yield _row(call, reader, named, whole=whole)


def as_csv(calls: Iterable[Row]) -> Iterator[str]:
    """Write a table, line by line; nothing in it is a formula."""
    yield "\N{BYTE ORDER MARK}"  # or spreadsheets take it for something older than Unicode
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for call in calls:
        writer.writerow([_harmless(value) for value in call.values()])
        if buffer.tell() > 2**15:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def as_json(calls: Iterable[Row]) -> Iterator[str]:
    """Write a list of objects, one to a line."""
    parted = "[\n"
    for call in calls:
        yield parted + json.dumps(call, ensure_ascii=False)
        parted = ",\n"
    yield "[]\n" if parted == "[\n" else "\n]\n"


def _row(call: Listed, reader: ZoneInfo, named: dict[str, str], *, whole: bool) -> Row:
    return dict(
        zip(
            COLUMNS,
            (
                call.sid,
                call.started_at.astimezone(reader).isoformat(timespec="seconds"),
                not call.ended,
                call.duration_s,
                call.caller if whole else masked(call.caller),
                call.account_number,
                outcome(call.disposition),
                call.department,
                _other(call.transferred_to, whole=whole),
                " > ".join(named.get(flow, flow) for flow in call.path),
                call.left_at,
                call.turns,
                call.silences,
                call.wrong_keys,
                call.pin_wrong,
                call.faults,
                call.voicemail,
                call.since_last_s,
                call.repeat,
                call.follow_up,
                call.noted,
                call.simulated,
                call.version,
            ),
            strict=True,
        )
    )


def _other(number: str | None, *, whole: bool) -> str | None:
    return number if whole or not number or not from_text(number) else masked(number)


def _harmless(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return harmless(value) if isinstance(value, str) else value


def _told(wanted: CallFilter) -> str:
    """Write a filter for the audit log: without whole telephone numbers."""
    hidden = {value: masked(number) for value in (wanted.caller, wanted.q) if (number := from_text(value))}
    return "&".join(f"{name}={hidden.get(value, value)}" for name, value in wanted.pairs())
