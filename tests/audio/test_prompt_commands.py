"""`flask prompts`, and what `flask serve` says before it serves."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from once import application
from rendering import hum_voice, hummed

from ivr.audio import piper
from ivr.audio.voice import VoiceError
from ivr.cli import prompts as commands
from ivr.clip import Clip

CLIPS = [Clip("main.menu", "For your free trial, press 3."), Clip("digits.4", "4", 0.02, 0.05)]


@pytest.fixture
def line(settings, clock, tmp_path, monkeypatch, bench_at_hand):  # noqa: ARG001 many small renderings
    """A line of two prompts, with a voice that hums."""
    monkeypatch.setattr(piper, "PROGRAM", (sys.executable, str(Path(__file__).with_name("hummer.py"))))
    monkeypatch.setattr(commands, "catalogue", lambda: list(CLIPS))
    monkeypatch.setattr(commands, "find_voice", lambda _: hum_voice(tmp_path))
    monkeypatch.setattr(commands, "_judge", lambda _: None)  # there are no words in a hum
    app = application(replace(settings, prompts_dir=tmp_path / "prompts"), clock)
    yield app
    app.extensions["answerline"].database.dispose()


@pytest.fixture
def flask(line):
    def run(*words):
        return line.test_cli_runner().invoke(args=["prompts", *map(str, words)])

    return run


def test_render_makes_what_is_missing_once_and_again_when_asked(flask):
    first = flask("render")
    assert first.exit_code == 0
    assert first.stdout.startswith("Made 2 prompts in ")
    assert first.stderr == "Rendering 2 prompts.\n"
    assert flask("render").output == "Nothing to do.\n"
    assert flask("render", "--only", "digits.4").stdout.startswith("Made 1 prompt in ")
    assert flask("render", "--all").stdout.startswith("Made 2 prompts in ")


def test_list_tells_what_there_is_of_each_prompt(flask, monkeypatch):
    before = json.loads(flask("list", "--json").stdout)
    assert [(row["id"], row["source"], row["seconds"]) for row in before] == [
        *(("main.menu", "missing", None), ("digits.4", "missing", None))
    ]
    flask("render")
    here = json.loads(flask("list", "--json").stdout)
    assert here[1] == {
        "id": "digits.4",
        "text": "4",
        "source": "rendered",
        "stale": False,
        "note": "",
        "seconds": pytest.approx(0.37, abs=0.02),
    }
    table = flask("list")
    assert "main.menu" in table.stdout
    assert "2 prompts, " in table.stderr

    changed = [replace(CLIPS[0], text="Other words."), replace(CLIPS[1], tail_s=0.1), Clip("a.new", "New.")]
    monkeypatch.setattr(commands, "catalogue", lambda: changed)
    rows = [(row["id"], row["source"], row["stale"]) for row in json.loads(flask("list", "--json").stdout)]
    assert rows == [("main.menu", "missing", True), ("digits.4", "rendered", True), ("a.new", "missing", False)]
    assert [row["id"] for row in json.loads(flask("list", "--json", "--stale").stdout)] == ["main.menu", "digits.4"]
    assert [row["id"] for row in json.loads(flask("list", "--json", "--missing").stdout)] == ["main.menu", "a.new"]


@pytest.mark.parametrize("command", [("render", "--only"), ("record",)])
def test_an_unknown_prompt_is_refused_with_those_like_it(flask, command):
    end = ["a.wav"] if command == ("record",) else []
    refused = flask(*command, "main.meno", *end)
    assert (refused.exit_code, refused.stderr) == (1, "Error: there is no prompt main.meno; did you mean main.menu?\n")
    refused = flask(*command, "xyzzy", *end)
    assert refused.stderr == "Error: there is no prompt xyzzy; `flask prompts list` names them all\n"


def test_render_fails_in_one_line_for_what_an_operator_can_mend(flask, tmp_path):
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "pronunciation.toml").write_text("a = 3")
    for command in (["render"], ["render", "--all"], ["list"]):
        refused = flask(*command)
        assert refused.exit_code == 1
        assert refused.stderr.startswith(f"Error: {folder}/pronunciation.toml: 'a' needs a line like")
        assert refused.stderr.count("\n") == 1
    (folder / "pronunciation.toml").unlink()
    shutil.rmtree(folder / "built", ignore_errors=True)
    (folder / "built").write_text("in the way")
    refused = flask("render")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("; PROMPTS_DIR names its place\n")


def test_render_names_what_could_not_be_made_and_exits_with_1(flask, monkeypatch):
    monkeypatch.setattr(commands, "catalogue", lambda: [CLIPS[0], Clip("a.crash", "crash")])
    refused = flask("render")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[1:] == [
        "the voice program failed: RuntimeError: the model is broken (a.crash)",
        "Error: 1 prompt could not be rendered; the reason is above",
    ]


def test_a_recording_is_installed_built_and_played(flask, sound, tmp_path):
    flask("render")
    file = sound.save(tmp_path / "mine.wav", sound.speech(1.4))
    done = flask("record", "main.menu", file)
    assert done.exit_code == 0, done.output
    kept = tmp_path / "prompts" / "recordings" / "en-US" / "main.menu.wav"
    assert done.stdout == f"main.menu is played from {kept} now, 1.4 s.\n"
    assert kept.exists()
    assert [row["source"] for row in json.loads(flask("list", "--json").stdout)] == ["recorded", "rendered"]


@pytest.mark.slow
def test_a_recording_that_is_refused_changes_nothing(flask, sound, tmp_path):
    flask("render")
    folder = tmp_path / "prompts"
    before = sorted(folder.rglob("*"))
    file = sound.save(tmp_path / "mine.wav", sound.speech(9))
    refused = flask("record", "main.menu", file)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Error: {file}: 9.0 s of speech; 'For your free trial, press 3.' takes ")
    assert sorted(folder.rglob("*")) == before
    assert flask("record", "main.menu", tmp_path / "none.wav").stderr.endswith("none.wav: there is no such file\n")


def test_a_line_starts_with_what_it_can_render_and_says_the_rest_in_a_line(line, capsys, monkeypatch):
    monkeypatch.setattr(commands, "catalogue", lambda: [*hummed(2), Clip("a.crash", "crash")])
    with line.app_context():
        commands.render_what_is_missing()
        assert capsys.readouterr().err.splitlines() == [
            "Rendering 3 prompts.",
            "the voice program failed: RuntimeError: the model is broken (a.crash)",
            "1 prompt without audio: spoken with <Say>.",
        ]
        monkeypatch.setattr(commands, "catalogue", lambda: hummed(2))
        commands.render_what_is_missing()
        assert capsys.readouterr().err == ""


def test_a_line_without_a_voice_starts_and_says_so_in_one_line(line, capsys, monkeypatch):
    def find_voice(_):
        raise VoiceError("no voice is installed; `make voice` installs it, or says why not")

    monkeypatch.setattr(commands, "find_voice", find_voice)
    with line.app_context():
        commands.render_what_is_missing()
    assert capsys.readouterr().err == (
        "2 prompts are spoken with <Say>: no voice is installed; `make voice` installs it, or says why not\n"
    )


def test_a_recording_that_is_not_used_is_named_at_every_start(line, capsys, tmp_path):
    folder = tmp_path / "prompts" / "recordings" / "en-US"
    folder.mkdir(parents=True)
    (folder / "main.menu.wav").write_text("not a sound")
    said = f"{folder}/main.menu.wav: not a WAV, MP3, Ogg, WebM or M4A file; the rendered clip is used.\n"
    with line.app_context():
        commands.render_what_is_missing()
        assert said in capsys.readouterr().err
        commands.render_what_is_missing()
        assert capsys.readouterr().err == said


# The way back: the recording is gone, and the voice speaks again; without a voice, the carrier's does.
@pytest.mark.parametrize("voice", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_recording_is_taken_back(flask, sound, tmp_path, monkeypatch, voice):
    flask("render")
    flask("record", "main.menu", sound.save(tmp_path / "mine.wav", sound.speech(1.4)))
    if not voice:
        monkeypatch.setattr(commands, "find_voice", no_voice)
    done = flask("reset", "main.menu")
    assert done.exit_code == 0, done.output
    said = "rendered again." if voice else "spoken with <Say>: no voice is installed"
    assert done.stdout == f"main.menu is {said}\n"
    sources = [row["source"] for row in json.loads(flask("list", "--json").stdout)]
    assert sources == ["rendered" if voice else "missing", "rendered"]
    assert not (tmp_path / "prompts" / "recordings" / "en-US" / "main.menu.wav").exists()
    assert flask("reset", "main.menu").exit_code == 0


def no_voice(_setting):
    raise VoiceError("no voice is installed")


def test_a_recording_is_tried_without_being_played(flask, sound, tmp_path):
    flask("render")
    file = sound.save(tmp_path / "mine.wav", sound.spoken(1.4))
    told = json.loads(flask("try", "main.menu", file, "--into", tmp_path / "draft").stdout)
    assert told["problems"] == []
    assert [row["source"] for row in json.loads(flask("list", "--json").stdout)] == ["rendered", "rendered"]
    told = json.loads(flask("try", "main.menu", __file__, "--into", tmp_path / "draft").stdout)
    assert told == {"seconds": None, "problems": ["Not a WAV, MP3, Ogg, WebM or M4A file."]}
