"""WSGI entry point: `flask ...` and every WSGI server find the application here."""

import sys

from ivr.cli.doctor import app_of
from ivr.config import Settings, SettingsError
from ivr.web import create_app

try:
    app = create_app(Settings.from_env())
except SettingsError as error:
    if "doctor" in sys.argv:  # which explains it
        app = app_of(error)
    else:
        sys.exit(f"Answerline cannot start: {error}")
