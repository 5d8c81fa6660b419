import pytest
from besieged import Besieged


@pytest.fixture
def line(settings, clock, monkeypatch):
    """Two nodes of one line, for those who attack it."""
    with Besieged(settings, clock, monkeypatch) as besieged:
        yield besieged
