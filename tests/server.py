"""The line as a real server process on this machine, in an empty instance folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from databases import LightHasher, ready_made, sqlite_template
from forked import Forked
from serving import serve, serve_alone
from shared import shared

from ivr.bootstrap import build
from ivr.clock import SystemClock
from ivr.config import Settings
from ivr.db.console.samples.demo_calls import load_demo_calls
from ivr.db.demo import load_demo
from ivr.diagram import version

ROOT = Path(__file__).parent.parent
PATIENCE_S = 60  # a machine may be busy
FLASK = [sys.executable, "-m", "flask"]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return {**kept, **more}


PEPPER = "a pepper for tests"


def demo_database() -> Path:
    """A database with the demo accounts and calls as of today, which a server would take three seconds to make."""
    return shared("served.db", _fill)


def _fill(path: Path) -> None:
    shutil.copy(sqlite_template(), path)
    with ready_made(path) as engine, tempfile.TemporaryDirectory() as folder:
        zone = ZoneInfo(Settings().time_zone)
        load_demo(engine, LightHasher(PEPPER), SystemClock(zone))
        line = build(
            Settings.from_env({"INSTANCE_DIR": folder, "DATABASE_URL": f"sqlite:///{path}", "PROMPT_MODE": "say"})
        )
        load_demo_calls(engine, line.conversation, line.clock.now(), zone, version(line.line))
        line.database.dispose()


class Server:
    """Prompts are spoken by the carrier unless `settings` say otherwise: rendering them all would take a minute.

    fresh: started as an operator does, in an empty folder; it finds the demo accounts in its database otherwise, and
    its program loaded unless it plays prompts. helpers: with the processes that fetch messages, ring people and send
    texts; what is started as an operator does has them.
    """

    def __init__(self, folder: Path, *, fresh: bool = False, helpers: bool = False, **settings: str):
        self.port, self.out, self.fresh = free_port(), folder / "out", fresh
        self.does = serve if helpers else serve_alone
        database = folder / "instance" / "answerline.db"
        if not fresh and not database.exists():
            database.parent.mkdir(exist_ok=True)
            shutil.copy(demo_database(), database)
            settings = {"PIN_PEPPER": PEPPER, **settings}
        settings = {"PROMPT_MODE": "say", "VOICE_MODEL": "/nowhere.onnx", **settings}
        if settings["PROMPT_MODE"] == "play" and not helpers:  # not forked, so it would bring them along
            settings = {"SERVE": "voice,console,simulator", **settings}
        self.env = environment(INSTANCE_DIR=str(folder / "instance"), PORT=str(self.port), COLUMNS="100", **settings)
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        with self.out.open("wb") as out:
            if self.fresh or self.env["PROMPT_MODE"] == "play":  # rendering has helpers that cannot be inherited
                self.process = subprocess.Popen([*FLASK, "serve"], cwd=ROOT, env=self.env, stdout=out, stderr=out)
            else:
                self.process = Forked("serve", env=self.env, stdout=self.out, stderr=self.out, does=self.does)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                pytest.fail(self.out.read_text())
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self.process.kill()
        self.process.wait()
        pytest.fail(f"no answer on {self.base}: {self.out.read_text()}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.base + path, timeout=5) as answer:  # noqa: S310 loopback
            return answer.read().decode()

    def run(self, *command: str, text: str | None = None):
        return subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, input=text, timeout=60, check=False
        )
