"""Sounds of known length and level, and clips as a carrier plays them."""

import json
import subprocess
import wave

import numpy as np

from ivr.audio import mulaw
from ivr.audio.segments import ffmpeg


class Sound:
    """Makes samples between -1 and 1."""

    def tone(self, hz, seconds, rate_hz=8000, amplitude=0.3):
        return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)

    def silence(self, seconds, rate_hz=8000):
        return np.zeros(round(seconds * rate_hz))

    def noise(self, seconds, rate_hz=8000, amplitude=0.001, seed=1):
        return amplitude * np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))

    def speech(self, seconds, rate_hz=22_050, amplitude=0.3, hz=120, seed=7):
        """Something like a voice: harmonics of a pitch, in syllables of unequal strength."""
        t = np.arange(round(seconds * rate_hz)) / rate_hz
        voiced = sum(np.sin(2 * np.pi * hz * k * t + k) / k for k in range(1, 25))
        strength = np.random.default_rng(seed).uniform(0.5, 1.0, int(seconds * 4) + 2)
        syllables = strength[(t * 4).astype(int)] * (0.35 + 0.65 * np.abs(np.sin(np.pi * 4 * t)))
        shaped = voiced * syllables
        return amplitude * shaped / np.abs(shaped).max()

    def spoken(self, seconds, rate_hz=22_050, amplitude=0.3):
        """Speech as somebody records it: it swells, dies away, and there is quiet around it."""
        voiced, fade = self.speech(seconds, rate_hz, amplitude), np.linspace(0, 1, round(0.15 * rate_hz))
        voiced[: len(fade)] *= fade
        voiced[-len(fade) :] *= fade[::-1]
        return self.joined(self.silence(0.4, rate_hz), voiced, self.silence(0.4, rate_hz))

    def joined(self, *parts):
        return np.concatenate(parts)

    def save(self, path, samples, rate_hz=22_050, width=2, channels=1):
        """Write a PCM WAV file."""
        whole = np.round(np.clip(samples, -1, 1) * (2 ** (8 * width - 1) - 1)).astype("<i4")
        frames = np.repeat(whole, channels).view(np.uint8).reshape(-1, 4)[:, :width]
        with wave.open(str(path), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(width)
            file.setframerate(rate_hz)
            file.writeframes(frames.tobytes())
        return path

    def mp3(self, path, wav):
        subprocess.run([ffmpeg(), "-v", "error", "-y", "-i", wav, "-f", "mp3", path], check=True)
        return path


class Played:
    """A clip's file, read the way a carrier would: by its header."""

    def __init__(self, wav):
        self.wav = wav
        self.kind, self.channels, self.rate_hz = (
            int.from_bytes(wav[20:22], "little"),
            int.from_bytes(wav[22:24], "little"),
            int.from_bytes(wav[24:28], "little"),
        )
        at = wav.index(b"data")
        size = int.from_bytes(wav[at + 4 : at + 8], "little")
        self.samples = mulaw.decode(wav[at + 8 : at + 8 + size])

    @property
    def edges_s(self):
        """Silence before and after, in seconds: what is more than 40 dB below the loudest sample."""
        heard = np.flatnonzero(np.abs(self.samples) > np.abs(self.samples).max() / 100)
        return heard[0] / self.rate_hz, (len(self.samples) - 1 - heard[-1]) / self.rate_hz


def play(sources, clip):
    built = sources.store.find(clip)
    return Played((sources.store.folder / built.path).read_bytes())


def manifest(sources):
    return json.loads((sources.store.folder / "manifest.json").read_text())["clips"]
