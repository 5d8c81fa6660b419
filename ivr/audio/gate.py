"""The audio gate: what a clip must be before callers hear it. Every limit stands here; docs/audio.md says why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from ivr.audio import mulaw
from ivr.audio.hold_gate import wrong_music
from ivr.audio.measure import Measured, measure
from ivr.audio.store import Built, ClipStore
from ivr.audio.syllables import count_syllables
from ivr.audio.wav import MULAW, BadWavError, Wav, parse
from ivr.clip import Clip

RATE_HZ = 8000
LOUDNESS, LOUDNESS_OFF, LOUDNESS_SPREAD = -20.0, 1.0, 2.0  # LUFS, LU, LU
PEAK_DB = -3.0
FLAT = 0.004  # share of samples in flat tops
GAP_S = 1.5
MARGIN_S = 0.1  # a soft first or last sound may count as silence; a fade reaches into it
FLOOR_DB = -60.0
OFFSET = 0.005
SILENT_DB = -45.0
SECONDS_OFF = 0.02


@dataclass(frozen=True)
class Finding:
    """Something is wrong with a clip. text: one sentence with what was measured, and the limit."""

    clip: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.clip}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Examined:
    """What came of looking at clips. measured: by clip id, spoken ones of the right form; music: the others."""

    findings: tuple[Finding, ...]
    measured: Mapping[str, Measured]
    music: Mapping[str, Measured]


def check(clips: Iterable[Clip], store: ClipStore) -> list[Finding]:
    """Return everything that is wrong with these clips, clip by clip."""
    return list(examine(clips, store).findings)


def examine(clips: Iterable[Clip], store: ClipStore) -> Examined:
    """Check these clips, and keep what was measured."""
    findings: list[Finding] = []
    measured: dict[str, Measured] = {}
    music: dict[str, Measured] = {}
    built = store.built()
    for clip in clips:
        try:
            there = _there(clip, built.get(clip.id))
            wav = _whole(clip, store, there)
        except _Found as found:
            findings.append(found.finding)
            continue
        samples = mulaw.decode(wav.data)
        measures = measure(samples, wav.rate_hz)
        (music if clip.music else measured)[clip.id] = measures
        of_its_kind = wrong_music(measures, samples, wav.rate_hz) if clip.music else _wrong_speech(clip, measures)
        findings += (Finding(clip.id, *wrong) for wrong in _wrong(there, measures, of_its_kind))
    return Examined((*findings, *_spread(measured)), measured, music)


class _Found(Exception):  # noqa: N818 not an error of the program
    """Nothing more can be said about this clip."""

    def __init__(self, clip: Clip, rule: str, text: str) -> None:
        super().__init__(text)
        self.finding = Finding(clip.id, rule, text)


def _there(clip: Clip, built: Built | None) -> Built:
    if built is None:
        raise _Found(clip, "missing", "There is no audio for it.")
    if built.text != clip.text:
        raise _Found(clip, "words", f"The audio says {built.text!r}, the prompt {clip.text!r}.")
    return built


def _whole(clip: Clip, store: ClipStore, built: Built) -> Wav:
    """Read the file of a clip, as far as it is what all clips are."""
    try:
        wav = parse((store.folder / built.path).read_bytes())
    except OSError as error:
        raise _Found(clip, "file", f"{built.path} cannot be read: {error.strerror}.") from None
    except BadWavError as error:
        raise _Found(clip, "file", f"{built.path}: {error}.") from None
    if (wav.format, wav.channels, wav.rate_hz, wav.bits) != (MULAW, 1, RATE_HZ, 8):
        form = f"format {wav.format}, {wav.channels} channel(s), {wav.rate_hz} Hz, {wav.bits} bit"
        raise _Found(clip, "format", f"It is {form}; the carrier plays 8 kHz mono μ-law (7, 1, 8000, 8) unchanged.")
    if not wav.data:
        raise _Found(clip, "silent", "It holds no samples.")
    return wav


def _wrong(built: Built, m: Measured, of_its_kind: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if m.loudness < SILENT_DB:
        yield "silent", f"Its loudness is {m.loudness:.1f} LUFS: nothing is to be heard."
        return
    yield from of_its_kind
    if m.flat > FLAT:
        yield "clipped", f"{m.flat:.1%} of its samples stand in flat tops, more than {FLAT:.1%}: it was too loud once."
    if abs(m.offset) > OFFSET:
        yield "offset", f"Its mean is {m.offset:.1%} of full scale, more than {OFFSET:.1%}."
    for at_s in m.breaks_s[:1]:
        yield "cut", f"The sound breaks off at {at_s:.2f} s, as no voice does, nor music."
    if abs(built.seconds - m.seconds) > SECONDS_OFF:
        yield "seconds", f"It lasts {m.seconds:.2f} s; the manifest says {built.seconds:.2f} s."
    for tone in m.tones:
        yield "tone", f"A telephone takes {tone.seconds * 1000:.0f} ms at {tone.at_s:.2f} s for key {tone.key}."


def _wrong_speech(clip: Clip, m: Measured) -> Iterator[tuple[str, str]]:
    yield from _wrong_level(m)
    yield from _wrong_silence(clip, m)
    yield from _wrong_pace(clip, m)


def _wrong_level(m: Measured) -> Iterator[tuple[str, str]]:
    if abs(m.loudness - LOUDNESS) > LOUDNESS_OFF:
        yield "loudness", f"It is {m.loudness:.1f} LUFS, not {LOUDNESS:.0f} ± {LOUDNESS_OFF:.0f}."
    if m.peak_db > PEAK_DB:
        yield "peak", f"Its peak is {m.peak_db:.1f} dBFS, above {PEAK_DB:.0f}."
    if m.floor_db > FLOOR_DB:
        yield (
            "noise",
            f"It is never softer than {m.floor_db:.0f} dBFS; around the words it must fall to {FLOOR_DB:.0f}.",
        )


def _wrong_silence(clip: Clip, m: Measured) -> Iterator[tuple[str, str]]:
    for name, actual, wanted in (("start", m.lead_s, clip.lead_s), ("end", m.tail_s, clip.tail_s)):
        if actual > wanted + MARGIN_S:
            yield name, f"{actual:.2f} s of silence at the {name}, more than {wanted:.2f} + {MARGIN_S}."
        elif actual == 0 or actual < wanted - MARGIN_S:
            yield name, f"{actual:.2f} s of silence at the {name}, not {wanted:.2f}: it may be cut off."
    if m.gap_s > GAP_S:
        yield "gap", f"A silence of {m.gap_s:.2f} s within, longer than {GAP_S}."


def _wrong_pace(clip: Clip, m: Measured) -> Iterator[tuple[str, str]]:
    syllables = count_syllables(clip.text)
    least, most = speech_bounds_s(syllables)
    if syllables and not least <= m.speech_s <= most:
        yield "pace", f"{m.speech_s:.2f} s of speech for {syllables} syllables, not {least:.2f} to {most:.2f}."


def speech_bounds_s(syllables: int) -> tuple[float, float]:
    """Return the least and the most time, in seconds without pauses, in which so many syllables can be spoken well."""
    return max(0.1, 0.15 * syllables - 0.13), 0.26 * syllables + 0.45


def _spread(measured: Mapping[str, Measured]) -> Iterator[Finding]:
    """Callers hear clips side by side: no two may be far apart. The one that is furthest from all is named."""
    by_loudness = sorted((m.loudness, clip) for clip, m in measured.items() if m.loudness >= SILENT_DB)
    if not by_loudness or by_loudness[-1][0] - by_loudness[0][0] <= LOUDNESS_SPREAD:
        return
    middle = median(loudness for loudness, _ in by_loudness)
    (low, softest), (high, loudest) = by_loudness[0], by_loudness[-1]
    odd, other = (loudest, softest) if high - middle > middle - low else (softest, loudest)
    yield Finding(odd, "spread", f"It and {other} are {high - low:.1f} LU apart, more than {LOUDNESS_SPREAD:.0f}.")
