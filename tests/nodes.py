"""Several machines on this one: nodes as `flask serve` starts them, behind haproxy as `deploy/` configures it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from http import HTTPStatus
from pathlib import Path

import pytest
from forked import Forked
from server import PATIENCE_S, PEPPER, ROOT, environment, free_port
from serving import serve_alone

from ivr.telemetry.metrics import free_memory

CONFIGURATION = ROOT / "deploy" / "haproxy.cfg"
TOKEN = "0123456789abcdef0123456789abcdef"
THREADS = 8


def haproxy():
    """Return the program; where it is missing, a test is left out, but not in CI."""
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        reason = "haproxy is not installed: apt-get install haproxy"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


def configured(bind, nodes=()):
    """Return the configuration as it is shipped, but for its addresses. nodes: ports of this machine, four at most."""
    text = re.sub(r"^ +bind .*$", f"    bind {bind}", CONFIGURATION.read_text(), flags=re.MULTILINE)
    for name, port in zip(("web1", "web2", "web3", "web4"), nodes, strict=False):
        text = re.sub(rf"(server {name}) \S+", rf"\1 127.0.0.1:{port}", text)
    return re.sub(r" 10\.0\.0\.2\d:\d+", " 127.0.0.1:9", text)  # a console is not looked for here


class Node:
    """A machine of the line. It shares nothing with the others but the database, and has a folder of its own."""

    def __init__(self, folder, name, url, public):
        self.port, self.out, self.process = free_port(), folder / f"{name}.out", None
        self.env = environment(
            INSTANCE_DIR=str(folder / name), DATABASE_URL=url, PUBLIC_BASE_URL=public, PORT=str(self.port),
            TWILIO_ACCOUNT_SID="AC" + "0" * 32, TWILIO_AUTH_TOKEN=TOKEN, SECRET_KEY="x" * 32, PIN_PEPPER=PEPPER,
            SERVE="voice", PROMPT_MODE="say", WORKERS="2", THREADS=str(THREADS), SECRET_FLOOR_MS="20",
            LOG_LEVEL="warning", DATABASE_POOL="2",
            DATABASE_LOCK_MS="4000", DATABASE_STATEMENT_MS="4000",  # the machines share two processors with all else
        )  # fmt: skip

    def start(self):
        self.out.touch()
        self.process = Forked("serve", env=self.env, stdout=self.out, stderr=self.out, does=serve_alone)

    def wait(self):
        until = time.monotonic() + PATIENCE_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{self.out.name}: {self.out.read_text()}")
            time.sleep(0.05)

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == HTTPStatus.OK
        except OSError:
            return False

    def lose_power(self):
        """End all its processes in the middle of whatever they do."""
        workers = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (self.process.pid, *map(int, workers)):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.lose_power()
        free_memory(Path(self.env["INSTANCE_DIR"]) / f"metrics-{self.port}")  # who was killed could not


class Proxy:
    """haproxy before the nodes. base: the address that the carrier knows."""

    def __init__(self, folder):
        self.program, self.folder, self.port = haproxy(), folder, free_port()
        self.base = f"http://127.0.0.1:{self.port}"

    def start(self, nodes):
        file = self.folder / "haproxy.cfg"
        file.write_text(configured(f"127.0.0.1:{self.port}", [node.port for node in nodes]))
        with (self.folder / "haproxy.out").open("wb") as out:
            self.process = subprocess.Popen([self.program, "-db", "-f", file], stdout=out, stderr=out)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    pytest.fail((self.folder / "haproxy.out").read_text())
            time.sleep(0.05)

    def stop(self):
        self.process.kill()
        self.process.wait(10)
