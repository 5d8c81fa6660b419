"""The line under gunicorn with two workers, as deploy/systemd starts it, which may be told to load itself again."""

import shutil
import signal
import subprocess
import sys
import time
import urllib.request

from server import ROOT, demo_database, environment, free_port

TOKEN = "0123456789abcdef"
WITHIN_S = 180  # on a busy machine


class UnderGunicorn:
    """Serves webhooks of the demo. folder: for its files. program: where `app.py` is. options: more of gunicorn's."""

    def __init__(self, folder, program=ROOT, options=()):
        self.out, self.port, self._program = folder / "out", free_port(), program
        shutil.copy(demo_database(), folder / "line.db")
        self.env = environment(
            INSTANCE_DIR=str(folder), DATABASE_URL=f"sqlite:///{folder}/line.db", PORT=str(self.port), SERVE="voice",
            PROMPT_MODE="say", TWILIO_AUTH_TOKEN=TOKEN,
        )  # fmt: skip
        served = ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--workers", "2"]
        self._command = [sys.executable, "-m", "gunicorn", "app:app", *served, "--no-control-socket", *options]

    def __enter__(self):
        with self.out.open("wb") as out:
            self._process = subprocess.Popen(self._command, cwd=self._program, env=self.env, stdout=out, stderr=out)
        try:
            _until(self._answers)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self._process.terminate()
        self._process.wait(WITHIN_S)

    def load_again(self):
        """Have both workers replaced by new ones."""
        before = self._workers()
        self._process.send_signal(signal.SIGHUP)
        _until(lambda: len(self._workers() - before) == 2 and not self._workers() & before)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _workers(self):
        pid = self._process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as children:  # noqa: PTH123 of the kernel
            return set(children.read().split())


def _until(true):
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
