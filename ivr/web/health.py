"""For who watches over the line: alive, ready, and the metrics. The last are closed to strangers."""

import hmac
from ipaddress import ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST

from ivr.bootstrap import Answerline, answerline
from ivr.db.migrate import is_behind
from ivr.db.vitals import Vitals, vitals
from ivr.diagram import version
from ivr.service_errors import ServiceError
from ivr.setting_rules import is_private
from ivr.telemetry.bounded import Bounded
from ivr.telemetry.scrape import Page

READY_S = 1.0
# What proxies say of themselves. nginx says nothing unless told, but speaks HTTP/1.0, or with the host we are behind.
_PROXIED = (
    "Forwarded X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Server X-Real-IP Via CF-Connecting-IP"
).split()
blueprint = Blueprint("health", __name__)


def install(app: Flask) -> None:
    """Put the pages into the application."""
    watch_over(app)
    app.register_blueprint(blueprint)


def watch_over(app: Flask) -> None:
    """Prepare what the pages ask; what was asked is kept for a moment, so a line that is put together anew needs it."""

    def line() -> Answerline:
        return cast("Answerline", app.extensions["answerline"])

    def look() -> Vitals:
        here = line()
        departments = here.conversation.engine.services.departments.current()
        return vitals(here.database, list(departments), here.clock.now())

    def waiting() -> tuple[int, int]:
        spool = line().steady.spool
        return spool.size(), spool.count()

    app.extensions["answerline_ready"] = Bounded(lambda: is_behind(line().database), READY_S)
    app.extensions["answerline_metrics"] = Page(look, lambda: len(line().clips.built()), version(line().line), waiting)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Alive: this process answers. Touches nothing, so that nobody restarts it since a database is away."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready: the database is reachable and migrated. Otherwise 503 and what to do, within a second."""
    ask = cast("Bounded[bool]", current_app.extensions["answerline_ready"])
    try:
        behind = ask()
    except ServiceError as error:
        return Response(f"database: {error}; callers are answered without it\n", status=503, mimetype="text/plain")
    if behind:
        return Response("database: not migrated; run `flask db upgrade`\n", status=503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Tell Prometheus how the line is; strangers do not learn that there is such a page."""
    if not may_scrape():
        abort(404)
    page = cast("Page", current_app.extensions["answerline_metrics"])
    return Response(page.text(), content_type=CONTENT_TYPE_LATEST)


def may_scrape() -> bool:
    """Say whether who asks shows METRICS_TOKEN; where none is set, whether they come straight from METRICS_ALLOW."""
    settings = answerline().settings
    if settings.metrics_token:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(shown.strip().encode(), settings.metrics_token.encode())
        return right and scheme.lower() == "bearer"
    return not _through_a_proxy() and _is_among(request.remote_addr or "", settings.scrapers)


def _through_a_proxy() -> bool:
    """Say whether somebody else may be behind the address that asks: a proxy on this machine has a good one."""
    public = urlsplit(answerline().settings.public_base_url).hostname
    host = urlsplit(f"//{request.host}").hostname  # none where it is malformed
    return (
        any(name in request.headers for name in _PROXIED)
        or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        or host is None
        or (host == public and not is_private(host))
    )


def _is_among(address: str, networks: tuple[str, ...]) -> bool:
    try:
        asking = ip_address(address)
    except ValueError:  # a socket file has no address
        return False
    asking = getattr(asking, "ipv4_mapped", None) or asking
    return any(asking in ip_network(network, strict=False) for network in networks)
