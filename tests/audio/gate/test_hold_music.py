"""The sound of waiting: what it is made of, and what the gate says once it is spoiled."""

import pytest

pytest.importorskip("numpy", reason="the voice's tools are not installed")

import numpy as np
from faults import Fault, gain, hole, key, sound

from ivr.audio import mulaw
from ivr.audio.finish import MUSIC, level_out
from ivr.audio.gate import check, examine
from ivr.audio.hold_music import compose
from ivr.audio.measure import measure
from ivr.audio.signals import SIGNALS_HZ, find_signals
from ivr.audio.store import ClipStore
from ivr.audio.tones import find_tones
from ivr.audio.wav import parse
from ivr.clip import HOLD_SOUND, Clip

RATE_HZ = 8000


@pytest.fixture(scope="module")
def made():
    return level_out(compose(), MUSIC)


@pytest.fixture(scope="module")
def heard(made):
    """As a telephone plays it."""
    return mulaw.decode(parse(made.wav).data)


def share_db(samples, low_hz, high_hz):
    """How much of the power lies between two frequencies, in dB of all."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return 10 * np.log10(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def kept(folder, wav):
    store = ClipStore(folder)
    seconds = len(parse(wav).data) / RATE_HZ
    store.keep({HOLD_SOUND.id: store.put(HOLD_SOUND, wav, seconds=seconds, source="composed", recipe="")})
    return store


def test_it_is_35_seconds_softer_than_speech_and_the_same_every_time(made, heard):
    assert made.seconds == 35
    assert level_out(compose(), MUSIC) == made
    measured = measure(heard, RATE_HZ)
    assert measured.loudness == pytest.approx(-24, abs=1)
    assert measured.peak_db <= -6


def test_its_sound_is_where_a_telephone_carries_it(heard):
    assert share_db(heard, 0, 300) < -30
    assert share_db(heard, 3000, 4000) < -30


def test_it_cannot_press_a_key_nor_call_a_fax(heard):
    """A key is two tones, one of them from 1,209 to 1,633 Hz: there is nothing there."""
    assert share_db(heard, 1050, 1750) < -35
    assert find_tones(heard, RATE_HZ) == []
    assert find_signals(heard, RATE_HZ) == []


@pytest.mark.parametrize("db", [-20, -10, 10])
def test_nor_does_it_where_a_telephone_plays_it_softer_or_louder(heard, db):
    louder = heard * 10 ** (db / 20)
    assert (find_tones(louder, RATE_HZ), find_signals(louder, RATE_HZ)) == ([], [])


def test_it_swells_and_goes_and_nothing_in_it_clicks(heard):
    """From one twentieth of a second to the next it changes by 3 dB at most, but for the fades at its ends."""
    frames = heard[: len(heard) // 400 * 400].reshape(-1, 400)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    assert np.abs(np.diff(level[20:-60])).max() < 3
    assert np.abs(heard[:80]).max() < 0.001
    assert np.abs(heard[-80:]).max() < 0.001


def test_the_gate_has_nothing_to_say_of_it_and_compares_its_level_with_no_words(made, tmp_path, clean, clips):
    store = kept(tmp_path, made.wav)
    assert check([HOLD_SOUND], store) == []
    examined = examine([HOLD_SOUND], store)
    assert (list(examined.measured), list(examined.music)) == ([], ["hold"])
    beside = [*clips, HOLD_SOUND]
    assert [(finding.clip, finding.rule) for finding in check(beside, clean)] == [("hold", "missing")]


def tone(*tones_hz, seconds=2.0, db=-10):
    """A signal instead of the music, from the 10th second on."""

    def change(samples):
        t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        changed = samples.copy()
        changed[80_000 : 80_000 + len(t)] = sum(np.sin(2 * np.pi * hz * t) for hz in tones_hz) * 10 ** (db / 20) / 2
        return changed

    return sound(change)


def soft(seconds):
    """Silence that nothing falls into all at once."""

    def change(samples):
        t = np.arange(len(samples)) / RATE_HZ - 15
        return samples * np.clip(np.maximum(-t, t - seconds), 0, 1)

    return sound(change)


FAULTS = [
    Fault("3 dB too loud", "loudness", gain(3)),
    Fault("as soft as a whisper", "loudness", gain(-6)),
    Fault("a click", "peak", sound(lambda s: np.where(np.arange(len(s)) == len(s) // 2, 0.9, s))),
    Fault("a silent hole", "gap", hole(1.5)),
    Fault("a hole it fades into", "gap", soft(1.5)),
    Fault("breaks off", "cut", hole(0.5)),
    Fault("key 5 mixed in", "tone", key("5", -10, 0.15, 0.5)),
    Fault("key # mixed in", "tone", key("#", -12, 0.2, 0.3)),
    Fault("a fax calls", "signal", tone(1100, seconds=0.5)),
    Fault("ringing", "signal", tone(440, 480)),
    Fault("ringing abroad", "signal", tone(425)),
    Fault("a fax answers", "signal", tone(2100)),
    Fault("five seconds of it", "length", sound(lambda s: s[: 5 * RATE_HZ])),
    Fault("silence before", "start", sound(lambda s: np.concatenate([np.zeros(2 * RATE_HZ), s]))),
    Fault("silence", "silent", sound(lambda s: s * 0)),
    Fault("an empty file", "file", lambda _: b""),
]


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=() if n % 4 == 0 else pytest.mark.slow) for n, fault in enumerate(FAULTS)],
    ids=lambda fault: fault.name,
)
def test_what_would_annoy_or_mislead_is_found(made, tmp_path, fault):
    store = kept(tmp_path, made.wav)
    built = store.built()[HOLD_SOUND.id]
    (store.folder / built.path).write_bytes(fault.damage(made.wav))
    assert fault.rule in {finding.rule for finding in check([HOLD_SOUND], store)}


@pytest.mark.parametrize("name", SIGNALS_HZ)
def test_every_signal_is_known_by_its_name(name):
    t = np.arange(RATE_HZ) / RATE_HZ
    signal = sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in SIGNALS_HZ[name])
    assert [found.name for found in find_signals(signal, RATE_HZ)] == [name]


def test_words_are_not_held_against_it(made, tmp_path):
    """It is no speech of so many syllables; a text that differs is another clip all the same."""
    store = kept(tmp_path, made.wav)
    assert [finding.rule for finding in check([Clip("hold", "(bells)", music=True)], store)] == ["words"]
