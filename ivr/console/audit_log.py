"""The audit log, as admins read it and take it away."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Response, abort, render_template, request, url_for

from ivr.bootstrap import answerline
from ivr.console.desk import me, now, page, reads
from ivr.console.spreadsheets import harmless
from ivr.db.console.audit import Act, Entry, entries
from ivr.staff import Role

PAGE, PIECE = 50, 1000


@page("/audit", needs=Role.ADMIN)
def audit() -> str:
    """List what was done, newest first."""
    asked = _asked()
    found = entries(reads(), _before(), PAGE + 1, **asked)
    shown = found[:PAGE]
    given: dict[str, Any] = {name: value for name, value in asked.items() if value}
    older = url_for("console.audit", **given, before=shown[-1].id) if len(found) > PAGE else ""
    return render_template(
        "console/audit.html",
        entries=shown,
        asked=asked,
        older=older,
        newest="before" not in request.args,
        given=given,
        acts=sorted(Act),
        people=[one.name for one in answerline().staff.everybody()],
    )


@page("/audit.csv", needs=Role.ADMIN)
def audit_csv() -> Response:
    """Send the log as CSV, in pieces; that it was sent is in the log, too."""
    asked, engine, at = _asked(), reads(), now()
    answerline().staff.note(me().name, Act.EXPORTED, "audit", only={k: v for k, v in asked.items() if v})
    name = f"audit-{at:%Y-%m-%dT%H%M}Z.csv"
    answer = Response(_lines(engine, asked), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(engine: Any, asked: dict[str, str]) -> Iterator[str]:
    yield _line("at", "who", "act", "subject", "detail")
    before: int | None = None
    while True:
        found = entries(engine, before, PIECE, **asked)
        yield "".join(_row(entry) for entry in found)
        if len(found) < PIECE:
            return
        before = found[-1].id


def _row(entry: Entry) -> str:
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
    return _line(entry.at.isoformat(), entry.who, entry.act, entry.subject, detail)


def _line(*cells: str) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(harmless(cell) for cell in cells)  # somebody may have typed one where a name belongs
    return line.getvalue()


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:200] for name in ("who", "act", "subject")}


def _before() -> int | None:
    given = request.args.get("before", "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= 18):  # noqa: PLR2004 a BIGINT
        abort(400, f"There is no such page. The newest entries are at {url_for('console.audit')}.")
    return int(given)
