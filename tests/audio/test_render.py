"""Rendering: everything once, nothing twice, and no harm from whatever stops it. A program that hums stands in."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rendering import hum_voice, hummed
from sounds import manifest, play

from ivr.audio import piper
from ivr.audio import render as module
from ivr.audio.loudness import loudness
from ivr.audio.recipe import Sources
from ivr.audio.render import render
from ivr.audio.voice import VoiceError
from ivr.clip import Clip

HERE = Path(__file__).parent
MANY = 90  # clips: so many that no machine is done with them before it is stopped


@pytest.fixture
def hum(tmp_path, monkeypatch, bench_at_hand):  # noqa: ARG001 many small renderings
    monkeypatch.setattr(piper, "PROGRAM", (sys.executable, str(HERE / "hummer.py")))
    return Sources(tmp_path / "prompts", "en-US", hum_voice(tmp_path))


def spoken(sources):
    log = sources.store.folder / "spoken.log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return sorted(lines)


def start(sources, clips):
    command = [sys.executable, HERE / "rendering.py", sources.folder, str(clips)]
    env = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def sound_files(sources):
    return sorted(sources.store.folder.glob("*/*.wav"))


def test_every_clip_is_made_once_and_the_same_words_are_spoken_once(hum, clips, watcher):
    clips.append(Clip("plan.menu", clips[0].text, 0.05, 0.05))
    done = render(hum, clips, watcher)
    assert (done.made, done.failed, watcher.clips, watcher.lines) == (4, [], 4, [])
    assert spoken(hum) == sorted({job.words for job in hum.jobs(clips)})
    for clip in clips:
        played = play(hum, clip)
        assert loudness(played.samples, 8000) == pytest.approx(-20, abs=0.5)
        assert played.edges_s == pytest.approx((clip.lead_s, clip.tail_s), abs=0.010)
        assert hum.store.find(clip).seconds == len(played.samples) / 8000
    assert not (hum.store.folder / ".work").exists()

    assert render(hum, clips, watcher).made == 0
    assert spoken(hum) == []


def test_only_what_has_changed_is_made_again(hum, clips, watcher):
    render(hum, clips, watcher)
    spoken(hum)
    before = {clip_id: row["path"] for clip_id, row in manifest(hum).items()}

    clips[0] = replace(clips[0], text="For something else, press 3.")
    clips[1] = replace(clips[1], tail_s=0.2)
    del clips[2]
    clips.append(Clip("main.new", "New."))
    assert render(hum, clips, watcher).made == 3
    assert spoken(hum) == sorted(job.words for job in hum.jobs(clips))
    assert manifest(hum).keys() == {clip.id for clip in clips}
    # A carrier may still hold the old addresses: they are good for a day.
    for path in before.values():
        file = hum.store.folder / path
        assert file.exists()
        os.utime(file, (time.time() - 90_000,) * 2)
    render(hum, clips, watcher)
    assert len(sound_files(hum)) == 3


def test_the_words_of_the_voice_and_the_voice_itself_are_part_of_the_recipe(hum, clips, watcher):
    render(hum, clips, watcher)
    spoken(hum)
    hum.folder.joinpath("pronunciation.toml").write_text('trial = "try all"\n')
    assert render(hum, clips, watcher).made == 1
    assert spoken(hum) == ["For your free try all, press 3."]
    assert hum.store.find(clips[0]).text == clips[0].text

    other = replace(hum, voice=replace(hum.voice, identity="another hum"))
    assert render(other, clips, watcher).made == 3
    assert render(hum, clips, watcher, only={"digits.4"}).made == 1


def test_a_text_that_cannot_be_spoken_costs_only_itself(hum, watcher):
    clips = [*hummed(4), Clip("b.crash", "It must crash."), Clip("b.mute", "This is mute.")]
    done = render(hum, clips, watcher)
    assert (done.made, sorted(done.failed)) == (4, ["b.crash", "b.mute"])
    assert sorted(watcher.lines) == [
        "the voice cannot speak 'This is mute.': nothing is to be heard in it (b.mute)",
        "the voice program failed: RuntimeError: the model is broken (b.crash)",
    ]


def test_a_voice_that_never_speaks_is_given_up_and_said_once(hum, watcher):
    began = time.monotonic()
    done = render(hum, [Clip(f"a.{n}", f"crash {n}") for n in range(200)], watcher)
    assert (done.made, len(done.failed)) == (0, 200)
    assert watcher.lines == ["the voice program failed: RuntimeError: the model is broken (200 clips)"]
    assert time.monotonic() - began < 10


def test_without_a_voice_what_was_rendered_elsewhere_is_kept_and_the_rest_is_named(hum, clips, watcher):
    render(hum, clips, watcher)
    mute = replace(hum, voice=None, no_voice="no voice is installed")
    assert mute.unmade(clips) == []
    done = render(mute, [*clips, Clip("main.new", "New.")], watcher)
    assert (done.failed, watcher.lines) == (["main.new"], ["no voice is installed (main.new)"])


def test_what_is_not_installed_is_said_in_one_line(hum, clips, watcher, monkeypatch):
    monkeypatch.setattr("ivr.audio.voice._FOR_SOUND", ("numpy", "not_there_at_all"))
    with pytest.raises(VoiceError, match=r"^not_there_at_all not installed; `make voice`"):
        render(hum, clips, watcher)


@pytest.mark.slow
def test_killed_at_any_moment_it_keeps_what_was_finished_and_goes_on(hum):
    process = start(hum, MANY)
    tried = 0
    while not (hum.store.folder / "manifest.json").exists() or tried < 25:
        tried += process.stdout.readline() == "tried\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)  # until nothing holds its output any more: what it had started has ended, too
    kept = hum.store.built()
    assert 0 < len(kept) < MANY
    for clip_id, row in kept.items():
        assert play(hum, Clip(clip_id, row.text)).kind == 7
    for file in sound_files(hum):
        assert file.read_bytes()[:4] == b"RIFF"

    again = start(hum, MANY)
    told, _ = again.communicate(timeout=60)
    assert told.endswith(f"made {MANY - len(kept)}\n")
    assert len(manifest(hum)) == MANY
    assert sorted(path.name for path in hum.store.folder.iterdir() if not path.name.isalnum()) == [
        *(".lock", "manifest.json", "spoken.log")
    ]


def test_the_manifest_is_told_while_the_rendering_goes_on(hum, watcher, monkeypatch):
    monkeypatch.setattr(module, "_KEEP_EVERY_S", 0)
    seen = []
    watcher.tried = lambda: seen.append(len(manifest(hum)) if (hum.store.folder / "manifest.json").exists() else 0)
    render(hum, hummed(5), watcher)
    assert seen == [0, 1, 2, 3, 4]


def test_two_at_once_share_the_work(hum):
    both = [start(hum, 8), start(hum, 8)]
    told = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(line.splitlines()[-1] for line in told) == ["made 0", "made 8"]
    assert any("waiting" in line for line in told)
    assert len(manifest(hum)) == len(spoken(hum)) == 8


@pytest.mark.slow
def test_the_voice_that_is_installed_speaks_the_same_every_time(sources, clips, watcher, tmp_path):
    """Two folders, two processes, another order: the files have the same names, which are hashes of their sound."""
    assert render(sources, clips, watcher).made == 3
    other = replace(sources, folder=tmp_path / "other")
    render(other, clips[::-1], watcher)
    assert manifest(other) == manifest(sources)
    for clip in clips:
        played = play(sources, clip)
        assert loudness(played.samples, 8000) == pytest.approx(-20, abs=1)
        assert played.edges_s[0] == pytest.approx(clip.lead_s, abs=0.03)
    assert 1.3 < sources.store.find(clips[0]).seconds < 4
