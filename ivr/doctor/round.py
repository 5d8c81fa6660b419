"""All checks side by side, each with its time, so that the slowest is all that is waited for."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ivr.doctor.findings import Finding, Findings, Report, Severity, SkipError, Skipped, warning
from ivr.service_errors import ServiceError

LIMIT_S = 5.0
T = TypeVar("T")
Check = Callable[[T], Findings]


class _Run:
    """One check, in a thread that nobody waits for longer than the limit."""

    def __init__(self, check: Callable[[], Findings], name: str) -> None:
        self.name = name
        self.found: list[Finding] = []
        self.skipped = ""
        self._check = check
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wait(self, until: float) -> None:
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            self.skipped = f"not done within {LIMIT_S:.0f} s"

    def _run(self) -> None:
        found: list[Finding] = []
        try:
            found += self._check()
        except (SkipError, ServiceError) as error:
            self.skipped = str(error)
        except Exception as error:  # noqa: BLE001 one check that fails must not stop the others
            kind = f"{type(error).__name__}: {error}"
            found.append(warning("doctor.check", f"the check {self.name} has failed: {kind}"[:200], "please report it"))
        self.found = found


def examine(checks: Sequence[Check[T]], patient: T) -> Report:
    """Run checks and return what they found."""
    until = time.monotonic() + LIMIT_S
    runs = [_Run(_bound(check, patient), name_of(check)) for check in checks]
    for run in runs:
        run.wait(until)
    findings = [finding for run in runs for finding in list(run.found)]
    skipped = tuple(Skipped(run.name, run.skipped) for run in runs if run.skipped)
    return Report(tuple(sorted(findings, key=_order)), skipped, len(runs))


def name_of(check: Callable[..., object]) -> str:
    """Return the name of a check: its area, and its function."""
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"


def _bound(check: Check[T], patient: T) -> Callable[[], Findings]:
    return lambda: check(patient)


def _order(finding: Finding) -> tuple[bool, str]:
    return finding.severity is not Severity.BROKEN, finding.name
