"""A disk whose power fails: what strace has seen a process write and flush is played back up to a cut.

What was flushed (fsync, fdatasync) is there. Of what was not, nothing may have come to the disk, or all of it, or any
sectors of it, in any order: a sector of 512 bytes is whole or not there.
"""

import random
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
STRACE = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate", "-o"]
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(\d+<([^>]*)>(?:, (.*?))?\) += +(\d+)")


@dataclass(frozen=True)
class Step:
    """What a process asked of a file. kind: write, flush or cut (to a length)."""

    kind: str
    name: str
    at: int = 0
    data: bytes = b""


@dataclass
class File:
    """A file on the disk: what is durable, and what was written since."""

    durable: bytearray
    loose: list[Step] = field(default_factory=list)

    def take(self, step):
        if step.kind == "flush":
            for each in self.loose:
                _put(self.durable, each)
            self.loose = []
        else:
            self.loose.append(step)

    def after_cut(self, lot):
        """Say what the file holds when the power is back. lot: decides for each sector whether it came to the disk."""
        content = bytearray(self.durable)
        for step in self.loose:
            for piece in _sectors(step):
                if lot():
                    _put(content, piece)
        return bytes(content)


def traced(command, log, env):
    """Run a command, and return its writes. log: file for what strace has seen."""
    subprocess.run([*STRACE, str(log), *command], check=True, timeout=120, env=env)
    return list(_steps(log))


def _steps(log):
    ends = {}
    for line in log.read_text().splitlines():
        if (found := _CALL.match(line)) is None:
            continue
        call, name, rest, result = found[1], _unescaped(found[2]).decode(), found[3] or "", int(found[4])
        name = Path(name).name
        if call in {"fsync", "fdatasync"}:
            yield Step("flush", name)
        elif call == "ftruncate":
            yield Step("cut", name, int(rest, 0))
        else:
            data = _unescaped(rest[rest.index('"') + 1 : rest.rindex('"')])[:result]
            at = int(rest.rsplit(",", 1)[1], 0) if call == "pwrite64" else ends.get(name, 0)
            ends[name] = at + result
            yield Step("write", name, at, data)


def states(steps, folder, names, *, seed=0):
    """Play steps back, and give after each the files as a cut might leave them: nothing loose, all of it, some of it.

    Gives the number of steps done, what of the loose came, and the contents by name.
    """
    dice = random.Random(seed)
    files = {name: File(bytearray((folder / name).read_bytes() if (folder / name).exists() else b"")) for name in names}
    seen = set()
    for number, step in enumerate(steps, 1):
        if step.name in files:
            files[step.name].take(step)
        for what, lot in (
            ("nothing", lambda: False),
            ("all", lambda: True),
            ("some", lambda: dice.random() < 0.5),
            ("most", lambda: dice.random() < 0.9),
        ):
            contents = {name: file.after_cut(lot) for name, file in files.items()}
            key = hash(tuple(contents.values()))
            if step.name in files and (number, key) not in seen:
                seen.add((number, key))
                yield number, what, contents


def restored(contents, to):
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    for name, content in contents.items():
        (to / name).write_bytes(content)


def _put(content, step):
    if step.kind == "cut":
        del content[step.at :]
        content.extend(b"\0" * (step.at - len(content)))
        return
    content.extend(b"\0" * (step.at + len(step.data) - len(content)))
    content[step.at : step.at + len(step.data)] = step.data


def _sectors(step):
    if step.kind == "cut":
        yield step
        return
    start = step.at
    while start < step.at + len(step.data):
        end = min((start // SECTOR + 1) * SECTOR, step.at + len(step.data))
        yield Step("write", step.name, start, step.data[start - step.at : end - step.at])
        start = end


def _unescaped(text):
    return bytes.fromhex(text.replace("\\x", ""))
