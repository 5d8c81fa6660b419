"""The line as a real server process on this machine, in an empty instance folder."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

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


class Server:
    """Prompts are spoken by the carrier unless `settings` say otherwise: rendering them all would take a minute."""

    def __init__(self, folder: Path, **settings: str):
        self.port, self.out = free_port(), folder / "out"
        settings = {"PROMPT_MODE": "say", "VOICE_MODEL": "/nowhere.onnx", **settings}
        self.env = environment(INSTANCE_DIR=str(folder / "instance"), PORT=str(self.port), COLUMNS="100", **settings)
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        with self.out.open("wb") as out:
            self.process = subprocess.Popen([*FLASK, "serve"], cwd=ROOT, env=self.env, stdout=out, stderr=out)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                pytest.fail(self.out.read_text())
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.1)
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
