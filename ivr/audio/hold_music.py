"""The sound of waiting: 35 seconds of quiet music, a score of our own, computed.

Written for what a telephone carries, 300 to 3,000 Hz, and so that no machine on the line takes it for a signal: a key
is two tones, one of them between 1,209 and 1,633 Hz, and nothing here sounds anywhere near those.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from ivr.audio.band import RATE_HZ
from ivr.audio.segments import Samples

SECONDS = 35.0
_LOWEST_HZ, _HIGHEST_HZ = 320.0, 3000.0
_EMPTY_HZ = (1050.0, 1750.0)  # the upper tones of the keys, and a fax machine's 1,100 Hz

# The key is D major, without the G of the second octave, which is too near a key's 770 Hz.
_PITCHES = ("E4 F#4 G4 A4 B4 C#5 D5 E5 F#5 A5 B5").split()
_ABOVE_A4 = (-5, -3, -2, 0, 2, 4, 5, 7, 9, 12, 14)  # semitones
_HZ = MappingProxyType({name: 440 * 2 ** (up / 12) for name, up in zip(_PITCHES, _ABOVE_A4, strict=True)})

# A bar is four beats. A chord lasts a bar; above it single notes: the beat they begin at, and which.
_SCORE = (
    ("F#4 A4 D5", "0 D5, 1 F#5, 2 A5"),
    ("F#4 B4 D5", "0 B5, 1.5 F#5, 3 D5"),
    ("G4 B4 D5", "0 D5, 1 B5, 2.5 A5"),
    ("E4 A4 C#5", "0 A5, 1.5 E5, 3 C#5"),
    ("F#4 B4 D5", "0 D5, 1 F#5, 2 B5, 3 A5"),
    ("G4 B4 E5", "0 B5, 1.5 E5, 3 D5"),
    ("E4 A4 C#5", "0 E5, 1 A5, 2.5 C#5"),
    ("F#4 A4 D5", "0 D5, 1.5 A5"),
)
_BEAT_S = 1.05  # 57 a minute
_BAR_S = 4 * _BEAT_S

_Partials = Mapping[int, float]  # how strong each multiple of the pitch is
_PAD: _Partials = MappingProxyType({1: 1.0, 2: 0.12, 3: 0.11, 4: 0.05, 5: 0.04, 6: 0.02})  # a soft triangle
_PLUCK: _Partials = MappingProxyType({1: 1.0, 2: 0.3, 3: 0.16, 4: 0.12})  # something like a wooden bar
_CHORUS = ((-0.0011, 0.45), (0.0, 1.0), (0.0013, 0.45))  # a pad is three players, each a little off
_PAD_ATTACK_S, _PAD_RELEASE_S = 1.3, 1.9
_PLUCK_ATTACK_S, _PLUCK_DECAY_S, _PLUCK_S = 0.014, 0.75, 3.2
_PLUCKED = 1.2  # as loud as this, against one note of a pad
_ECHO_S, _ECHO = 0.75 * _BEAT_S, 0.22
_FADE_IN_S, _FADE_OUT_S = 1.0, 3.0


def compose() -> Samples:
    """Return the music at 8 kHz, its peak at 1; the same samples every time."""
    sound = np.zeros(round((SECONDS + 5) * RATE_HZ))  # what rings on behind the end is cut off, after the fade
    for at_s, note in _notes():
        begin = round(at_s * RATE_HZ)
        sound[begin : begin + len(note)] += note
    sound = sound[: round(SECONDS * RATE_HZ)]
    sound *= _rise(len(sound), _FADE_IN_S) * _rise(len(sound), _FADE_OUT_S)[::-1]
    peak = float(np.abs(sound).max())
    return np.asarray(sound / peak, np.float64)


def _partials_of(pitch: str, strengths: _Partials) -> Iterator[tuple[float, float, int]]:
    """Return what sounds of a note: frequency, strength, and the multiple it is. What might be a signal is left out."""
    for multiple, strength in strengths.items():
        hz = _HZ[pitch] * multiple
        if _LOWEST_HZ <= hz <= _HIGHEST_HZ and not _EMPTY_HZ[0] < hz < _EMPTY_HZ[1]:
            yield hz, strength, multiple


def _notes() -> Iterator[tuple[float, Samples]]:
    """Return every note and when it begins, in seconds."""
    for bar, (chord, melody) in enumerate(_SCORE):
        for pitch in chord.split():
            yield bar * _BAR_S, _pad(pitch)
        for beat, pitch in (note.split() for note in melody.split(", ")):
            plucked, at_s = _PLUCKED * _pluck(pitch), bar * _BAR_S + float(beat) * _BEAT_S
            yield at_s, plucked
            yield at_s + _ECHO_S, _ECHO * plucked


def _pad(pitch: str) -> Samples:
    """A note that swells, and goes away under the next one."""
    t = _time(_BAR_S + _PAD_RELEASE_S)
    sound = np.zeros(len(t))
    for hz, strength, multiple in _partials_of(pitch, _PAD):
        for off, share in _CHORUS:
            sound += strength * share * np.sin(2 * np.pi * hz * (1 + off) * t + multiple + 900 * off)
    return sound * _rise(len(t), _PAD_ATTACK_S) * _rise(len(t), _PAD_RELEASE_S)[::-1]


def _pluck(pitch: str) -> Samples:
    """A note that is struck softly; its higher partials go first."""
    t = _time(_PLUCK_S)
    sound = np.zeros(len(t))
    for hz, strength, multiple in _partials_of(pitch, _PLUCK):
        sound += strength * np.sin(2 * np.pi * hz * t) * np.exp(-t * multiple / _PLUCK_DECAY_S)
    return sound * _rise(len(t), _PLUCK_ATTACK_S) * _rise(len(t), 1.0)[::-1]


def _time(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _rise(samples: int, seconds: float) -> Samples:
    """From 0 to 1 in so many seconds, without a corner at either end."""
    return np.sin(np.pi / 2 * np.minimum(np.arange(samples) / (seconds * RATE_HZ), 1)) ** 2
