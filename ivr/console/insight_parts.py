"""The parts of the insight page: what each template is given."""

from collections.abc import Callable
from typing import Any

from flask import current_app, request

from ivr.bootstrap import answerline
from ivr.call import Disposition
from ivr.console import insight_charts as charts
from ivr.console.definitions import DEFINITIONS
from ivr.console.desk import reads
from ivr.console.filter_words import department
from ivr.console.insight_figures import (
    ENDINGS,
    AnswerRow,
    Figure,
    NodeRow,
    by_day,
    by_hour,
    by_version,
    figures,
    step_name,
    times,
)
from ivr.console.insight_kept import kept
from ivr.console.insight_time import Chosen
from ivr.db.console.figures import any_calls, count_calls, newest, total
from ivr.db.console.paths import count_bands
from ivr.db.console.scope import Scope
from ivr.db.console.turn_figures import answer_times, count_hand_overs, count_nodes, count_tasks, reply_times
from ivr.figures import Share
from ivr.measured import Measured, measured

NEWEST = 20_000  # calls whose every turn is read; so many say enough, and more take minutes where the disk is slow
CHARTED = 12  # nodes in the chart; the table has them all
Part = Callable[[Chosen], dict[str, Any]]
PARTS: dict[str, Part] = {}


def part(name: str) -> Callable[[Part], Part]:
    """Declare a part of the page: it gives its template what that shows."""

    def declare(make: Part) -> Part:
        PARTS[name] = make
        return make

    return declare


@part("calls")
def _calls(look: Chosen) -> dict[str, Any]:
    handed_over = _measured().handed_over
    bins = kept(count_calls, reads(), look.here, handed_over)
    here, before = (
        total(one.tally for one in of) for of in (bins, kept(count_calls, reads(), look.before, handed_over))
    )
    every = look.here.with_simulated()
    return {
        "here": here,
        "before": before,
        "figures": figures(here, before),
        "versions": by_version(bins),
        "days": (dayly := by_day(bins, look)),
        "hours": (hourly := by_hour(bins, look)),
        "charts": {"days": charts.days(dayly), "hours": charts.hours(hourly)},
        "only_simulated": not here.calls and any_calls(reads(), every),
    }


@part("nodes")
def _nodes(look: Chosen) -> dict[str, Any]:
    past = {(node.at, node.kind): node for node in kept(count_nodes, reads(), _read(look.before))}
    rows = [
        NodeRow.of(node, past.get((node.at, node.kind)), step_name(answerline().line, node.at.flow))
        for node in sorted(kept(count_nodes, reads(), _read(look.here)), key=lambda node: -node.calls)
        if node.kind in {"menu", "ask", "record"}
    ]
    drawn = [(str(row.node.at), row.silent.share.value, row.wrong.share.value) for row in rows[:CHARTED]]
    return {
        "read": _read(look.here),
        "rows": rows,
        "charts": {"nodes": charts.rates(drawn)} if drawn else {},
        "charted": len(drawn),
    }


@part("tasks")
def _tasks(look: Chosen) -> dict[str, Any]:
    marks, engine = _measured(), reads()
    now, then = (kept(count_tasks, engine, scope, marks.tasks) for scope in (_read(look.here), _read(look.before)))
    tasks = [
        Figure(DEFINITIONS["task"], Share(*reversed(now[task.name])), Share(*reversed(then[task.name])), task.title)
        for task in marks.tasks
    ]
    here, before = (
        {one.department: one for one in kept(count_hand_overs, engine, scope, marks.waits)}
        for scope in (_read(look.here), _read(look.before))
    )
    people: list[Figure] = []
    for name, one in here.items():
        was = before.get(name)
        for key, part_ in (("accepted", one.accepted), ("left", one.left)):
            past = Share(getattr(was, key), was.offered) if was else Share(0, 0)
            people.append(Figure(DEFINITIONS[key], Share(part_, one.offered), past, department(name)))
    return {"read": _read(look.here), "tasks": tasks, "people": people}


@part("answers")
def _answers(look: Chosen) -> dict[str, Any]:
    topics = _measured().topics
    now, then = (
        kept(answer_times, reads(), scope, frozenset(topics)) for scope in (_read(look.here), _read(look.before))
    )
    rows = [
        AnswerRow(at, title, times(now.get(at, {}), 0.5, 0.9), times(then.get(at, {}), 0.5, 0.9))
        for at, title in topics.items()
    ]
    rows.sort(key=lambda row: row.now.at[0] or 0, reverse=True)
    heard = {row.title: (row.now.at[0] or 0) / 10 for row in rows if row.now.count}
    chart = charts.bars(list(heard), list(heard.values()), "s (median)", lying=True)
    return {"read": _read(look.here), "rows": rows, "charts": {"answers": chart} if heard else {}}


@part("reply")
def _reply(look: Chosen) -> dict[str, Any]:
    now, then = (
        times(kept(reply_times, reads(), at), 0.5, 0.95, 0.99) for at in (_read(look.here), _read(look.before))
    )
    return {"read": _read(look.here), "now": now, "then": then}


@part("paths")
def _paths(look: Chosen) -> dict[str, Any]:
    bands, line = kept(count_bands, reads(), look.here), answerline().line
    rows = [
        {
            "band": band,
            "origin": step_name(line, band.origin),
            "to": step_name(line, band.to) if band.to else ENDINGS[Disposition(band.disposition)],
            "calls": calls,
            "address": charts.address(band, look.here),
        }
        for band, calls in sorted(bands.items(), key=lambda item: (item[0].at, -item[1], item[0]))
    ]
    calls = sum(count for band, count in bands.items() if band.at == 0)
    return {
        "rows": rows,
        "bands": len(rows),
        "calls": calls,
        "charts": {"paths": charts.sankey(line, look.here, bands)} if rows else {},
    }


def _read(scope: Scope) -> Scope:
    """Choose the calls whose turns are read; all of them where the address says so."""
    return scope if "every" in request.args else kept(newest, reads(), scope, NEWEST)


def _measured() -> Measured:
    known: dict[str, Measured] = current_app.extensions.setdefault("answerline_measured", {})
    return known.setdefault("line", measured(answerline().line))
