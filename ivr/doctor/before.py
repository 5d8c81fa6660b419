"""What can be looked at whether the line starts or not: where its settings come from."""

import re
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from ivr.config import Settings
from ivr.doctor.findings import Finding, Findings, broken, warning
from ivr.doctor.patient import Surroundings
from ivr.setting_rules import SettingsError

KNOWN = frozenset(f.name.upper() for f in fields(Settings))
# Names that others read, close as they are to ours.
OTHERS = frozenset({"TWILIO_EDGE", "TWILIO_REGION", "HOSTNAME", "HOSTTYPE"})
ALIKE = 0.8
_NAMED = re.compile(r"[A-Z][A-Z_]+(?==|\b)")
_IN_FILE = re.compile(r"(?P<path>\S+\.toml)(?:, line \d+)?: ")


def names(around: Surroundings) -> Findings:
    """Settings that nobody reads, since their names are misspelled."""
    written = _written(around.dotenv)
    for name in sorted((written | around.environ.keys()) - KNOWN - OTHERS):
        meant = get_close_matches(name.upper(), KNOWN, 1, ALIKE)
        if meant and meant[0] not in around.environ:
            where = around.dotenv.name if name in written else "the environment"
            yield broken(
                "settings.unknown", f"{name} in {where} is no setting, and is not read", f"rename it to {meant[0]}"
            )


def env_file(around: Surroundings) -> Findings:
    """Secrets in a settings file that others can read."""
    try:
        mode = around.dotenv.stat().st_mode
    except OSError:
        return
    if mode & 0o077:
        yield warning(
            "settings.file", f"{around.dotenv} can be read by other users of this machine", f"chmod 600 {around.dotenv}"
        )


def refusal(error: SettingsError, around: Surroundings) -> Iterator[Finding]:
    """Why the line does not start, one finding for each thing that it cannot accept."""
    for problem in str(error).split("; "):
        if in_file := _IN_FILE.match(problem):
            path = in_file["path"]
            yield broken("departments.file", problem, f"correct {path}; `flask line hours` shows what it comes to")
        elif missing := re.search(r"so this is production: set (.*) as well", problem):
            yield broken("settings.production", problem, f"set {missing[1]} in {_place(around, '')}")
        else:
            name = (_NAMED.match(problem) or [""])[0]
            known = name if name in KNOWN else "the setting"
            yield broken("settings.value", problem, f"correct {known} in {_place(around, name)} (docs/settings.md)")


def _place(around: Surroundings, name: str) -> str:
    return "the environment" if name in around.environ else str(around.dotenv)


def _written(dotenv: Path) -> set[str]:
    return set(dotenv_values(dotenv)) if dotenv.is_file() else set()
