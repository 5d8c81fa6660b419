"""Forty ways to spoil a clip, as they have happened to other lines: bad levels, cuts, tones, files, wrong words."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import signal

from ivr.audio import mulaw
from ivr.audio.loudness import loudness
from ivr.audio.tones import HIGH_HZ, KEYS, LOW_HZ
from ivr.audio.wav import parse

RATE_HZ = 8000
PCM, ALAW, MULAW = 1, 6, 7


@dataclass(frozen=True)
class Fault:
    """rule: what the gate must say of it; '' where only the ear can find it. damage: from the clip's file to another.

    None as the new file: it is not there. text: what the manifest says the audio says; None: the clip's own text.
    """

    name: str
    rule: str
    damage: Callable[[bytes], bytes | None]
    text: str | None = None


def sound(change):
    """Make a damage from a function of samples."""

    def damage(content):
        samples = change(mulaw.decode(parse(content).data))
        return mulaw.wav(mulaw.encode(np.clip(samples, -1, 1)), RATE_HZ)

    return damage


def gain(db):
    return sound(lambda samples: samples * 10 ** (db / 20))


def too_loud_once(db):
    """Clipped in the recording, and brought to the usual loudness afterwards."""

    def change(samples):
        ceiling = np.abs(samples).max() / 10 ** (db / 20)
        cut = np.clip(samples, -ceiling, ceiling)
        for _ in range(3):
            cut = cut * 10 ** ((-20 - loudness(cut, RATE_HZ)) / 20)
        return cut

    return sound(change)


def silence(seconds):
    return np.zeros(round(seconds * RATE_HZ))


def insert(seconds, at):
    """Put silence in. at: where, as a part of the clip."""

    def change(samples):
        middle = round(len(samples) * at)
        return np.concatenate([samples[:middle], silence(seconds), samples[middle:]])

    return sound(change)


def key(name, db, seconds, at):
    """Mix a key's tones in. at: where, as a part of the clip."""
    row = next(i for i, keys in enumerate(KEYS) if name in keys)
    frequencies = LOW_HZ[row], HIGH_HZ[KEYS[row].index(name)]

    def change(samples):
        t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        tones = sum(np.sin(2 * np.pi * hz * t) for hz in frequencies) * 10 ** (db / 20) / np.sqrt(2)
        start = round((len(samples) - len(t)) * at)
        changed = samples.copy()
        changed[start : start + len(t)] += tones
        return changed

    return sound(change)


def faster(factor):
    """Keep the pitch out of it: a tape at another speed."""
    return sound(lambda samples: signal.resample(samples, round(len(samples) / factor)))


def keep(first, last):
    """Keep a part of the speech, and the silence around it."""
    lead, tail = round(0.15 * RATE_HZ), round(0.3 * RATE_HZ)

    def change(samples):
        speech = samples[lead : len(samples) - tail]
        kept = speech[round(len(speech) * first) : round(len(speech) * last)]
        return np.concatenate([silence(0.15), kept, silence(0.3)])

    return sound(change)


def hole(seconds):
    """Lose a packet or two in the middle of a word."""

    def change(samples):
        changed, start = samples.copy(), int(np.abs(samples).argmax())
        changed[start : start + round(seconds * RATE_HZ)] = 0
        return changed

    return sound(change)


def file(form, channels=1, rate_hz=RATE_HZ, bits=8):
    """Write the same sound as another kind of WAV file."""

    def damage(content):
        samples = mulaw.decode(parse(content).data)
        samples = np.repeat(signal.resample_poly(samples, rate_hz, RATE_HZ), channels)
        whole = np.round(samples * 32767).astype("<i2").tobytes()
        body = whole if bits == 16 else mulaw.encode(samples)
        size = bits // 8 * channels
        head = struct.pack("<4sIHHIIHH", b"fmt ", 16, form, channels, rate_hz, rate_hz * size, size, bits)
        rest = b"WAVE" + head + struct.pack("<4sI", b"data", len(body)) + body
        return struct.pack("<4sI", b"RIFF", len(rest)) + rest

    return damage


