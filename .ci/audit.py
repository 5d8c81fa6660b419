"""What the line is made of: known vulnerabilities, licences, and secrets left in the tree.

`make audit` runs it, and `make check` that. It stops with exit code 1 and a line for each thing that must not be.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

BIN, ROOT = Path(sys.executable).parent, Path(__file__).parents[1]
RUN = ROOT / "deploy/locked/run.txt"
BASELINE = ".secrets.baseline"
# Where a licence asks for source or for notices of its own, the package is named: somebody has read what it asks.
ALLOWED = ("MIT", "BSD", "Apache", "PSF", "Python Software Foundation", "ISC", "Zlib")
READ = {
    "certifi": "MPL 2.0: a list of authorities, unchanged",
    "psycopg": "LGPL 3: a library used as one, unchanged",
    "psycopg-binary": "LGPL 3: the same",
    "recurring-ical-events": "LGPL 3: a library used as one, unchanged",
    "x-wr-timezone": "LGPL 3: what the one before needs",
}


def main() -> int:
    """Say what was found, and return the exit code."""
    wrong = [*_vulnerable(), *_licences(), *_secrets()]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _vulnerable() -> list[str]:
    done = _run("pip-audit", "--requirement", RUN, "--require-hashes", "--disable-pip", "--format", "json")
    if not done.stdout:
        print(f"vulnerabilities: skipped, the advisory service cannot be reached: {_last(done.stderr)}")
        return []
    packages = json.loads(done.stdout)["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    skipped = len(packages) - len(asked)
    print(
        f"vulnerabilities: {len(asked)} packages asked about" + f", {skipped} skipped, not known there" * bool(skipped)
    )
    return [
        f"{package['name']} {package['version']}: {_said(found)}" for package in asked for found in package["vulns"]
    ]


def _said(found: dict[str, Any]) -> str:
    return f"{found['id']}, mended in {', '.join(found['fix_versions']) or 'no release yet'}"


def _licences() -> list[str]:
    names = [line.partition("==")[0] for line in RUN.read_text().splitlines() if line[:1].isalnum()]
    done = _run("pip-licenses", "--from=mixed", "--format=json", "--packages", *names)
    licences = {package["Name"].lower(): package["License"] for package in json.loads(done.stdout)}
    kinds = Counter(next((kind for kind in ALLOWED if kind in licence), licence) for licence in licences.values())
    print("licences: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    return [
        f"{name} is under {licence!r}: may the line import it? Say why in {Path(__file__).name}, or use another"
        for name, licence in licences.items()
        if name not in READ and ("GPL" in licence or not any(kind in licence for kind in ALLOWED))
    ]


def _secrets() -> list[str]:
    tree = _run("git", "ls-files", "-z").stdout.split("\0")
    texts = [name for name in tree if name and not name.startswith(("deploy/locked/", "docs/pictures/", BASELINE))]
    done = _run("detect-secrets-hook", "--no-verify", "--cores", "2", "--baseline", BASELINE, *texts)
    known = sum(map(len, json.loads((ROOT / BASELINE).read_text())["results"].values()))
    print(f"secrets: {len(texts)} files searched, {known} invented ones known")
    only_moved = 3  # known ones stand in other lines now, and the baseline has been told
    return [] if done.returncode in (0, only_moved) else done.stdout.splitlines()


def _run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    own = BIN / program
    command = [str(own) if own.exists() else program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def _last(text: str) -> str:
    return text.strip().rpartition("\n")[2]


if __name__ == "__main__":
    sys.exit(main())
