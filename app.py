"""WSGI entry point: `flask ...` and every WSGI server find the application here."""

import sys

from ivr.cli.doctor import app_of
from ivr.config import Settings
from ivr.setting_rules import SettingsError
from ivr.telemetry import logs
from ivr.web import create_app

try:
    settings = Settings.from_env()
    logs.configure(settings.log_format, settings.log_level)
    app = create_app(settings)
except SettingsError as error:
    if "doctor" in sys.argv:  # which explains it
        app = app_of(error)
    else:
        sys.exit(f"Answerline cannot start: {error}")
