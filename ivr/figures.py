"""The arithmetic of figures: shares with their intervals, comparisons, percentiles. No SQL, no time, no words."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt

Z95 = 1.959963984540054  # of the normal distribution: 95 % lie within so many standard deviations


@dataclass(frozen=True)
class Share:
    """So many of so many. part: numerator. whole: denominator, which is the size of the sample."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, 0 to 1: it holds for small samples and for shares near 0 and 1, too.

        Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
        """
        if not self.whole:
            return None
        n, p = self.whole, self.part / self.whole
        middle = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 / (1 + Z95**2 / n) * sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2))
        # At the ends the bound is the share itself, but for rounding.
        low = 0.0 if self.part == 0 else middle - half
        return low, 1.0 if self.part == n else middle + half


@dataclass(frozen=True)
class Change:
    """What became of a figure since the period before. by: the difference. apart: the intervals do not overlap."""

    by: float
    apart: bool | None = None

    @property
    def direction(self) -> str:
        """`up`, `down` or `same`."""
        return "up" if self.by > 0 else "down" if self.by < 0 else "same"


def change(now: Share, before: Share) -> Change | None:
    """Compare two shares; None where one of them is a share of nothing."""
    if now.interval is None or before.interval is None or now.value is None or before.value is None:
        return None
    (low, high), (low_before, high_before) = now.interval, before.interval
    return Change(now.value - before.value, apart=high < low_before or high_before < low)


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """Return the smallest value that at least this share of all are not above (nearest rank); None of nothing.

    counts: how often each value occurs.
    """
    total = sum(counts.values())
    rank, seen = max(1, ceil(share * total - 1e-9)), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    return None
