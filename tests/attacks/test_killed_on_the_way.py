"""kill -9 at every place of the cancel path: an acknowledged change is there once, another at most once."""

import json
import os

import pytest
from cancel_path import sweep
from databases import backend, migrated_url
from forked import Forked
from tables import show

__all__ = ["backend"]


def swept(backend, folder, *which):
    results = folder / "results"
    process = Forked(
        migrated_url(backend, folder),
        str(folder),
        str(results),
        *which,
        env=os.environ,
        does=sweep,
        stderr=_err(folder),
    )
    assert process.wait(300) == 0, _err(folder).read_text()
    return json.loads(results.read_text())


def _err(folder):
    file = folder / "errors"
    file.touch()
    return file


@pytest.mark.attack
def test_every_place(backend, tmp_path):
    found = swept(backend, tmp_path)
    rows = [
        (number, place["at"], "yes" if place["acknowledged"] else "no", place["sent"], "; ".join(place["wrong"]) or "-")
        for number, place in enumerate(found, 1)
    ]
    show(
        f"4. Killed (SIGKILL) before each place of the cancel path, {backend}",
        ("", "killed before", "code heard", "texts", "wrong"),
        rows,
    )
    assert all(place["died"] for place in found)
    assert [place for place in found if place["wrong"]] == []
    assert sum(place["sent"] > 1 for place in found) <= 6, "a text goes twice only between handing over and noting it"


def test_around_the_commit(tmp_path):
    found = swept("sqlite", tmp_path, "account_changes$", "^COMMIT", "answer", "hand")
    assert len(found) >= 8
    assert [place for place in found if place["wrong"] or not place["died"]] == []
