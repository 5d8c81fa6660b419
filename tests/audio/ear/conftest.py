"""Clips to be listened to, and the ear that listens."""

import os
from importlib.util import find_spec

import pytest
from rendered_words import CLIPS, PIECES

from ivr.audio import mulaw
from ivr.audio.ear import Ear
from ivr.audio.store import ClipStore


@pytest.fixture(scope="session")
def spoken(rendered_once):
    """Clips as they are rendered, to be listened to."""
    return rendered_once("spoken", [*CLIPS, *PIECES.values()])


@pytest.fixture(scope="session")
def at_hand(tmp_path_factory):
    """The same clips, each a second of silence: for an ear that is told what it hears."""
    store, silence = ClipStore(tmp_path_factory.mktemp("at_hand")), mulaw.wav(b"\xff" * 8000, 8000)
    store.keep(
        {
            clip.id: store.put(clip, silence, seconds=1.0, source="rendered", recipe="")
            for clip in [*CLIPS, *PIECES.values()]
        }
    )
    return store


@pytest.fixture(scope="session")
def ear():
    if find_spec("faster_whisper") is None:
        reason = "no ear is installed; `make .venv/.ear` installs one (350 MB)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return Ear()
