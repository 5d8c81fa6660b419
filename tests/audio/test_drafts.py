"""A recording is tried before callers hear it: what is wrong is told in sentences, all of it at once."""

import json
import subprocess

import pytest
from sounds import Played

from ivr.audio.audition import Expected
from ivr.audio.draft import CLIP, RECORDING, try_recording
from ivr.audio.loudness import loudness
from ivr.audio.recordings import RecordingError
from ivr.audio.segments import ffmpeg
from ivr.clip import Clip

MENU = Clip("main.menu", "For your free trial, press 3.")


@pytest.fixture
def tries(tmp_path):
    return lambda path, judge=None: try_recording(path, Expected(MENU), tmp_path / "draft", judge)


# What a browser's recorder writes is read, whatever the file is called.
OTHERS = [("ogg", "libopus"), ("ogg", "libvorbis"), ("mp4", "aac")]


@pytest.mark.parametrize("how", [("webm", "libopus"), *(pytest.param(how, marks=pytest.mark.slow) for how in OTHERS)])
def test_what_browsers_record_is_read(sound, tmp_path, tries, how):
    wav = sound.save(tmp_path / "a.wav", sound.spoken(1.5))
    kind, code = how
    subprocess.run([ffmpeg(), "-v", "error", "-i", wav, "-c:a", code, "-f", kind, tmp_path / "upload"], check=True)
    verdict = tries(tmp_path / "upload")
    assert verdict.problems == ()
    assert verdict.seconds == pytest.approx(1.5 + MENU.lead_s + MENU.tail_s, abs=0.3)


# What is heard before it is put in place is the very clip: as loud as all others.
def test_the_draft_is_as_loud_as_every_clip(sound, tmp_path, tries):
    tries(sound.save(tmp_path / "a.wav", sound.spoken(1.5, amplitude=0.1)))
    clip = Played((tmp_path / "draft" / CLIP).read_bytes())
    assert loudness(clip.samples, clip.rate_hz) == pytest.approx(-20, abs=0.5)
    assert (tmp_path / "draft" / RECORDING).read_bytes()[:4] == b"RIFF"


# Everything that is wrong is told, in sentences without the name of a file.
def test_problems_are_told_in_sentences(sound, tmp_path, tries):
    problems = tries(sound.save(tmp_path / "a.wav", sound.speech(9))).problems
    assert problems[0].startswith("9.0 s of speech; 'For your free trial, press 3.' takes ")
    assert any("syllables" in problem for problem in problems)
    assert all(problem.endswith(".") and str(tmp_path) not in problem for problem in problems)


def test_other_words_are_told(sound, tmp_path, tries):
    path = sound.save(tmp_path / "a.wav", sound.spoken(1.5))
    assert tries(path, lambda *_: (0.9, "buy now")).problems == (
        "Heard 'buy now', which is not 'For your free trial, press 3.'.",
    )


@pytest.mark.parametrize("seconds", [0, 2, 61])
def test_what_cannot_be_heard_at_all_leaves_nothing(sound, tmp_path, tries, seconds):
    samples = sound.noise(seconds, 8000, 0.1) if seconds == 61 else sound.silence(seconds)
    with pytest.raises(RecordingError):
        tries(sound.save(tmp_path / "a.wav", samples, rate_hz=8000))
    assert not (tmp_path / "draft").exists()


def test_a_playlist_is_not_followed(tmp_path, tries):
    """It names another file of this machine; what is no sound by its first bytes is not given to the decoder."""
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    with pytest.raises(RecordingError, match="not a WAV"):
        tries(tmp_path / "a.m3u8")


def test_json_is_fit_for_a_page(sound, tmp_path, tries):
    verdict = tries(sound.save(tmp_path / "a.wav", sound.spoken(1.5)))
    assert json.loads(json.dumps(vars(verdict)))["problems"] == []
