import shutil

import pytest
from databases import ann, backend, clock, engine, hasher, url
from postgres_server import OwnServer

__all__ = ["ann", "backend", "clock", "engine", "hasher", "own_server", "url"]


@pytest.fixture
def own_server():
    """A PostgreSQL that a test may stop."""
    server = OwnServer()
    yield server
    server.stop("immediate")
    shutil.rmtree(server.folder)
