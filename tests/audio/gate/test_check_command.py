"""`flask prompts check`: what an operator reads, and the exit code that a pipeline goes by."""

import shutil

import pytest

pytest.importorskip("numpy", reason="the voice's tools are not installed")

from ivr.audio.store import ClipStore
from ivr.cli import check_prompts


@pytest.fixture
def check(app, clean, clips, tmp_path, monkeypatch):
    """Run the command on a line that has just these clips."""
    folder = tmp_path / "prompts" / "built" / "en-US"
    shutil.copytree(clean.folder, folder)
    object.__setattr__(app.extensions["answerline"].settings, "prompts_dir", tmp_path / "prompts")
    monkeypatch.setattr(check_prompts, "catalogue", lambda: clips)

    def run():
        return app.test_cli_runner().invoke(args=["prompts", "check"])

    run.store = ClipStore(folder)
    return run


def test_clips_that_are_as_they_should_be(check, clips):
    result = check()
    assert result.exit_code == 0, result.output
    assert f"clips               {len(clips)}" in result.stdout
    assert "loudness, LUFS      -20." in result.stdout
    assert result.stdout.endswith("No problems.\n")


def test_every_problem_is_a_line_and_the_command_fails(check, clips):
    built = dict(check.store.built())
    (check.store.folder / built[clips[0].id].path).write_bytes(b"")
    del built[clips[1].id]
    check.store.keep(built)
    result = check()
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        f"{clips[0].id}: file: {built[clips[0].id].path}: the file is empty.",
        f"{clips[1].id}: missing: There is no audio for it.",
    ]
    assert f"2 of {len(clips)} clips must not be played" in result.stderr


def test_no_clips_at_all(check, clips):
    check.store.keep({})
    result = check()
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == len(clips)
