"""What a clip is made from, the words of the voice, and where clips are kept: all of it without any sound."""

import os
import subprocess
import sys
import time

import pytest

from ivr.audio.pronunciation import Pronunciation, PronunciationError, read_pronunciation
from ivr.audio.store import ClipStore
from ivr.audio.voice import VoiceError, check_tools, find_voice
from ivr.clip import Clip
from ivr.config import ROOT

CLIP = Clip("main.menu", "Press 3.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thanks for calling GoToMeeting support.", "Thanks for calling Go To Meeting support."),
        ("GoToMeeting.", "Go To Meeting."),
        ("GoToMeeting's", "Go To Meeting's"),
        ("GoToMeetings and gotomeeting", "GoToMeetings and gotomeeting"),
        ("My  account\npage", "My  account page".replace("  ", " ")),
        ("C++ on a PC", "C plus plus on a P C"),
    ],
)
def test_words_are_respelled_where_they_stand_alone(text, said):
    words = {"GoToMeeting": "Go To Meeting", "C++": "C plus plus", "C": "see", "PC": "P C"}
    assert Pronunciation(words).apply(text) == said


def test_no_list_of_words_is_an_empty_one(tmp_path):
    assert read_pronunciation(tmp_path / "none.toml").apply("A b") == "A b"


@pytest.mark.parametrize("wrong", ["GoToMeeting = Go", "a = 3", 'a = ""', "[a]\nb = 'c'", "\xff"])
def test_a_list_that_cannot_be_read_is_named_in_one_line(tmp_path, wrong):
    path = tmp_path / "pronunciation.toml"
    path.write_bytes(wrong.encode("latin-1"))
    with pytest.raises(PronunciationError) as error:
        read_pronunciation(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_the_list_of_this_clone_can_be_read():
    assert read_pronunciation(ROOT / "prompts" / "pronunciation.toml").apply("GoToMeeting") == "Go To Meeting"


def test_a_voice_is_the_same_wherever_it_lies_and_another_when_its_content_differs(tmp_path, voice):  # noqa: ARG001
    def model(folder, content):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "a.onnx"
        path.write_bytes(content)
        path.with_name("a.onnx.json").write_text("{}")
        return find_voice(str(path))

    assert model("one", b"1").identity == model("two", b"1").identity != model("three", b"3").identity


def test_a_voice_that_is_not_there_is_said_in_one_line(tmp_path, monkeypatch, voice):  # noqa: ARG001
    with pytest.raises(VoiceError, match=r"^VOICE_MODEL: /no/voice.onnx: No such file or directory; name a piper"):
        find_voice("/no/voice.onnx")
    (tmp_path / "a.onnx").touch()
    with pytest.raises(VoiceError, match=r"a\.onnx\.json"):
        find_voice(str(tmp_path / "a.onnx"))
    monkeypatch.setattr("ivr.audio.voice._PACKAGE", "no_such_voice")
    with pytest.raises(VoiceError, match="no voice is installed; `make voice`"):
        find_voice("")
    monkeypatch.setattr("ivr.audio.voice._PROGRAM", "no_such_program")
    with pytest.raises(VoiceError, match="no voice program is installed; `make voice`"):
        find_voice("")
    monkeypatch.setattr("ivr.audio.voice._FOR_SOUND", ("os", "no_such_tool"))
    with pytest.raises(VoiceError, match=r"^no_such_tool not installed"):
        check_tools()


def test_a_clip_is_found_by_its_words_as_long_as_its_file_is_there(tmp_path):
    store = ClipStore(tmp_path)
    built = store.put(CLIP, b"sound", seconds=1.0, source="rendered", recipe="r", note="n")
    assert store.find(CLIP) is None
    store.keep({CLIP.id: built})
    assert store.find(CLIP) == built == ClipStore(tmp_path).find(CLIP)
    assert store.find(Clip(CLIP.id, "Other words.")) is None
    (tmp_path / built.path).unlink()
    assert store.find(CLIP) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"clips": 3}', '{"clips": {"a": {}}}'])
def test_an_unreadable_manifest_counts_as_none(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    assert ClipStore(tmp_path).built() == {}


def test_a_file_stays_for_a_day_after_the_manifest_has_forgotten_it(tmp_path):
    """However old it is: a carrier may have been told its address a moment ago."""
    store = ClipStore(tmp_path)
    old = store.put(CLIP, b"old", seconds=1.0, source="rendered", recipe="r")
    store.keep({CLIP.id: old})
    os.utime(tmp_path / old.path, (1, 1))
    new = store.put(CLIP, b"new", seconds=1.0, source="rendered", recipe="s")
    store.keep({CLIP.id: new})
    draft = tmp_path / new.path.replace("main.menu.wav", ".main.menu.wav.x1")
    draft.touch()
    store.sweep()
    assert (tmp_path / old.path).exists()

    for path in (old.path, new.path, draft):
        os.utime(tmp_path / path, (time.time() - 90_000,) * 2)
    store.sweep()
    assert not (tmp_path / old.path).parent.exists()
    assert not draft.exists()
    assert (tmp_path / new.path).exists()


def test_a_running_line_loads_nothing_that_makes_sound_or_sends():
    """Nor does a start with nothing to render: numpy and scipy alone take longer than all the rest."""
    sound = "'numpy', 'scipy', 'pydub', 'pyloudnorm', 'piper', 'onnxruntime', 'multiprocessing.pool'"
    names = f"{sound}, 'ivr.texts.crew', 'twilio.rest'"
    code = f"import sys, app, ivr.cli.prompts; print([name for name in ({names}) if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
