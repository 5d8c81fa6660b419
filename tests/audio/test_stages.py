"""Each stage between a voice and a telephone, on sounds whose measure is known."""

import struct
import subprocess

import numpy as np
import pytest
from sounds import Played

from ivr.audio import mulaw
from ivr.audio.band import telephone_band
from ivr.audio.edges import speech_edges
from ivr.audio.finish import SilentError, finish
from ivr.audio.limiter import limit
from ivr.audio.loudness import NOTHING, loudness
from ivr.audio.segments import ffmpeg, segment_of


def decibels(samples):
    return 10 * np.log10(np.mean(samples**2))


def finished(samples, rate_hz=22_050, lead_s=0.15, tail_s=0.3):
    return Played(finish(segment_of(samples, rate_hz), lead_s, tail_s).wav)


@pytest.mark.parametrize("hz", [300, 1000, 3000])
@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 44_100, 48_000])
def test_what_a_telephone_carries_passes_at_its_level(sound, hz, rate_hz):
    there = telephone_band(sound.tone(hz, 1, rate_hz), rate_hz)
    assert len(there) == 8000
    assert decibels(there[2000:6000]) - decibels(sound.tone(hz, 1)[2000:6000]) == pytest.approx(0, abs=1.6)


@pytest.mark.parametrize(("hz", "least_db"), [(50, 40), (80, 25), (4600, 40), (6000, 40), (9000, 40)])
def test_hum_and_what_would_fold_back_are_gone(sound, hz, least_db):
    there = telephone_band(sound.tone(hz, 1, 22_050), 22_050)
    assert decibels(there[2000:6000]) < decibels(sound.tone(hz, 1)) - least_db


@pytest.mark.parametrize("before_s", [0, 0.02, 0.5, 9.0])
@pytest.mark.parametrize("amplitude", [0.01, 0.1, 0.9])
@pytest.mark.parametrize("noise", [0, 0.0003])
def test_speech_is_found_to_5_ms_whatever_its_level_in_a_quiet_room(sound, before_s, amplitude, noise):
    parts = sound.silence(before_s), sound.tone(440, 0.3, amplitude=amplitude), sound.silence(0.4)
    samples = sound.joined(*parts)
    begin, end = speech_edges(samples + sound.noise(len(samples) / 8000, amplitude=noise), 8000)
    assert begin / 8000 == pytest.approx(before_s, abs=0.005)
    assert end / 8000 == pytest.approx(before_s + 0.3, abs=0.005)


def test_a_click_far_from_the_words_is_not_speech_but_a_final_consonant_is(sound):
    click, word, consonant = sound.tone(1000, 0.004), sound.tone(440, 0.3), sound.noise(0.03, amplitude=0.02)
    samples = sound.joined(click, sound.silence(0.4), word, sound.silence(0.08), consonant, sound.silence(0.3))
    begin, end = speech_edges(samples, 8000)
    assert begin / 8000 == pytest.approx(0.404, abs=0.005)
    assert end / 8000 == pytest.approx(0.814, abs=0.005)


def test_silence_has_no_edges_and_no_loudness(sound):
    for samples in (sound.silence(1), sound.noise(1, amplitude=0.0001), sound.silence(0)):
        assert speech_edges(samples, 8000) is None
        assert loudness(samples, 8000) == NOTHING


def test_loudness_is_that_of_the_standard(sound):
    """BS.1770: a 997 Hz tone at -20 dB of full scale, in one channel, is -23 LUFS."""
    assert loudness(sound.tone(997, 3, 48_000, 0.1), 48_000) == pytest.approx(-23.01, abs=0.05)


@pytest.mark.parametrize("seconds", [0.08, 0.2, 0.39, 0.41, 0.8, 3])
@pytest.mark.parametrize("around_s", [0, 0.05, 0.5, 3])
def test_a_word_is_as_loud_as_a_sentence_of_the_same_level(sound, seconds, around_s):
    nothing = sound.silence(around_s)
    samples = sound.joined(nothing, sound.tone(1000, seconds, amplitude=0.1), nothing)
    assert loudness(samples, 8000) == pytest.approx(loudness(sound.tone(1000, 5, amplitude=0.1), 8000), abs=0.25)


def test_the_limiter_keeps_every_sample_below_the_ceiling_and_leaves_the_rest_alone(sound):
    quiet, loud = sound.tone(300, 0.5, amplitude=0.2), sound.tone(300, 0.1, amplitude=0.95)
    limited = limit(sound.joined(quiet, loud, quiet), 8000, 0.5)
    assert np.abs(limited).max() <= 0.5 + 1e-9
    assert np.allclose(limited[:3900], quiet[:3900])
    assert np.array_equal(limit(quiet, 8000, 0.5), quiet)


