"""Charts as the browser's library takes them. Colours are named here and mixed there: they follow light and dark."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for

from ivr.call import Disposition
from ivr.console.insight_figures import ENDINGS, step_name
from ivr.db.console.paths import Band
from ivr.db.console.scope import Scope
from ivr.line import Line

Chart = dict[str, Any]
_GOOD = {Disposition.INFORMED, Disposition.RESOLVED}
_BAD = {Disposition.ABANDONED, Disposition.FAILED}


def bars(names: Sequence[str], values: Sequence[float], unit: str, *, lying: bool = False) -> Chart:
    """Draw bars. unit: of the values, for whoever points at one. lying: from left to right, the first on top."""
    where = {"x": values, "y": names, "orientation": "h"} if lying else {"x": names, "y": values}
    hover = "%{y}<br>%{x} " if lying else "%{x}<br>%{y} "
    trace = {"type": "bar", **where, "color": "accent", "hovertemplate": f"{hover}{unit}<extra></extra>"}
    category = {"type": "category", "automargin": True}
    layout = {"yaxis": {**category, "autorange": "reversed"}} if lying else {"xaxis": category}
    return {"data": [trace], "layout": layout, "height": max(160, 30 * len(names) + 60) if lying else 240}


def days(counted: Sequence[tuple[date, int]]) -> Chart:
    """Draw calls by day."""
    return bars([f"{day:%a} {day.day} {day:%b}" for day, _ in counted], [calls for _, calls in counted], "calls")


def hours(counted: Sequence[tuple[int, int]]) -> Chart:
    """Draw calls by hour of the day."""
    return bars([f"{hour:02}:00" for hour, _ in counted], [calls for _, calls in counted], "calls")


def rates(rows: Sequence[tuple[str, float | None, float | None]]) -> Chart:
    """Draw the share of silences and of wrong keys beside each other, by node, in percent."""
    names = [name for name, _, _ in rows]
    data = [
        _lying(names, [row[1] for row in rows], "Silence", "accent"),
        _lying(names, [row[2] for row in rows], "Wrong key", "warn"),
    ]
    axis = {"type": "category", "automargin": True, "autorange": "reversed"}
    layout = {"barmode": "group", "yaxis": axis, "xaxis": {"ticksuffix": " %", "rangemode": "tozero"}}
    return {"data": data, "layout": layout, "height": 40 * len(names) + 110}


def _lying(names: Sequence[str], values: Sequence[float | None], title: str, colour: str) -> Chart:
    shown = [None if value is None else round(100 * value, 2) for value in values]
    hover = f"%{{y}}<br>{title}: %{{x}} %<extra></extra>"
    return {
        "type": "bar",
        "orientation": "h",
        "x": shown,
        "y": names,
        "name": title,
        "color": colour,
        "hovertemplate": hover,
    }


def address(band: Band, scope: Scope) -> str:
    """Return the address of the list of a band's calls."""
    return f"{url_for('console.calls')}?{band.filter(scope).to_query()}"


def sankey(line: Line, scope: Scope, bands: Mapping[Band, int]) -> Chart:
    """Draw the ways of calls: a column for each step, and how they ended on the right."""
    places: dict[tuple[int, str], int] = {}
    colours: list[str] = []

    def place(at: int, name: str, colour: str) -> int:
        if (at, name) not in places:
            places[at, name] = len(places)
            colours.append(colour)
        return places[at, name]

    links: Chart = {"source": [], "target": [], "value": [], "address": []}
    for band, calls in sorted(bands.items()):
        links["source"].append(place(band.at, step_name(line, band.origin), "accent"))
        if band.to:
            links["target"].append(place(band.at + 1, step_name(line, band.to), "accent"))
        else:
            ending = Disposition(band.disposition)
            colour = "good" if ending in _GOOD else "bad" if ending in _BAD else "plain"
            links["target"].append(place(99, ENDINGS[ending], colour))
        links["value"].append(calls)
        links["address"].append(address(band, scope))
    tallest = max((sum(at == step for at, _ in places) for step, _ in places), default=1)
    node = {"label": [name for _, name in places], "colors": colours}
    return {"data": [{"type": "sankey", "node": node, "link": links}], "layout": {}, "height": max(360, 56 * tallest)}
