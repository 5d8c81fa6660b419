"""`make mutants`: break fifty edges one at a time, run the fast tests on each, and print how many are caught."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]

from breakages import HOW_MANY, chosen  # noqa: E402 the path comes first

from ivr import flows  # noqa: E402 the same

NEEDED = 48
TESTS = ("tests/test_house_rules.py", "tests/calls")


def caught(number: int | None) -> bool:
    """Run the tests on a breakage, or (None) on the flows as they are."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "breakages", "-p", "no:randomly", *TESTS]
    environment = os.environ | {"PYTHONPATH": f"{HERE}:{ROOT}"}
    if number is not None:
        environment["ANSWERLINE_MUTANT"] = str(number)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stdout + done.stderr)
    return done.returncode == 1


def main() -> int:
    breakages = chosen(flows.line())
    if caught(None):
        sys.exit("the tests fail on the flows as they are")
    found = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for breakage, was_caught in zip(breakages, pool.map(caught, range(HOW_MANY)), strict=True):
            found += was_caught
            sys.stdout.write(f"{'caught' if was_caught else 'NOT CAUGHT'}: {breakage.what}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{found}/{HOW_MANY} broken edges caught (at least {NEEDED} are demanded)\n")
    return found < NEEDED


if __name__ == "__main__":
    sys.exit(main())
