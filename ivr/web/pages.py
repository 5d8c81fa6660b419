"""The page that needs no sign-in: what this is."""

from flask import Blueprint, current_app, render_template

from ivr.bootstrap import answerline
from ivr.web.health import may_scrape

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
    if not may_scrape():
        there.discard("/metrics")
    places = [place for place in PLACES if place[0] in there]
    return render_template("home.html", settings=line.settings, places=places)
