"""A store of clean clips, as rendering leaves them."""

import pytest
from rendered import CLIPS, PIECES

from ivr.audio.recipe import Sources
from ivr.audio.render import render


@pytest.fixture(scope="session")
def clean(voice, tmp_path_factory):
    """A few clips, rendered as all are. Tests that spoil them take a copy."""
    sources = Sources(tmp_path_factory.mktemp("clean"), "en-US", voice)
    assert render(sources, [*CLIPS, *PIECES], _Quiet()).made == len(CLIPS) + len(PIECES)
    return sources.store


class _Quiet:
    """Watches a rendering without a word."""

    def waiting(self):
        pass

    def begins(self, clips):
        pass

    def tried(self):
        pass

    def trouble(self, line):
        raise AssertionError(line)


@pytest.fixture
def clips():
    """What is in the store of clean clips."""
    return [*CLIPS, *PIECES]
