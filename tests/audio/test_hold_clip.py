"""How the sound of waiting gets among the clips: no voice is needed, and a person's recording wins."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("numpy", reason="the voice's tools are not installed")

import numpy as np
from once import application
from rendering import hum_voice, hummed
from sounds import manifest, play

from ivr.audio import recipe
from ivr.audio.audition import Expected, audition
from ivr.audio.loudness import loudness
from ivr.audio.recordings import RecordingError
from ivr.audio.render import render
from ivr.audio.sentence import whole_clips
from ivr.audio.voice import VoiceError
from ivr.cli import prompts as commands
from ivr.clip import HOLD_SOUND, Clip

pytestmark = pytest.mark.usefixtures("bench_at_hand")


def melody(seconds):
    """What a person might hand in: louder than it will be, and with bass."""
    t = np.arange(round(seconds * 22_050)) / 22_050
    return (0.4 * np.sin(2 * np.pi * 523 * t) + 0.2 * np.sin(2 * np.pi * 60 * t)) * (0.6 + 0.4 * np.sin(3 * t))


def test_it_is_made_once_without_a_voice_and_again_when_the_score_has_changed(
    silent_sources, watcher, tmp_path, monkeypatch
):
    assert render(silent_sources, [HOLD_SOUND], watcher).made == 1
    assert (watcher.lines, silent_sources.unmade([HOLD_SOUND])) == ([], [])
    [row] = manifest(silent_sources).values()
    assert (row["source"], row["seconds"], row["text"]) == ("composed", 35.0, "(music)")
    assert render(silent_sources, [HOLD_SOUND], watcher).made == 0

    score = tmp_path / "score.py"
    score.write_text("another one")
    monkeypatch.setattr(recipe, "_SCORE", score)
    assert [job.clip for job in silent_sources.unmade([HOLD_SOUND])] == [HOLD_SOUND]


def test_the_voice_changes_nothing_of_it(silent_sources, watcher, tmp_path):
    render(silent_sources, [HOLD_SOUND], watcher)
    assert replace(silent_sources, voice=hum_voice(tmp_path / "voice")).unmade([HOLD_SOUND]) == []


def test_a_persons_recording_wins_as_soft_as_ours_and_one_that_cannot_be_used_does_not(silent_sources, watcher, sound):
    silent_sources.recordings.mkdir(parents=True)
    file = silent_sources.recordings / "hold.wav"
    sound.save(file, melody(20))
    assert render(silent_sources, [HOLD_SOUND], watcher).made == 1
    assert manifest(silent_sources)["hold"]["source"] == "recorded"
    assert loudness(play(silent_sources, HOLD_SOUND).samples, 8000) == pytest.approx(-24, abs=1)

    file.write_text("no sound")
    assert render(silent_sources, [HOLD_SOUND], watcher).made == 1
    assert watcher.lines == [f"{file}: not a WAV, MP3, Ogg, WebM or M4A file; the composed clip is used."]
    row = manifest(silent_sources)["hold"]
    assert (row["source"], row["note"]) == ("composed", f"{file}: not a WAV, MP3, Ogg, WebM or M4A file")
    assert silent_sources.unmade([HOLD_SOUND]) == []


@pytest.mark.slow
def test_a_recording_is_heard_out_for_its_length_and_not_for_words(sound, tmp_path):
    def judge(*_):
        raise AssertionError("there are no words in it")

    assert audition(sound.save(tmp_path / "a.wav", melody(20)), Expected(HOLD_SOUND), judge)
    short = sound.save(tmp_path / "b.wav", melody(4))
    with pytest.raises(RecordingError, match=r"4\.0 s; between two announcements callers hear 15 to 55 s$"):
        audition(short, Expected(HOLD_SOUND))


def test_nobody_is_asked_what_it_says():
    spoken = Clip("main.menu", "For your free trial, press 3.")
    assert [sentence.id for sentence in whole_clips([spoken, HOLD_SOUND])] == ["main.menu"]


@pytest.fixture
def mute_line(settings, clock, tmp_path, monkeypatch):
    """A line on a machine without a voice."""

    def find_voice(_):
        raise VoiceError("no voice is installed; `make voice` installs it, or says why not")

    monkeypatch.setattr(commands, "find_voice", find_voice)
    app = application(replace(settings, prompts_dir=tmp_path / "prompts"), clock)
    yield app
    app.extensions["answerline"].database.dispose()


@pytest.mark.slow
def test_a_line_without_a_voice_makes_it_at_its_first_start(mute_line, capsys, monkeypatch):
    monkeypatch.setattr(commands, "catalogue", lambda: [*hummed(2), HOLD_SOUND])
    said = "2 prompts are spoken with <Say>: no voice is installed; `make voice` installs it, or says why not"
    with mute_line.app_context():
        commands.render_what_is_missing()
        assert capsys.readouterr().err.splitlines() == [said, "Rendering 1 prompt."]
        commands.render_what_is_missing()
        assert capsys.readouterr().err.splitlines() == [said]


def test_where_nothing_can_be_made_that_is_one_line(mute_line, capsys, monkeypatch):
    monkeypatch.setattr(commands, "catalogue", lambda: [*hummed(2), HOLD_SOUND])
    monkeypatch.setattr("ivr.audio.voice._FOR_SOUND", ("not_there_at_all",))
    with mute_line.app_context():
        commands.render_what_is_missing()
    assert capsys.readouterr().err.startswith("3 prompts are spoken with <Say>: no voice is installed")


def test_it_is_listed_among_the_prompts(mute_line):
    """Of every line: whether anybody can wait in a queue is a matter of settings."""
    rows = json.loads(mute_line.test_cli_runner().invoke(args=["prompts", "list", "--json"]).stdout)
    assert [(row["text"], row["source"]) for row in rows if row["id"] == "hold"] == [("(music)", "missing")]
