from dataclasses import replace

import pytest
from told import HERE, SECRET


@pytest.fixture
def settings(settings):
    """A line that tells of simulated calls, too: the telephone of the tests says of itself that it is one."""
    return replace(settings, events_url=HERE, events_secret=SECRET, events_simulated="yes")
