"""What a check comes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """BROKEN: callers, or staff, are not served as they should be. WARNING: they are, so far."""

    BROKEN = "broken"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong. name: `area.fault`, for programs. what: in one line. mend: a command, or a change."""

    name: str
    severity: Severity
    what: str
    mend: str


@dataclass(frozen=True)
class Skipped:
    """A check that could not be made, and why."""

    check: str
    why: str


@dataclass(frozen=True)
class Report:
    """All that was found, what is broken first. notes: what is good to know, each in one line."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    checks: int
    notes: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether something must be mended."""
        return any(finding.severity is Severity.BROKEN for finding in self.findings)


Findings = Iterator[Finding]


class SkipError(Exception):
    """A check cannot be made; the message says why."""


def broken(name: str, what: str, mend: str) -> Finding:
    """Find something that keeps callers or staff from being served."""
    return Finding(name, Severity.BROKEN, _one_line(what), _one_line(mend))


def warning(name: str, what: str, mend: str) -> Finding:
    """Find something that will."""
    return Finding(name, Severity.WARNING, _one_line(what), _one_line(mend))


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))
