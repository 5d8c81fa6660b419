"""What the sound of waiting must be, composed or recorded: it has no words, but a length, a level and no signals."""

from collections.abc import Iterator

from ivr.audio.measure import Measured
from ivr.audio.segments import Samples
from ivr.audio.signals import find_signals

LEAST_S, MOST_S = 15.0, 55.0  # how far apart callers hear how it stands
LOUDNESS, LOUDNESS_OFF = -24.0, 1.0  # LUFS, LU
PEAK_DB = -6.0
SILENCE_S = 1.0  # who hears nothing for longer thinks that the call is lost


def wrong_music(m: Measured, samples: Samples, rate_hz: int) -> Iterator[tuple[str, str]]:
    """Return what is wrong with it: the rule, and a sentence with what was measured and the limit."""
    if not LEAST_S <= m.seconds <= MOST_S:
        yield "length", f"It lasts {m.seconds:.1f} s, not {LEAST_S:.0f} to {MOST_S:.0f}."
    if abs(m.loudness - LOUDNESS) > LOUDNESS_OFF:
        yield "loudness", f"It is {m.loudness:.1f} LUFS, not {LOUDNESS:.0f} ± {LOUDNESS_OFF:.0f}."
    if m.peak_db > PEAK_DB:
        yield "peak", f"Its peak is {m.peak_db:.1f} dBFS, above {PEAK_DB:.0f}."
    for rule, where, seconds in (("start", "at the start", m.lead_s), ("end", "at the end", m.tail_s)):
        if seconds > SILENCE_S:
            yield rule, f"{seconds:.2f} s of silence {where}, more than {SILENCE_S}."
    if m.gap_s > SILENCE_S:
        yield "gap", f"A silence of {m.gap_s:.2f} s within, longer than {SILENCE_S}."
    for signal in find_signals(samples, rate_hz):
        yield "signal", f"For {signal.seconds:.1f} s at {signal.at_s:.1f} s it sounds like {signal.name}."
