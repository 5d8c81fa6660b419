"""A store of clean clips, as rendering leaves them."""

import pytest
from rendered import CLIPS, PIECES


@pytest.fixture(scope="session")
def clean(rendered_once):
    """A few clips, rendered as all are. Tests that spoil them take a copy."""
    return rendered_once("clean", [*CLIPS, *PIECES])


@pytest.fixture
def clips():
    """What is in the store of clean clips."""
    return [*CLIPS, *PIECES]
