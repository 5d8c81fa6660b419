"""From a recording sent to the console to what callers hear, and back: with the very processes that do it."""

from dataclasses import replace

import pytest
from desks import Desk, colleagues

from ivr.audio.gate import check
from ivr.audio.piper import Speaker
from ivr.audio.store import ClipStore
from ivr.db.console.audit import Act, entries
from ivr.prompts import prompts

pytestmark = pytest.mark.slow

LOST = "/console/prompts/common.lost"


@pytest.fixture
def settings(settings, tmp_path):
    nowhere = str(tmp_path / "none.onnx")  # rendering is tested elsewhere, and slow
    return replace(settings, prompts_dir=tmp_path / "prompts", prompt_mode="play", voice_model=nowhere)


@pytest.fixture
def ada(app, demo, clock):
    colleagues(demo.database, clock)
    return Desk(app, "admin")


@pytest.fixture
def spoken(demo, voice, tmp_path):
    """The very words, spoken: where there is an ear, it listens for them."""
    speaker = Speaker(voice, tmp_path)
    try:
        return speaker.say(clip_of(demo).text)
    finally:
        speaker.close()


def test_a_recording_is_checked_heard_put_in_place_and_taken_back(ada, demo, spoken):
    assert spoken.stat().st_size > 64 * 1024  # more than a webhook may have
    clip = clip_of(demo)
    assert ada.post(f"{LOST}/try", recording=(spoken.open("rb"), "a.wav")).status_code == 302
    page = ada.get(LOST).text
    assert "no problems" in page
    sound_path, token = (
        page.split('"checked-card"')[1].split('src="')[1].split('"')[0],
        page.split('name="token" value="')[1],
    )
    assert ada.get(sound_path).data[:4] == b"RIFF"
    assert demo.clips.find(clip) is None  # not before it is put in place
    other_process = ClipStore(demo.settings.clips_dir)
    assert other_process.find(clip) is None
    assert ada.post(f"{LOST}/put", token=token.split('"')[0]).status_code == 302
    assert demo.clips.find(clip).source == other_process.find(clip).source == "recorded"
    assert check([clip], demo.clips) == []  # what `flask prompts check` says of it
    assert "recorded" in ada.sees(LOST)
    assert ada.post(f"{LOST}/put", token=token.split('"')[0]).status_code == 409  # sent twice
    assert ada.post(f"{LOST}/reset").status_code == 302
    assert demo.clips.find(clip) is None
    assert [(entry.act, entry.subject) for entry in entries(demo.database)][:2] == [
        (Act.PROMPT_RESET, "common.lost"),
        (Act.PROMPT_RECORDED, "common.lost"),
    ]


def clip_of(line):
    (prompt,) = [prompt for prompt in prompts(line.line) if prompt.id == "common.lost"]
    return next(iter(line.voice.speech.catalogue([prompt])))
