"""`flask prompts hear`: what an operator reads, and the exit code that a pipeline goes by."""

import shutil

import pytest

pytest.importorskip("numpy", reason="the voice's tools are not installed")

from made_up import MadeUpEar
from rendered_words import CLIPS

from ivr.audio import listening
from ivr.audio.sentence import Sentence, Value
from ivr.cli import hear_prompts


@pytest.fixture
def hear(app, at_hand, tmp_path, monkeypatch):
    """Run the command on a line of three prompts, with an ear that hears these texts."""
    shutil.copytree(at_hand.folder, tmp_path / "prompts" / "built" / "en-US")
    object.__setattr__(app.extensions["answerline"].settings, "prompts_dir", tmp_path / "prompts")
    monkeypatch.setattr(hear_prompts, "catalogue", lambda: CLIPS)
    monkeypatch.setattr(listening, "cores", lambda: [0])

    def run(*texts, count=0):
        monkeypatch.setattr(listening, "Ear", lambda _: MadeUpEar(*texts))
        return app.test_cli_runner().invoke(args=["prompts", "hear", "--sentences", str(count)])

    return run


def test_all_that_was_meant_was_heard(hear):
    result = hear(*(clip.text for clip in CLIPS))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].startswith("0 of ")
    assert "3 whole prompts and 0 sentences with values in " in result.stdout


def test_a_sentence_that_was_misheard_is_told_and_too_many_words_fail(hear):
    result = hear(CLIPS[0].text, "For the mine men.", "For the mine men, press 9.", CLIPS[2].text)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:3] == [
        "common.key_9: 2 of 6 words",
        "  meant: For the main menu, press 9.",
        "  heard: For the mine men, press 9.",
    ]
    assert "misheard" in result.stderr


def test_a_clip_that_is_missing_is_named(hear):
    result = hear(*(clip.text for clip in CLIPS), count=1)
    assert result.exit_code == 1
    assert "there is no audio for " in result.stderr


def test_a_value_that_was_misheard_fails(hear, monkeypatch):
    monkeypatch.setattr(hear_prompts, "drawn_sentences", lambda *_: [])
    monkeypatch.setattr(hear_prompts, "whole_clips", lambda _: [Sentence("x", (), "4 8 2.", (Value("4 8 2", ()),))])
    monkeypatch.setattr(listening.Listener, "_play", lambda *_: None)
    result = hear(*["4 8"] * 5)
    assert result.exit_code == 1
    assert "  WRONG: 4 8 2\n" in result.stdout
    assert "1 values were not heard as they are" in result.stderr
