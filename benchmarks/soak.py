"""`make soak`: half of what the line can do, for MINUTES=30. Is memory flat, is anything wrong, does it get slower?

What it can do is found first, by callers as fast as they are answered. ON: sqlite (default) or postgresql. Exit code 1
where memory grows, an answer is wrong, or descriptors are lost.
"""

import os
import sys
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from math import sqrt
from pathlib import Path
from statistics import fmean, linear_regression, pstdev

from webhook_calls import recorded
from webhook_load import Load, Outcome, call_up
from webhook_servers import Server
from webhooks import AT_ONCE, PORT, Bench, postgresql, tell

MINUTES = float(os.environ.get("MINUTES", "30"))
SHARE, SATURATION_S, SAMPLE_S, MINUTE_S = 0.5, 10.0, 2.0, 60.0
WARM_UP = 0.5  # of the time: each of a worker's sixteen connections keeps 2 MB of SQLite's pages, and fills them slowly
BLOCKS = 20  # samples close to each other are alike, so means of so many blocks are what a line is laid through
DEVIATIONS = 2.0
TOLERATED = 0.02  # growth within the run that nobody would call a leak, as a share of all memory
MB = 1 << 20


@dataclass
class Watch:
    """Samples of a server's processes: resident memory in MB, and open descriptors, by process and second."""

    server: Server
    seconds: list[float] = field(default_factory=list[float])
    memory_mb: list[dict[int, float]] = field(default_factory=list[dict[int, float]])
    descriptors: list[int] = field(default_factory=list[int])

    def sample(self, at_s: float) -> None:
        """Look at all of them."""
        pages = {pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.server.pids}
        self.seconds.append(at_s)
        self.memory_mb.append({pid: each * os.sysconf("SC_PAGE_SIZE") / MB for pid, each in pages.items()})
        self.descriptors.append(sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pages))

    def go_on(self, over: threading.Event) -> None:
        """Sample until it is over."""
        for number in count():
            self.sample(number * SAMPLE_S)
            if over.wait(SAMPLE_S):
                return

    def settled(self) -> int:
        """Return the index of the first sample after the warm-up."""
        return int(len(self.seconds) * WARM_UP)

    def slope(self) -> tuple[float, float]:
        """Return by how much all memory grows, in MB an hour, and the standard error of that."""
        first = self.settled()
        size = max(1, (len(self.seconds) - first) // BLOCKS)
        starts = range(first, len(self.seconds) - size + 1, size)
        hours = [fmean(self.seconds[at : at + size]) / 3600 for at in starts]
        totals = [fmean(sum(each.values()) for each in self.memory_mb[at : at + size]) for at in starts]
        line = linear_regression(hours, totals)
        left = [total - line.intercept - line.slope * hour for hour, total in zip(hours, totals, strict=True)]
        error = sqrt(sum(each**2 for each in left) / (len(hours) - 2)) / (pstdev(hours) * sqrt(len(hours)))
        return line.slope, error


def minute(bench: Bench, watch: Watch, number: int, rate: float, run: int) -> Outcome:
    """Call for a minute, and print how it was."""
    outcome = call_up(bench.recordings, Load(PORT, min(MINUTES, 1) * MINUTE_S, rate, AT_ONCE, run))
    times = "  ".join(f"{outcome.percentile_ms(percent):8.1f}" for percent in (50, 95, 99))
    memory = " ".join(f"{each:7.1f}" for each in watch.memory_mb[-1].values())
    tell(f"  {number:6}  {outcome.rate:8.0f}  {outcome.wrong:5}  {times}  {watch.descriptors[-1]:11}  {memory}")
    return outcome


def soak(bench: Bench, url: str) -> bool:
    """Find the capacity, keep half of it up, and say whether all was well."""
    runs = count(1)
    with bench.server("line", url) as server:
        full = call_up(bench.recordings, Load(PORT, SATURATION_S, 0.0, AT_ONCE, next(runs)))
        rate = full.rate * SHARE
        tell(f"{full.rate:.0f} webhooks a second at most, {full.wrong} wrong; {rate:.0f} for {MINUTES:g} minutes")
        tell(f"  minute  a second  wrong       p50       p95       p99  descriptors  MB: {len(server.pids)} processes")
        watch, over = Watch(server), threading.Event()
        watching = threading.Thread(target=watch.go_on, args=(over,))
        watching.start()
        try:
            outcomes = [minute(bench, watch, each + 1, rate, next(runs)) for each in range(max(1, round(MINUTES)))]
        finally:
            over.set()
            watching.join()
        return verdict(watch, full.wrong + sum(outcome.wrong for outcome in outcomes))


def verdict(watch: Watch, wrong: int) -> bool:
    """Print what it comes to; return whether memory and descriptors stay, and nothing was wrong."""
    slope, error = watch.slope()
    first = watch.settled()
    hours = (watch.seconds[-1] - watch.seconds[first]) / 3600
    grown, memory = (slope - DEVIATIONS * error) * hours, sum(watch.memory_mb[-1].values())
    flat = grown < TOLERATED * memory
    lost = min(watch.descriptors[len(watch.descriptors) * 3 // 4 :]) > max(watch.descriptors[first : first + 10]) + 5
    stay = all(one.keys() == watch.memory_mb[0].keys() for one in watch.memory_mb)
    tell(
        f"memory {'is flat' if flat else 'GROWS'}: {slope * hours:+.1f} MB in {60 * hours:.0f} minutes, of {memory:.0f}"
        f" ({slope:+.1f} an hour, standard error {error:.1f}; up to {TOLERATED:.0%} in a run is flat)"
    )
    tell(f"descriptors {'ARE LOST' if lost else 'stay'}; {'none died' if stay else 'A PROCESS DIED'}; {wrong} wrong")
    return flat and stay and not lost and not wrong


def main() -> int:
    """Soak, and return the exit code."""
    os.environ.setdefault("LOG_LEVEL", "warning")  # or what is printed here would drown in a line for each webhook
    with ExitStack() as stack:
        bench = Bench(recorded(), Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="answerline-soak-"))))
        on = os.environ.get("ON", "sqlite")
        url = stack.enter_context(postgresql(bench.folder)) if on == "postgresql" else ""
        return 0 if soak(bench, url) else 1


if __name__ == "__main__":
    sys.exit(main())
