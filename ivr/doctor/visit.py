"""One visit: everything that can be looked at, of a line that has started or of one that does not."""

from dataclasses import replace

from ivr.bootstrap import Answerline
from ivr.doctor.before import refusal
from ivr.doctor.checks import BEFORE, CHECKS
from ivr.doctor.findings import Report, Skipped
from ivr.doctor.notes import notes
from ivr.doctor.patient import Patient, Surroundings
from ivr.doctor.round import examine, name_of
from ivr.setting_rules import SettingsError


def visit(line: Answerline, around: Surroundings | None = None) -> Report:
    """Examine a line."""
    around = around or Surroundings()
    before, report = examine(BEFORE, around), examine(CHECKS, Patient(line, around))
    return replace(_both(before, report), notes=notes(line))


def visit_without_line(error: SettingsError, around: Surroundings | None = None) -> Report:
    """Examine what there is where the line does not start, and say why it does not."""
    around = around or Surroundings()
    why = "the line does not start: its settings come first"
    skipped = tuple(Skipped(name_of(check), why) for check in CHECKS)
    return _both(examine(BEFORE, around), Report(tuple(refusal(error, around)), skipped, len(CHECKS)))


def _both(one: Report, other: Report) -> Report:
    findings = sorted((*one.findings, *other.findings), key=lambda finding: (finding.severity, finding.name))
    return replace(
        other, findings=tuple(findings), skipped=one.skipped + other.skipped, checks=one.checks + other.checks
    )
