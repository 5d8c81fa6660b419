"""A line whose database goes away and comes back, whenever a test says so."""

import pytest
from outage import Outage


@pytest.fixture
def outage(demo, tmp_path):
    """The database of the line: there, until it is told to go."""
    return Outage(demo, tmp_path / "line.db")
