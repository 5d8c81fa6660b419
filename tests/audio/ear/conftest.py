"""Clips to be listened to, and the ear that listens."""

import os
from importlib.util import find_spec

import pytest
from rendered_words import CLIPS, PIECES

from ivr.audio.ear import Ear
from ivr.audio.recipe import Sources
from ivr.audio.render import render


@pytest.fixture(scope="session")
def spoken(voice, tmp_path_factory):
    """Clips as they are rendered, to be listened to."""
    sources = Sources(tmp_path_factory.mktemp("spoken"), "en-US", voice)
    render(sources, [*CLIPS, *PIECES.values()], _Quiet())
    return sources.store


class _Quiet:
    """Watches a rendering without a word."""

    def __getattr__(self, name):
        return lambda *_: None


@pytest.fixture(scope="session")
def ear():
    if find_spec("faster_whisper") is None:
        reason = "no ear is installed; `make .venv/.ear` installs one (350 MB)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return Ear()
