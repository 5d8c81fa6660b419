"""`make dial SAVE=name`: a call with one's own keys, written down as a test."""

import os
import subprocess
import sys

import pytest
from server import ROOT, Server

from ivr.simulator.callfile import ACTS, play

PATIENCE_S = 60
SHARED = ("Makefile", "ivr", "deploy")


@pytest.fixture
def clone(tmp_path):
    """A clone, as far as the target needs one, so that no test is written into this one."""
    for name in SHARED:
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "tests" / "calls").mkdir(parents=True)
    return tmp_path


def dial(clone, line, keys, *variables):
    # What is installed here is installed: `-o` keeps make from looking at dates.
    command = ["make", "-o", ".venv/.run", "dial", *variables]
    env = {**line.env, "PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=clone, env=env, input=keys, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.mark.slow
def test_a_call_by_keys_is_saved_as_a_test_that_passes(clone, tmp_path_factory, phone, call_acts):
    with Server(tmp_path_factory.mktemp("line")) as line:
        done = dial(clone, line, "5\n\nh\n", "SAVE=own_keys")
        unsaved = dial(clone, line, "h\n")
    path = clone / "tests" / "calls" / "own_keys.call"
    assert (done.returncode, done.stderr) == (0, f"written: {path.relative_to(clone)}\n")
    assert "Thanks for calling" in done.stdout
    text = path.read_text()
    assert text.startswith("# Own keys.\ncaller\nhears    Thanks for calling")
    assert "\npresses  5\n" in text
    assert text.endswith("\nhangs up\nends\n")
    play(path, phone, {**ACTS, **call_acts})
    assert (unsaved.returncode, unsaved.stderr) == (0, "")
    assert list(path.parent.iterdir()) == [path]
