import shutil
from datetime import UTC, datetime

import pytest
from databases import FakeClock, ready_made
from desks import Desk, colleagues

TODAY = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)  # the first instant of every test's clock


@pytest.fixture(scope="session")
def staffed_database(tmp_path_factory, demo_database):
    """A database with the demo accounts, and one colleague of each role."""
    path = tmp_path_factory.mktemp("staffed") / "staffed.db"
    shutil.copy(demo_database, path)
    with ready_made(path) as engine:
        colleagues(engine, FakeClock(TODAY))
    return path


@pytest.fixture
def staffed(demo, staffed_database, tmp_path):
    """The line's parts with demo accounts, and one colleague of each role."""
    shutil.copy(staffed_database, tmp_path / "line.db")
    return demo


@pytest.fixture
def desk(app, staffed):  # noqa: ARG001 they are there
    """Sign somebody in: `desk("lead")`; `desk()` is a stranger."""
    return lambda role=None: Desk(app, role)