def hum(db, hz=60):
    return sound(lambda s: s + 10 ** (db / 20) * np.sqrt(2) * np.sin(2 * np.pi * hz * np.arange(len(s)) / RATE_HZ))


def noise(db):
    return sound(lambda s: s + 10 ** (db / 20) * np.random.default_rng(1).standard_normal(len(s)))


def click(samples):
    changed = samples.copy()
    changed[len(samples) // 2] = 0.98
    return changed


def exchange_halves(samples):
    lead, tail = round(0.15 * RATE_HZ), round(0.3 * RATE_HZ)
    speech = samples[lead : len(samples) - tail]
    middle = len(speech) // 2
    return np.concatenate([samples[:lead], speech[middle:], speech[:middle], samples[-tail:]])


def as_it_is(content):
    return content


FAULTS = [
    Fault("3 dB too loud", "loudness", gain(3)),
    Fault("1.5 dB too quiet", "loudness", gain(-1.5)),
    Fault("10 dB too quiet", "loudness", gain(-10)),
    Fault("12 dB too loud, clipped", "clipped", gain(12)),
    Fault("clipped by 6 dB, then turned down", "clipped", too_loud_once(6)),
    Fault("clipped by 10 dB, then turned down", "clipped", too_loud_once(10)),
    Fault("a click", "peak", sound(click)),
    Fault("nothing but silence", "silent", sound(lambda samples: samples * 0)),
    Fault("hardly anything", "silent", gain(-45)),
    Fault("0.5 s more before", "start", insert(0.5, 0)),
    Fault("0.2 s more before", "start", insert(0.2, 0)),
    Fault("0.8 s more after", "end", insert(0.8, 1)),
    Fault("begins in the first word", "start", sound(lambda samples: samples[round(0.25 * RATE_HZ) :])),
    Fault("ends in the last word", "end", sound(lambda samples: samples[: -round(0.45 * RATE_HZ)])),
    Fault("no silence before", "start", sound(lambda samples: samples[round(0.14 * RATE_HZ) :])),
    Fault("no silence after", "end", sound(lambda samples: samples[: -round(0.29 * RATE_HZ)])),
    Fault("a gap of 2 s", "gap", insert(2, 0.5)),
    Fault("a gap of 1.6 s", "gap", insert(1.6, 0.3)),
    Fault("key 5 for 100 ms at -10 dB", "tone", key("5", -10, 0.1, 0.5)),
    Fault("key 1 for 100 ms at -15 dB", "tone", key("1", -15, 0.1, 0.3)),
    Fault("key # for 150 ms at -20 dB", "tone", key("#", -20, 0.15, 0.6)),
    Fault("key 0 for 200 ms at -25 dB", "tone", key("0", -25, 0.2, 0.4)),
    Fault("key 9 for 50 ms at -10 dB, before", "tone", key("9", -10, 0.05, 0)),
    Fault("key * for 100 ms at -25 dB, after", "tone", key("*", -25, 0.1, 1)),
    Fault("16 kHz", "format", file(MULAW, rate_hz=16000)),
    Fault("stereo", "format", file(MULAW, channels=2)),
    Fault("16 bit PCM", "format", file(PCM, bits=16)),
    Fault("A-law", "format", file(ALAW)),
    Fault("an empty file", "file", lambda _: b""),
    Fault("a file cut short", "file", lambda content: content[: len(content) // 2]),
    Fault("another kind of file", "file", lambda _: b"ID3\4" + bytes(400)),
    Fault("no file", "file", lambda _: None),
    Fault("words changed since", "words", as_it_is, text="Words that were said last year."),
    Fault("noise at -48 dB", "noise", noise(-48)),
    Fault("hum at -40 dB", "noise", hum(-40)),
    Fault("twice as fast", "pace", faster(2)),
    Fault("half as fast", "pace", faster(0.5)),
    Fault("the first half missing", "pace", keep(0.5, 1)),
    Fault("50 ms lost in the middle of a word", "cut", hole(0.05)),
    Fault("the second half before the first", "", sound(exchange_halves)),
]
