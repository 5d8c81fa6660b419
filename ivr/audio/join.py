"""Clips as a caller hears them: one after another on the line, with nothing in between."""

from collections.abc import Iterable
from pathlib import Path

from ivr.audio import mulaw
from ivr.audio.segments import Samples
from ivr.audio.wav import parse


def join(paths: Iterable[Path]) -> Samples:
    """Return the samples, at 8 kHz, of clips that are played in this order.

    Raises: OSError, BadWavError for a file that cannot be read.
    """
    return mulaw.decode(b"".join(parse(path.read_bytes()).data for path in paths))
