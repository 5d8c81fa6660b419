"""`make mutation`: break the core's code in every small way, one at a time, and count what its quick tests notice.

What is broken, and which tests are asked, is in `pyproject.toml` under `tool.mutmut`. Afterwards `mutmut browse` and
`mutmut show` tell more. A mutant that runs into its time limit has been noticed, too, and is listed apart.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE)]
os.chdir(ROOT)  # where mutmut looks for its settings

from mutmut.utils.file_utils import walk_mutatable_files  # noqa: E402 it reads them
from survivors import Mutant, accepted, names, tested  # noqa: E402 the path comes first

NEEDED = 0.9
LOG = ROOT / "build" / "mutation.log"
ROW = "{:34}{:>8}{:>8}{:>10}{:>11}{:>9}\n"
HEADINGS = ("file", "mutants", "killed", "survived", "timed out", "share")


def run(mutants: list[str], children: int) -> None:
    """Have mutmut test these, by name or by glob."""
    LOG.parent.mkdir(exist_ok=True)
    # Starting pytest is most of what a mutant costs: plugins that no quick test needs are left out.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(children), *mutants]
    with LOG.open("w") as log:
        shown = None if sys.stdout.isatty() else log
        done = subprocess.run(command, env=environment, stdout=shown, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"mutmut could not run (see {LOG.relative_to(ROOT)}): do the tests pass on the code as it is?")


def row(what: str, mutants: Iterable[Mutant]) -> float:
    """Print what came of some mutants, and return the share that was noticed."""
    states = [mutant.state for mutant in mutants]
    killed, late = states.count("killed"), states.count("timeout")
    share = (killed + late) / len(states)
    sys.stdout.write(ROW.format(what, len(states), killed, len(states) - killed - late, late, f"{share:.1%}"))
    return share


def lists(mutants: list[Mutant], *, whole: bool) -> None:
    """Name survivors that nobody has looked at, and entries of the list that have become wrong."""
    reasons, functions = accepted(), {mutant.function for mutant in mutants}
    alive = {mutant.change(): mutant for mutant in mutants if mutant.survived}
    for change in sorted(alive.keys() - reasons):
        sys.stdout.write(f"survived: {change}  ({alive[change].name})\n")
    for change in sorted(reasons - alive.keys()):
        if whole and change.partition(":")[0] in functions:
            sys.stdout.write(f"stale, no such survivor any more: {change}\n")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="*", help="break only these files, by a glob")
    asked.add_argument("--sample", type=int, default=0, help="break so many places instead of all")
    asked.add_argument("--seed", type=int, default=20270301, help="which ones")
    asked.add_argument("--children", type=int, default=os.cpu_count() or 1, help="processes at once")
    given = asked.parse_args()
    files = sorted(path for path in walk_mutatable_files() if fnmatch(str(path), given.only))
    if not files:
        sys.exit(f"{given.only} is none of the files in pyproject.toml, tool.mutmut, only_mutate")
    every = [name for path in files for name in names(path)]
    if given.sample:
        chosen = random.Random(given.seed).sample(every, min(given.sample, len(every)))
    else:
        chosen = [] if given.only == "*" else sorted({f"{name.rpartition('.')[0]}.*" for name in every})
    shutil.rmtree("mutants", ignore_errors=True)  # a verdict is worth what today's tests say
    run(chosen, given.children)
    if late := [mutant.name for path in files for mutant in tested(path) if mutant.state == "timeout"]:
        run(late, 1)  # in peace: the limit is by the clock on the wall, and the machine may have been busy
    by_file = {path: [mutant for mutant in tested(path) if mutant.state != "not checked"] for path in files}
    sys.stdout.write("\n" + ROW.format(*HEADINGS))
    shares = [row(str(path), mutants) for path, mutants in by_file.items() if mutants]
    everything = [mutant for mutants in by_file.values() for mutant in mutants]
    total = row("all of them", everything)
    lists(everything, whole=not given.sample)
    return min([total] if given.sample else shares) < NEEDED


if __name__ == "__main__":
    sys.exit(main())
