"""`flask serve` for a forked process: gunicorn goes on where the program is loaded, and need not load it again.

Passwords of its staff cost nothing to check, as everywhere in tests.
"""

import os
import sys

from forked import flask
from once import hash_lightly


def serve(words):
    os.execv = _become
    hash_lightly()
    flask(words)


def serve_alone(words):
    """Do so without the processes that the server brings along, each of which loads the program."""
    from ivr.web import server  # noqa: PLC0415 in the new process

    server.when_ready = lambda _server: None
    serve(words)


def _become(_program, command):
    from gunicorn.app.wsgiapp import run  # noqa: PLC0415 in the new process

    sys.argv = command[2:]
    run()
