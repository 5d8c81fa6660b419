"""Every metric that a process of the line counts itself. What the database knows is read from it: see `scrape`.

No label ever holds a telephone number, an account or a call: label sets are bounded by the code and the flows. In
processes of one line that share `PROMETHEUS_MULTIPROC_DIR` all are counted together, those of processes that have
ended, too; `shared_folder` makes it.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # a series more for each of ours, that nothing asks for
SHARED = "PROMETHEUS_MULTIPROC_DIR"
REGISTRY = CollectorRegistry()
# A webhook takes about 3 ms, and an answer about a secret its least time; the carrier gives up after 15 s.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

WEBHOOKS = Counter(
    "answerline_webhooks",
    "Webhooks answered. outcome: `answered`; `apologised` (the line failed, the caller was connected to a person); "
    "`failed`; `refused` (malformed); `unsigned`.",
    ["webhook", "flow", "node", "outcome"],
    registry=REGISTRY,
)
WEBHOOK_SECONDS = Histogram(
    "answerline_webhook_seconds",
    "Time to answer a webhook; one about a secret takes at least `SECRET_FLOOR_MS`.",
    ["webhook"],
    buckets=SECONDS,
    registry=REGISTRY,
)
FALLBACKS = Counter(
    "answerline_fallbacks", "Calls that the carrier sent to `/voice/fallback` since we failed it.", registry=REGISTRY
)
TWIML_ERRORS = Counter(
    "answerline_twiml_errors", "Errors of ours in TwiML that the carrier told of (12xxx).", registry=REGISTRY
)
CARRIER_ERRORS = Counter(
    "answerline_carrier_errors",
    "Errors and warnings that the carrier's Debugger told of.",
    ["level"],
    registry=REGISTRY,
)
PROMPT_MISSES = Counter(
    "answerline_prompt_misses",
    "Sentences spoken by `<Say>` since a clip of theirs is missing; with `PROMPT_MODE=say` nothing is counted.",
    registry=REGISTRY,
)
PIN_TRIES = Counter(
    "answerline_pin_tries", "Tries at a PIN. outcome: `correct`, `wrong`, `spent`.", ["outcome"], registry=REGISTRY
)
DATABASE_SECONDS = Histogram(
    "answerline_database_seconds",
    "Time for which a transaction had a connection.",
    buckets=SECONDS,
    registry=REGISTRY,
)
DATABASE_ERRORS = Counter(
    "answerline_database_errors", "Errors of the database, by SQLAlchemy's name of them.", ["kind"], registry=REGISTRY
)
CONNECTIONS = Gauge(
    "answerline_database_connections_in_use",
    "Connections to the database in use, all processes together.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
HELPER_TURNED = Gauge(
    "answerline_helper_last_turn_timestamp_seconds",
    "When a process beside the webhooks last went round: `time()` less this is its silence.",
    ["helper"],
    multiprocess_mode="max",
    registry=REGISTRY,
)
HELPER_FAILURES = Counter(
    "answerline_helper_failures", "Rounds of such a process that have failed.", ["helper"], registry=REGISTRY
)


@dataclass(frozen=True)
class Metric:
    """A metric as the documentation tells of it. name: as it is queried."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


def counted() -> list[Metric]:
    """Every metric of this module."""
    of = (
        WEBHOOKS,
        WEBHOOK_SECONDS,
        FALLBACKS,
        TWIML_ERRORS,
        CARRIER_ERRORS,
        PROMPT_MISSES,
        PIN_TRIES,
        DATABASE_SECONDS,
        DATABASE_ERRORS,
        CONNECTIONS,
        HELPER_TURNED,
        HELPER_FAILURES,
    )
    return [
        Metric(
            metric._name + ("_total" if metric._type == "counter" else ""),  # noqa: SLF001 it has no other way to ask
            metric._type,  # noqa: SLF001
            tuple(metric._labelnames),  # noqa: SLF001
            metric._documentation,  # noqa: SLF001
        )
        for metric in of
    ]


def shared_folder(instance_dir: Path, port: int) -> Path:
    """Empty the folder in which the processes of one line count together, and name it to those started from here.

    Emptied, since counts of processes long gone would be added to for ever. To be called before these processes load
    this module: the library looks at the variable as it is imported.
    """
    folder = instance_dir / f"metrics-{port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[SHARED] = str(folder)
    return folder
