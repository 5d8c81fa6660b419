"""Recordings of a person win over the voice; those that cannot be used are named, and the voice speaks instead."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rendering import hum_voice
from sounds import play

from ivr.audio import piper
from ivr.audio.audition import Expected, audition
from ivr.audio.loudness import loudness
from ivr.audio.recipe import Sources
from ivr.audio.recordings import MOST_BYTES, RecordingError, check_file, find_recordings
from ivr.audio.render import render
from ivr.audio.segments import UnreadableError, read_any
from ivr.clip import Clip

MENU = Clip("main.menu", "For your free trial, press 3.")


@pytest.fixture
def hum(tmp_path, monkeypatch, bench_at_hand):  # noqa: ARG001 many small renderings
    monkeypatch.setattr(piper, "PROGRAM", (sys.executable, str(Path(__file__).with_name("hummer.py"))))
    sources = Sources(tmp_path / "prompts", "en-US", hum_voice(tmp_path))
    sources.recordings.mkdir(parents=True)
    return sources


def wav(sound, path, **how):
    rate_hz = how.get("rate_hz", 22_050)
    return sound.save(path, sound.joined(sound.silence(0.4, rate_hz), sound.speech(1.5, rate_hz)), **how)


def mp3(sound, path):
    made = sound.mp3(path, wav(sound, path.with_suffix(".made.wav")))
    path.with_suffix(".made.wav").unlink()
    return made


READABLE = {
    "stereo, 44.1 kHz, 24 bits": lambda s, p: wav(s, p, rate_hz=44_100, width=3, channels=2),
    "8 kHz, 8 bits' neighbour: 16": lambda s, p: wav(s, p, rate_hz=8000),
    "96 kHz, 32 bits": lambda s, p: wav(s, p, rate_hz=96_000, width=4),
    "an odd rate": lambda s, p: wav(s, p, rate_hz=11_999),
    "an MP3 that is called WAV": mp3,
}
BAD = {
    "empty": (lambda _, p: p.write_bytes(b""), "not a WAV, MP3, Ogg, WebM or M4A file"),
    "a text": (lambda _, p: p.write_text("Thank you for calling. " * 100), "not a WAV, MP3, Ogg, WebM or M4A file"),
    "header only": (lambda _, p: p.write_bytes(b"RIFF\x24\0\0\0WAVEfmt "), "not a readable WAV file"),
    "header broken": (lambda s, p: p.write_bytes(wav(s, p).read_bytes()[:20] + b"\xee" * 400), "not a readable WAV"),
    "MP3 noise": (lambda _, p: p.write_bytes(b"ID3" + bytes(range(200)) * 5), "not a readable MP3 file"),
    "silent": (lambda s, p: s.save(p, s.silence(2, 22_050)), "nothing is to be heard in it"),
    "no samples": (lambda s, p: s.save(p, s.silence(0)), "nothing is to be heard in it|not a readable WAV"),
    "long": (lambda s, p: s.save(p, s.noise(61, 8000, 0.1), rate_hz=8000), "longer than 60 s"),
    "huge": (lambda _, p: p.write_bytes(b"RIFF" + bytes(MOST_BYTES)), "10.0 MB; the most is 10 MB"),
    "a folder": (lambda _, p: p.mkdir(), "there is no such file"),
}


@pytest.mark.parametrize("make", READABLE.values(), ids=READABLE)
def test_what_can_be_read_is_read_at_its_length(sound, tmp_path, make):
    path = make(sound, tmp_path / "a.wav")
    assert read_any(path, check_file(path), 60).duration_seconds == pytest.approx(1.9, abs=0.06)


@pytest.mark.parametrize(("make", "why"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_refused_in_one_line(sound, tmp_path, make, why):
    path = tmp_path / "a.wav"
    make(sound, path)
    with pytest.raises(RecordingError, match=why) as refused:
        audition(path, Expected(MENU))
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_a_playlist_cannot_make_the_reader_open_other_files(tmp_path, sound):
    secret = wav(sound, tmp_path / "secret.wav")
    path = tmp_path / "a.wav"
    path.write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    for kind in ("wav", "mp3"):
        with pytest.raises(UnreadableError):
            read_any(path, kind, 60)


def test_a_recording_wins_and_sounds_like_all_other_clips(hum, sound, watcher):
    wav(sound, hum.recordings / "main.menu.wav", rate_hz=44_100, width=3, channels=2)
    mp3(sound, hum.recordings / "plan.ends.0.mp3")
    clips = [MENU, Clip("plan.ends.0", "Your plan ends on", 0.1, 0.05), Clip("digits.4", "4", 0.02, 0.05)]
    assert render(hum, clips, watcher).made == 3
    assert [hum.store.find(clip).source for clip in clips] == ["recorded", "recorded", "rendered"]
    for clip in clips:
        played = play(hum, clip)
        assert (played.kind, played.rate_hz) == (7, 8000)
        assert loudness(played.samples, 8000) == pytest.approx(-20, abs=0.5)
        assert played.edges_s[0] == pytest.approx(clip.lead_s, abs=0.02)
    assert hum.unmade(clips) == []

    wav(sound, hum.recordings / "main.menu.wav", rate_hz=16_000)
    assert [job.clip for job in hum.unmade(clips)] == [MENU]
    for path in hum.recordings.iterdir():
        path.unlink()
    assert render(hum, clips, watcher).made == 2
    assert {row.source for row in hum.store.built().values()} == {"rendered"}
    assert watcher.lines == []


def test_a_broken_recording_is_named_and_the_voice_speaks_until_it_changes(hum, sound, watcher):
    path = hum.recordings / "main.menu.wav"
    path.write_text("not a sound")
    assert render(hum, [MENU], watcher).made == 1
    problem = f"{path}: not a WAV, MP3, Ogg, WebM or M4A file"
    assert watcher.lines == [f"{problem}; the rendered clip is used."]
    found = hum.store.find(MENU)
    assert (found.source, found.note) == ("rendered", problem)
    assert hum.unmade([MENU]) == []

    wav(sound, path)
    render(hum, [MENU], watcher)
    assert hum.store.find(MENU).source == "recorded"


def test_a_recording_that_breaks_leaves_the_rendered_clip_as_it_is(hum, watcher):
    render(hum, [MENU], watcher)
    before = hum.store.find(MENU)
    (hum.recordings / "main.menu.mp3").write_text("not a sound")
    mute = replace(hum, voice=hum.voice)
    render(mute, [MENU], watcher)
    assert hum.store.find(MENU).path == before.path
    assert hum.store.find(MENU).note.endswith("not a WAV, MP3, Ogg, WebM or M4A file")


@pytest.mark.usefixtures("bench_at_hand")
def test_recordings_are_played_on_a_machine_without_a_voice(silent_sources, sound, watcher):
    silent_sources.recordings.mkdir(parents=True)
    wav(sound, silent_sources.recordings / "main.menu.wav")
    done = render(silent_sources, [MENU, Clip("digits.4", "4")], watcher)
    assert (done.made, done.failed) == (1, ["digits.4"])


def test_a_wav_wins_over_an_mp3_of_the_same_prompt(tmp_path):
    for name in ("a.b.mp3", "a.b.wav", "c.d.mp3", "readme.txt"):
        (tmp_path / name).touch()
    assert {name: path.name for name, path in find_recordings(tmp_path).items()} == {"a.b": "a.b.wav", "c.d": "c.d.mp3"}
    assert find_recordings(tmp_path / "missing") == {}


def test_a_recording_is_kept_as_a_plain_wav(sound, tmp_path):
    kept = tmp_path / "kept.wav"
    kept.write_bytes(audition(mp3(sound, tmp_path / "a.mp3"), Expected(MENU)))
    assert check_file(kept) == "wav"
    assert read_any(kept, "wav", 60).channels == 1


def test_a_recording_that_is_too_quiet_clipped_or_not_as_long_as_its_text_is_refused(sound, tmp_path):
    path = tmp_path / "a.wav"

    def refused(samples, seconds=None, text=MENU.text):
        sound.save(path, samples)
        with pytest.raises(RecordingError) as why:
            audition(path, Expected(Clip("a.b", text), seconds))
        return str(why.value).removeprefix(f"{path}: ")

    good = sound.speech(1.5)
    assert refused(good * 0.03).startswith("too quiet: speech at -")
    assert refused(np.clip(good * 20, -1, 1)).startswith("clipped in ")
    assert refused(good, seconds=5.0).startswith("1.5 s of speech; 'For your free trial, press 3.' takes 1.9 to 10.6 s")
    assert refused(good, text="Yes.").endswith("s of speech; 'Yes.' takes 0.0 to 1.4 s")
    assert refused(good, text="word " * 30).startswith("1.5 s of speech")


def test_an_ear_is_asked_what_it_hears_and_believed(sound, tmp_path):
    path = wav(sound, tmp_path / "a.wav")
    asked = []

    def judge(heard_as, meant):
        asked.append((check_file(heard_as), meant))
        return 0.8, "for your free mail"

    with pytest.raises(RecordingError, match="heard 'for your free mail', which is not 'For your free trial"):
        audition(path, Expected(MENU), judge)
    assert asked == [("wav", MENU.text)]
    assert audition(path, Expected(MENU), lambda *_: (0.1, "for your free trial press three"))
