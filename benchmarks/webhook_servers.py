"""Servers to call: the line or one of its peers, each on the same WSGI server with as many workers and threads."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_S = 60.0


@dataclass(frozen=True)
class Server:
    """A server that runs. pids: of all its processes."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def pids(self) -> list[int]:
        """The server's processes, workers included."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def processor_s(self) -> float:
        """Seconds of processor that its processes have taken so far."""
        ticks = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Memory of its processes, shared parts counted once for each that shares them."""
        pages = 0
        for pid in self.pids:
            for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if row.startswith("Pss:"):
                    pages += int(row.split()[1])
        return pages / 1024


def gunicorn(app: str, port: int, workers: int, threads: int) -> list[str]:
    """The command that serves an application, as `flask serve` does."""
    return [
        *(sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}"),
        *("--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread"),
        *("--preload", "--log-level", "warning", "--no-control-socket", "--backlog", "2048"),
        *("--keep-alive", "75", "--config", "python:ivr.web.server"),
    ]


def granian(app: str, port: int, workers: int, threads: int) -> list[str]:
    """The same on granian."""
    return [
        *(sys.executable, "-m", "granian", app, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads), "--no-log"),
    ]


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str]) -> Generator[Server]:
    """Start a server, wait until it listens, and end it. Raises: OSError where another one has its port."""
    socket.create_server(("127.0.0.1", port)).close()
    whole = {**os.environ, **environment, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    with (
        tempfile.TemporaryFile() as lines,  # one for each webhook, as on a real line
        subprocess.Popen(command, env=whole, cwd=HERE.parent, stderr=lines) as process,  # noqa: S603 no shell: ours
    ):
        try:
            _wait_for(port, process)
            yield Server(port, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_S)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")
