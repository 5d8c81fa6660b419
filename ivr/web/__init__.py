"""The web application: the carrier's webhooks, and pages for people."""

from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5  # pyright: ignore[reportMissingTypeStubs]
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr import cli, console
from ivr.bootstrap import build
from ivr.clock import Clock
from ivr.config import Settings
from ivr.telemetry import tracing
from ivr.web import clips, debugger, health, pages, probe, telephones, texts, voice, watch
from ivr.web.forms import Asked
from ivr.web.last_word import LastWord
from ivr.web.sessions import Sessions

WEBHOOK_BYTES_MAX = 64 * 1024


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Build the application. Nothing is read from the database before the first request.

    Raises: SettingsError for settings that cannot work together.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[settings.secret_key_previous] if settings.secret_key_previous else None,
        MAX_CONTENT_LENGTH=WEBHOOK_BYTES_MAX,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_base_url.startswith("https:"),
    )
    app.request_class = Asked
    app.session_interface = Sessions()
    app.extensions["answerline"] = build(settings, clock)
    watch.install(app)
    tracing.install(app, app.extensions["answerline"].database)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(clips.blueprint)
    if "voice" in settings.parts:
        app.register_blueprint(voice.blueprint)
        app.register_blueprint(texts.blueprint)
        app.register_blueprint(debugger.blueprint)
    health.install(app)
    probe.install(app)
    if "simulator" in settings.parts:
        app.register_blueprint(telephones.blueprint)
    if "console" in settings.parts:
        Bootstrap5(app)
        console.install(app)
    cli.register(app)
    if "voice" in settings.parts:
        app.wsgi_app = LastWord(app.wsgi_app, app.extensions["answerline"])  # type: ignore[method-assign]
    if settings.trusted_proxies:  # or all who try to sign in have one address, the proxy's, and close it for each other
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    if settings.base_path:
        _put_below(app, settings.base_path)
    return app


def _put_below(app: Flask, base_path: str) -> None:
    """Let pages link to each other below the path of the public address, which a proxy takes off."""
    serve = app.wsgi_app

    def below(environ: dict[str, Any], start_response: Any) -> Any:
        return serve({**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME") or base_path}, start_response)

    app.wsgi_app = below  # type: ignore[method-assign]  # as Flask's documentation tells to
