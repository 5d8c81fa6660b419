"""Pages that need no sign-in: what this is, and whether it is well."""

from flask import Blueprint, Response, current_app, render_template

from ivr.bootstrap import answerline
from ivr.db.migrate import is_behind
from ivr.services import ServiceError

blueprint = Blueprint("pages", __name__)
PLACES = (
    ("/simulator", "The simulator", "a phone in your browser, to call this line"),
    ("/console", "The console", "where support staff review calls"),
    ("/healthz", "Health", "is the process alive?"),
    ("/readyz", "Readiness", "can it reach its database, and is that up to date?"),
    ("/metrics", "Metrics", "for Prometheus"),
)


@blueprint.get("/")
def home() -> str:
    """Say what this is, with links to what is there."""
    line = answerline()
    there = {rule.rule for rule in current_app.url_map.iter_rules()}
    places = [place for place in PLACES if place[0] in there]
    return render_template("home.html", settings=line.settings, places=places)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Alive."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready: the database is reachable and migrated. Otherwise 503 and what to do."""
    try:
        behind = is_behind(answerline().engine)
    except ServiceError as error:
        return Response(f"database: {error}\n", status=503, mimetype="text/plain")
    if behind:
        return Response("database: not migrated; run `flask db upgrade`\n", status=503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")
