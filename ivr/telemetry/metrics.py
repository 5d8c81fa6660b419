"""Every metric that a process of the line counts itself. What the database knows is read from it: see `scrape`.

No label ever holds a telephone number, an account or a call: label sets are bounded by the code and the flows. In
processes of one line that share `PROMETHEUS_MULTIPROC_DIR` all are counted together, those of processes that have
ended, too; `shared_folder` makes it.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Literal, ParamSpec

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each of ours, that nothing asks for
log = logging.getLogger("answerline")
Params = ParamSpec("Params")
MEMORY = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it
SHARED = "PROMETHEUS_MULTIPROC_DIR"
REGISTRY = CollectorRegistry()
# A webhook takes about 3 ms, and an answer about a secret its least time; the carrier gives up after 15 s.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Metric:
    """A metric as the documentation tells of it. name: as it is queried."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


def _forget_namesake() -> None:
    """Take away what a dead process of this number holds: a container that starts again gives out the same ones."""
    if folder := os.environ.get(SHARED):
        for file in Path(folder).glob(f"gauge_live*_{os.getpid()}.db"):
            file.unlink(missing_ok=True)


_forget_namesake()  # the library goes on from what is in the file
COUNTED: list[Metric] = []


def _counter(name: str, told: str, *labels: str) -> Counter:
    COUNTED.append(Metric(f"{name}_total", "counter", labels, told))
    return Counter(name, told, labels, registry=REGISTRY)


def _histogram(name: str, told: str, *labels: str) -> Histogram:
    COUNTED.append(Metric(name, "histogram", labels, told))
    return Histogram(name, told, labels, buckets=SECONDS, registry=REGISTRY)


def _gauge(name: str, told: str, *labels: str, together: Literal["livesum", "max"]) -> Gauge:
    """Declare a gauge. together: how those of several processes are put together."""
    COUNTED.append(Metric(name, "gauge", labels, told))
    return Gauge(name, told, labels, multiprocess_mode=together, registry=REGISTRY)


WEBHOOKS = _counter(
    "answerline_webhooks",
    "Webhooks answered. outcome: `answered`; `degraded` (without the database, and written later); "
    "`apologised` (the line failed, the caller was connected to a person); "
    "`failed`; `refused` (malformed); `unsigned`.",
    *("webhook", "flow", "node", "outcome"),
)
WEBHOOK_SECONDS = _histogram(
    "answerline_webhook_seconds",
    "Time to answer a webhook; one about a secret takes at least `SECRET_FLOOR_MS`.",
    "webhook",
)
FALLBACKS = _counter("answerline_fallbacks", "Calls that the carrier sent to `/voice/fallback` since we failed it.")
TWIML_ERRORS = _counter("answerline_twiml_errors", "Errors of ours in TwiML that the carrier told of (12xxx).")
CARRIER_ERRORS = _counter(
    "answerline_carrier_errors", "Errors and warnings that the carrier's Debugger told of.", "level"
)
PROMPT_MISSES = _counter(
    "answerline_prompt_misses",
    "Sentences spoken by `<Say>` since a clip of theirs is missing; with `PROMPT_MODE=say` nothing is counted.",
)
PIN_TRIES = _counter("answerline_pin_tries", "Tries at a PIN. outcome: `correct`, `wrong`, `spent`.", "outcome")
DATABASE_SECONDS = _histogram("answerline_database_seconds", "Time for which a transaction had a connection.")
DATABASE_ERRORS = _counter(
    "answerline_database_errors", "Errors of the database, by SQLAlchemy's name of them.", "kind"
)
IN_FLIGHT = _gauge(
    "answerline_webhooks_in_flight",
    "Webhooks being answered this moment, all processes together.",
    together="livesum",
)
CONNECTIONS = _gauge(
    "answerline_database_connections_in_use",
    "Connections to the database in use, all processes together.",
    together="livesum",
)
DATABASE_OPEN = _gauge(
    "answerline_degraded",
    "Processes that answer callers without the database at the moment.",
    together="livesum",
)
SPOOL_FAILURES = _counter(
    "answerline_spool_failures", "Turns and other records that could be written neither to the database nor to disk."
)
HELPER_TURNED = _gauge(
    "answerline_helper_last_turn_timestamp_seconds",
    "When a process beside the webhooks last went round: `time()` less this is its silence.",
    "helper",
    together="max",
)
HELPER_FAILURES = _counter("answerline_helper_failures", "Rounds of such a process that have failed.", "helper")


def harmless(count: Callable[Params, None]) -> Callable[Params, None]:
    """Let counting fail without harm to what is counted: it writes to files, and a caller is waiting."""

    @wraps(count)
    def counts(*args: Params.args, **kwargs: Params.kwargs) -> None:
        try:
            count(*args, **kwargs)
        except Exception:
            log.exception("metrics: not counted")

    return counts


def shared_folder(instance_dir: Path, port: int) -> Path:
    """Make an empty folder in which the processes of one line count together, and name it to those started from here.

    Empty, since counts of processes long gone would be added to for ever. In memory where the system has a place for
    that: these files are written by mapping them, and a full disk would kill whoever does. To be called before these
    processes load this module: the library looks at the variable as it is imported.
    """
    folder = instance_dir / f"metrics-{port}"
    free_memory(folder)
    shutil.rmtree(folder, ignore_errors=True)
    instance_dir.mkdir(parents=True, exist_ok=True)  # a node whose settings are all given has kept nothing in it yet
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        folder.symlink_to(tempfile.mkdtemp(prefix="answerline-metrics-", dir=MEMORY))
    else:
        folder.mkdir(mode=0o700)
    os.environ[SHARED] = str(folder)
    return folder


def free_memory(folder: Path) -> None:
    """Remove what `shared_folder` made, as far as it is in memory."""
    if folder.is_symlink():
        shutil.rmtree(folder.readlink(), ignore_errors=True)
        folder.unlink()
