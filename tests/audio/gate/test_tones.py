"""Keys in a sound: what receivers must accept, what they must not, and what a voice may not be taken for."""

import pytest

np = pytest.importorskip("numpy", reason="the voice's tools are not installed")

from ivr.audio.tones import HIGH_HZ, KEYS, LOW_HZ, find_tones  # noqa: E402 after the skip

RATE_HZ = 8000


def dial(key, seconds=0.1, low_db=-13.0, high_db=-13.0, off=0.0):
    """Make the two tones of a key. off: how far their frequencies are off, as a part."""
    row = next(i for i, keys in enumerate(KEYS) if key in keys)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    parts = ((LOW_HZ[row], low_db), (HIGH_HZ[KEYS[row].index(key)], high_db))
    return sum(10 ** (db / 20) * np.sin(2 * np.pi * hz * (1 + off) * t) for hz, db in parts)


def amid_silence(sound):
    return np.concatenate([np.zeros(RATE_HZ // 4), sound, np.zeros(RATE_HZ // 4)])


@pytest.mark.parametrize("key", [key for row in KEYS for key in row])
def test_every_key_is_found_where_it_is(key):
    [tone] = find_tones(amid_silence(dial(key)), RATE_HZ)
    assert tone.key == key
    assert tone.at_s == pytest.approx(0.25, abs=0.03)
    assert tone.seconds == pytest.approx(0.1, abs=0.04)


@pytest.mark.parametrize(
    "tone",
    [
        dial("5", seconds=0.05),
        dial("5", low_db=-30, high_db=-30),
        dial("5", low_db=-10, high_db=-17),
        dial("5", low_db=-17, high_db=-13),
        dial("5", off=0.015),
        dial("5", off=-0.015),
    ],
    ids=["50 ms", "soft", "low tone stronger", "high tone stronger", "1.5 % sharp", "1.5 % flat"],
)
def test_what_receivers_must_accept_is_a_key(tone):
    assert [t.key for t in find_tones(amid_silence(tone), RATE_HZ)] == ["5"]


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(RATE_HZ),
        np.zeros(10),
        dial("5", seconds=0.02),
        dial("5", low_db=-60, high_db=-60),
        dial("5", high_db=-40),
        dial("5", low_db=-40),
        dial("1", high_db=-200),
        0.1 * np.random.default_rng(1).standard_normal(RATE_HZ),
        sum(0.1 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ) for hz in (350, 440)),
    ],
    ids="silence|next to nothing|20 ms|far too soft|no high tone|no low tone|one tone|noise|dial tone".split("|"),
)
def test_anything_else_is_none(sound):
    assert find_tones(amid_silence(sound), RATE_HZ) == []


def test_keys_are_found_in_order():
    sound = np.concatenate([part for key in "4*0#" for part in (dial(key), np.zeros(800))])
    assert [tone.key for tone in find_tones(sound, RATE_HZ)] == list("4*0#")
