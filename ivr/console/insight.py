"""Insight: what calls come to, where the line loses people, and whether it got better."""

import gzip
from functools import cache
from importlib.metadata import version as version_of
from importlib.resources import files

from flask import Response, abort, make_response, render_template, request

from ivr.bootstrap import answerline
from ivr.console.definitions import DEFINITIONS
from ivr.console.desk import page, reads
from ivr.console.filter_words import department
from ivr.console.insight_kept import kept
from ivr.console.insight_parts import PARTS
from ivr.console.insight_time import PRESETS, chosen
from ivr.db.console.call_filter import Simulated
from ivr.db.console.figures import versions
from ivr.staff import Role

YEAR_S = 365 * 24 * 3600


@page("/insight", needs=Role.STAFF)
def insight() -> str:
    """Show the page: its parts come by themselves, one after the other."""
    look, line = chosen(), answerline()
    simulated = look.wanted.simulated is not Simulated.HIDDEN
    return render_template(
        "console/insight.html",
        look=look,
        presets=PRESETS,
        versions=kept(versions, reads(), look.here),
        departments={name: department(name) for name in line.departments.current()},
        simulated=simulated,
        version_of_plotly=_plotly_version(),
        query=request.query_string.decode(errors="replace"),
    )


@page("/insight/part/<name>", needs=Role.STAFF)
def insight_part(name: str) -> str:
    """Show one part of the page."""
    if name not in PARTS:
        abort(404, "There is no such part of this page.")
    look = chosen()
    given = PARTS[name](look)
    return render_template(f"console/insight_{name}.html", look=look, meaning=DEFINITIONS, **given)


@page("/insight/plotly-<version>.js", needs=Role.STAFF)
def insight_plotly(version: str) -> Response:
    """Send the library that draws the charts: it comes with its Python package, and is loaded once."""
    if version != _plotly_version():
        abort(404, "There is no such version of the charts: load the page again.")
    answer = make_response(_plotly())
    answer.mimetype = "text/javascript"
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"
    return answer


@cache
def _plotly_version() -> str:
    return version_of("plotly")


@cache
def _plotly() -> bytes:
    return gzip.compress(files("plotly").joinpath("package_data", "plotly.min.js").read_bytes(), 6)
