"""The page that Prometheus reads: what processes have counted, and what the database knows this moment."""

import os
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ivr.config import ROOT
from ivr.db.vitals import Vitals
from ivr.service_errors import ServiceError
from ivr.telemetry import metrics
from ivr.telemetry.bounded import Bounded

WITHIN_S, KEPT_S = 2.0, 5.0  # Prometheus gives up after 10 s
_BUILD, _CLIPS, _SPOOL, _RECORDS, _UP, _ANSWER = (
    metrics.Metric(
        "answerline_build_info", "gauge", ("version", "flows"), "1; which version of the line and its flows."
    ),
    metrics.Metric("answerline_clips", "gauge", (), "Clips of prompts that are built."),
    metrics.Metric(
        "answerline_spool_bytes",
        "gauge",
        (),
        "What waits on this machine's disk to be written to the database, in bytes.",
    ),
    metrics.Metric(
        "answerline_spool_records",
        "gauge",
        (),
        "How many records those are: turns, ends of calls, texts that say STOP.",
    ),
    metrics.Metric("answerline_database_up", "gauge", (), "Whether the database answers. What follows needs it."),
    metrics.Metric("answerline_database_answer_seconds", "gauge", (), "How long it took over all of what follows."),
)
_COUNTS: tuple[tuple[metrics.Metric, Callable[[Vitals], float]], ...] = (
    (metrics.Metric("answerline_calls_in_progress", "gauge", (), "Calls in progress."), lambda v: v.calls),
    (metrics.Metric("answerline_pin_locks", "gauge", (), "Accounts whose PIN is closed."), lambda v: v.pin_locks),
    (metrics.Metric("answerline_texts_waiting", "gauge", (), "Texts to be sent."), lambda v: v.texts_waiting),
    (
        metrics.Metric("answerline_texts_oldest_seconds", "gauge", (), "Age of the oldest of those."),
        lambda v: v.texts_oldest_s,
    ),
    (
        metrics.Metric("answerline_texts_dead", "gauge", (), "Texts given up that nobody has seen to."),
        lambda v: v.texts_dead,
    ),
    (
        metrics.Metric("answerline_messages_to_fetch", "gauge", (), "Voice messages that only the carrier has."),
        lambda v: v.messages_to_fetch,
    ),
    (
        metrics.Metric("answerline_messages_oldest_seconds", "gauge", (), "Age of the oldest of those."),
        lambda v: v.messages_oldest_s,
    ),
)
_BY_DEPARTMENT: tuple[tuple[metrics.Metric, Callable[[Vitals, str], float]], ...] = (
    (
        metrics.Metric("answerline_callers_waiting", "gauge", ("department",), "Callers who wait on the line."),
        lambda v, name: v.waiting[name],
    ),
    (
        metrics.Metric(
            "answerline_longest_wait_seconds", "gauge", ("department",), "For how long the first of them has."
        ),
        lambda v, name: v.longest_wait_s[name],
    ),
    (
        metrics.Metric("answerline_callbacks_due", "gauge", ("department",), "Callbacks whose time has come."),
        lambda v, name: v.callbacks_due[name],
    ),
)


def everything() -> list[metrics.Metric]:
    """Every metric of the page, in its order, as the documentation tells of it."""
    looked_up = [metric for metric, _ in _COUNTS] + [metric for metric, _ in _BY_DEPARTMENT]
    return [*metrics.COUNTED, _BUILD, _CLIPS, _SPOOL, _RECORDS, _UP, _ANSWER, *looked_up]


class Page(Collector):
    """Writes the page. look: asks the database. clips: counts them. flows: version. spool: bytes, and records."""

    def __init__(
        self,
        look: Callable[[], Vitals],
        clips: Callable[[], int],
        flows: str,
        spool: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        self._look = Bounded(lambda: _timed(look), WITHIN_S, KEPT_S)
        self._clips, self._flows, self._spool = clips, flows, spool

    def text(self) -> bytes:
        """Write it, in the text format of Prometheus. It comes whether the database is there or not."""
        registry = CollectorRegistry()
        if folder := os.environ.get(metrics.SHARED):
            _forget_the_dead(Path(folder))
            multiprocess.MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        else:
            registry.register(metrics.REGISTRY)
        registry.register(self)
        return generate_latest(registry)

    def describe(self) -> list[Metric]:
        """Return nothing: the registry need not collect to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Tell what is the same for all processes."""
        yield _family(_BUILD, (1.0, line_version(), self._flows))
        yield _family(_CLIPS, (float(self._clips()),))
        size, records = self._spool()
        yield _family(_SPOOL, (float(size),))
        yield _family(_RECORDS, (float(records),))
        try:
            found, took_s = self._look()
        except ServiceError:
            yield _family(_UP, (0.0,))
            return
        yield _family(_UP, (1.0,))
        yield _family(_ANSWER, (took_s,))
        for metric, count in _COUNTS:
            yield _family(metric, (count(found),))
        for metric, count_of in _BY_DEPARTMENT:
            yield _family(metric, *((count_of(found, name), name) for name in found.waiting))


@cache
def line_version() -> str:
    """Say which version of the project this is; '' where its file is not there."""
    with suppress(OSError, ValueError, KeyError):
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
    return ""


def _family(metric: metrics.Metric, *rows: tuple[float, *tuple[str, ...]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for value, *labels in rows:
        family.add_metric(labels, value)
    return family


def _timed(look: Callable[[], Vitals]) -> tuple[Vitals, float]:
    began = time.perf_counter()
    return look(), time.perf_counter() - began


def _forget_the_dead(folder: Path) -> None:
    """Take out of the sums what processes held that were killed: connections, above all."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            multiprocess.mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]
        except (ValueError, OSError):
            continue
