"""Clips to be listened to, and the ear that listens."""

import os
from importlib.util import find_spec

import pytest
from rendered_words import CLIPS, PIECES

from ivr.audio.ear import Ear


@pytest.fixture(scope="session")
def spoken(rendered_once):
    """Clips as they are rendered, to be listened to."""
    return rendered_once("spoken", [*CLIPS, *PIECES.values()])


@pytest.fixture(scope="session")
def ear():
    if find_spec("faster_whisper") is None:
        reason = "no ear is installed; `make .venv/.ear` installs one (350 MB)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return Ear()