def test_every_code_stands_for_the_level_that_itu_g711_gives_it():
    """Its table's ends and turning points: the largest, the first step of each segment, and zero."""
    levels = mulaw.decode(bytes(range(256))) * 32768
    assert [levels[code] for code in (0x00, 0x0F, 0x10, 0x1F, 0x80, 0x8F, 0xF0, 0xFE, 0xFF)] == [
        *(-32124, -16764, -15996, -8316, 32124, 16764, 120, 8, 0)
    ]
    assert mulaw.encode(levels / 32768) == bytes(range(256)).replace(b"\x7f", b"\xff")  # 0 has two codes


def test_a_sample_becomes_the_nearest_level():
    samples = np.arange(-32768, 32768) / 32768
    levels = np.sort(mulaw.decode(bytes(range(256))))
    there = mulaw.decode(mulaw.encode(samples))
    at = np.clip(np.searchsorted(levels, samples), 1, 255)
    nearest = np.minimum(np.abs(samples - levels[at]), np.abs(samples - levels[at - 1]))
    assert np.abs(samples - there).max() <= nearest.max()


@pytest.mark.parametrize("size", [0, 1, 7, 8000])
def test_the_file_is_a_wav_of_format_7_that_other_programs_read(tmp_path, size):
    file = mulaw.wav(bytes([0x80, 0xFF, 0x00] * size)[:size], 8000)
    riff, whole, kind = struct.unpack_from("<4sI4s", file)
    assert (riff, kind, whole) == (b"RIFF", b"WAVE", len(file) - 8)
    assert struct.unpack_from("<4sIHHIIHHH", file, 12) == (b"fmt ", 18, 7, 1, 8000, 8000, 1, 8, 0)
    assert struct.unpack_from("<4sII4sI", file, 38) == (b"fact", 4, size, b"data", size)
    assert len(file) % 2 == 0
    if size > 1:
        (tmp_path / "a.wav").write_bytes(file)
        command = [ffmpeg(), "-v", "error", "-i", tmp_path / "a.wav", "-f", "s16le", "-"]
        assert len(subprocess.run(command, capture_output=True, check=True).stdout) == 2 * size


@pytest.mark.parametrize("seconds", [0.12, 0.35, 0.45, 1, 4])
@pytest.mark.parametrize("amplitude", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("rate_hz", [22_050, 48_000])
def test_a_clip_keeps_its_promises_whatever_it_was_made_of(sound, seconds, amplitude, rate_hz):
    """8 kHz, one channel, μ-law; -20 LUFS within 1; peaks at -3 dB at most; its silences to 10 ms."""
    nothing = sound.silence(0.7, rate_hz)
    made_of = sound.joined(nothing, sound.speech(seconds, rate_hz, amplitude), nothing)
    clip = finished(made_of, rate_hz, lead_s=0.15, tail_s=0.3)
    assert (clip.kind, clip.channels, clip.rate_hz) == (7, 1, 8000)
    assert loudness(clip.samples, 8000) == pytest.approx(-20, abs=0.5)
    assert 20 * np.log10(np.abs(clip.samples).max()) <= -3
    assert len(clip.samples) / 8000 == pytest.approx(0.15 + seconds + 0.3, abs=0.02)


@pytest.mark.parametrize(("lead_s", "tail_s"), [(0, 0), (0.02, 0.05), (0.15, 0.3), (0.3, 0.5)])
@pytest.mark.parametrize("room", [0, 0.7])
def test_silence_around_speech_is_as_asked_even_where_the_recording_has_none(sound, lead_s, tail_s, room):
    nothing = sound.silence(room, 22_050)
    clip = finished(sound.joined(nothing, sound.tone(500, 0.5, 22_050), nothing), 22_050, lead_s, tail_s)
    assert clip.edges_s == pytest.approx((lead_s, tail_s), abs=0.010)


def test_sudden_peaks_are_limited_and_the_loudness_holds(sound):
    speech = sound.speech(2, amplitude=0.05)
    speech[[5000, 20_000, 33_000]] = 0.99
    clip = finished(speech)
    assert 20 * np.log10(np.abs(clip.samples).max()) <= -3
    assert loudness(clip.samples, 8000) == pytest.approx(-20, abs=1)


def test_the_same_sound_makes_the_same_file(sound):
    segment = segment_of(sound.speech(0.8), 22_050)
    assert finish(segment, 0.1, 0.1) == finish(segment, 0.1, 0.1)


@pytest.mark.parametrize("seconds", [0, 0.0001, 0.001, 1])
def test_nothing_is_not_made_into_a_clip(sound, seconds):
    with pytest.raises(SilentError, match="nothing is to be heard"):
        finished(sound.silence(seconds, 22_050))
