"""What came of each mutant, and which survivors are accepted, in `accepted.toml`, with reasons.

A mutant is named there by its function and its change, not by mutmut's number, its class or its file: a number changes
with every line above it, and functions move house.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import get_mutant_name, orig_function_and_class_names_from_key

ACCEPTED = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Mutant:
    """One change of one function. name: mutmut's. state: what came of it, in mutmut's words."""

    name: str
    path: Path
    state: str

    @property
    def survived(self) -> bool:
        """Whether no test has noticed; one that no test calls survives, too."""
        return self.state not in {"killed", "timeout"}

    @property
    def function(self) -> str:
        """Name of what was changed; its class is left out, as its file is."""
        return orig_function_and_class_names_from_key(self.name)[0]

    def change(self) -> str:
        """Write down the change: `hold: as it was -> as it became`."""
        lines = get_diff_for_mutant(self.name, path=self.path).splitlines()[2:]
        was, became = (" / ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
        return f"{self.function}: {was} -> {became}"


def names(path: Path) -> list[str]:
    """List the mutants that a file has, without making them."""
    return [get_mutant_name(path, made) for made in mutate_file_contents(str(path), path.read_text()).mutant_names]


def tested(path: Path) -> Iterator[Mutant]:
    """Read what came of a file's mutants."""
    data = SourceFileMutationData(path=path)
    data.load()
    for name, code in data.exit_code_by_key.items():
        yield Mutant(name, path, status_by_exit_code[code])


def accepted() -> set[str]:
    """Read the changes that may survive."""
    return {
        change for because in tomllib.loads(ACCEPTED.read_text()).get("because", []) for change in because["survives"]
    }
