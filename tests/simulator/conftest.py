"""The actor of these tests."""

import pytest
from twiml_app import Line


@pytest.fixture
def line():
    """Build an application from its pages (or from the one page /voice), with a phone to call it."""
    return Line
