"""The web application: the carrier's webhooks, and pages for people."""

from flask import Flask

from ivr import cli
from ivr.bootstrap import build
from ivr.config import Settings
from ivr.services import Clock
from ivr.web import clips, pages, telephones, texts, voice

WEBHOOK_BYTES_MAX = 64 * 1024


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Build the application. Nothing is read from the database before the first request.

    Raises: SettingsError for settings that cannot work together.
    """
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=WEBHOOK_BYTES_MAX,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_base_url.startswith("https:"),
    )
    app.extensions["answerline"] = build(settings, clock)
    app.register_blueprint(voice.blueprint)
    app.register_blueprint(texts.blueprint)
    app.register_blueprint(clips.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(telephones.blueprint)
    cli.register(app)
    return app
