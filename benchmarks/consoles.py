"""What fifty open consoles cost the webhooks: calls are placed at a served line without them, and beside them.

A real server on this machine's loopback, as many workers and threads as `flask serve` gives a line, SQLite. A console
asks as its page does: every 1.1 to 1.25 s, with the tag of what it has. Run it from the root, with `PYTHONPATH=.`.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import httpx
from argon2 import PasswordHasher
from webhook_servers import gunicorn

from ivr.cli.serve import GIVE_WAY, THREADS, WORKERS, workers
from ivr.config import Settings
from ivr.db.console.staff import SqlStaff
from ivr.db.migrate import upgrade
from ivr.simulator.phone import Phone
from ivr.staff import Role
from ivr.web import create_app

CONSOLES, SECONDS, ROUNDS, CALLERS, PORT = 50, 6.0, 7, 8, 5798
PAUSE_S, JITTER_S, THINK_S = 1.1, 0.15, 0.3
SID, TOKEN = "AC" + "0" * 32, "0123456789abcdef0123456789abcdef"
STEPS = ("2", "1", "9", "5", "9")
BASE = f"http://127.0.0.1:{PORT}"


@dataclass
class Asked:
    """What consoles were told. refused: all threads for polls were taken."""

    ms: list[float] = field(default_factory=list)
    unchanged: int = 0
    refused: int = 0


def environment(folder: Path) -> dict[str, str]:
    """Say how the line is set up."""
    return {
        "INSTANCE_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/line.db", "PUBLIC_BASE_URL": BASE,
        "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "SECRET_KEY": "x" * 32, "PIN_PEPPER": "x" * 32,
        "PROMPT_MODE": "say", "TWILIO_API_BASE": BASE, "LOG_LEVEL": "warning",
        "SERVE": "voice,console,simulator",
    }  # fmt: skip


def sign_in(settings: Settings) -> str:
    """Return the cookie of somebody who has signed in."""
    app = create_app(settings)
    line = app.extensions["answerline"]
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    staff = SqlStaff(line.database, line.clock, settings.secret_key, hasher)
    one = staff.add("bench", "", Role.LEAD, "a password for this", "bench")
    client = app.test_client()
    now = line.clock.now().timestamp()
    with client.session_transaction() as session:
        session.permanent = True
        session.update(since=now, seen=now, _user_id=f"{one.id}.{one.epoch}", _fresh=True)
    cookie = client.get_cookie("session")
    line.database.dispose()
    return f"session={cookie.value}" if cookie else ""


async def consoles(cookie: str, stop: threading.Event, asked: Asked) -> None:
    """Keep consoles open."""
    async with httpx.AsyncClient(base_url=BASE, timeout=10, limits=httpx.Limits(max_connections=None)) as client:

        async def watch() -> None:
            tag = ""
            await asyncio.sleep(random.random() * PAUSE_S)
            while not stop.is_set():
                began = time.perf_counter()
                headers = {"Cookie": cookie, "Accept": "application/json", "If-None-Match": tag}
                try:
                    answer = await client.get("/console/live/now", headers=headers)
                except httpx.TransportError:  # the server lets go of an idle connection: a browser asks again
                    continue
                asked.ms.append(1000 * (time.perf_counter() - began))
                asked.unchanged += answer.status_code == 304
                asked.refused += answer.status_code == 503
                if answer.status_code not in {200, 304, 503}:
                    raise RuntimeError(f"{answer.status_code}: {answer.text[:200]}")
                tag = answer.headers.get("ETag", tag)
                await asyncio.sleep(PAUSE_S + random.random() * JITTER_S)

        await asyncio.gather(*(watch() for _ in range(CONSOLES)))


def webhooks(seconds: float) -> list[float]:
    """Place calls from a few telephones at once; return how long each webhook took, in ms."""
    took: list[float] = []
    until = time.monotonic() + seconds

    def call_on() -> None:
        with Phone(f"{BASE}/", auth_token=TOKEN, account_sid=SID) as phone:
            while time.monotonic() < until:
                call = phone.dial("/voice", status_callback="/voice/status")
                for keys in STEPS:
                    time.sleep(THINK_S)
                    call.press(keys)
                call.hang_up()
                took.extend(exchange.ms for exchange in call.requests)

    threads = [threading.Thread(target=call_on) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def beside(cookie: str) -> tuple[list[float], Asked]:
    """Place calls while consoles are open, in a process of their own."""
    command = [sys.executable, __file__, "consoles", cookie]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        time.sleep(2 * PAUSE_S)
        took = webhooks(SECONDS)
        told, _ = process.communicate("stop\n")
    return took, Asked(**json.loads(told))


def watching(cookie: str) -> None:
    """Be the consoles, until a line comes in."""
    stop, asked = threading.Event(), Asked()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    asyncio.run(consoles(cookie, stop, asked))
    sys.stdout.write(json.dumps(asdict(asked)))


def p95(values: list[float]) -> float:
    """Return the time that 95 of 100 stay below."""
    return sorted(values)[int(0.95 * len(values))]


def processor_s(pid: int) -> float:
    """Return the processor time that a server's workers have used, in seconds."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split() for child in children]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def served(folder: Path, port: int = PORT, **more: str) -> subprocess.Popen[bytes]:
    """Start a line, and wait until it answers. more: settings."""
    settings = {**environment(folder), **more}
    way = () if "voice" in settings["SERVE"] else ("nice", "-n", str(GIVE_WAY))  # as `flask serve` does
    command = [*way, *gunicorn("app:app", port, workers(Settings.from_env(settings)), THREADS)]
    server = subprocess.Popen(command, env={**os.environ, **settings})  # noqa: S603 the arguments are ours
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return server
    server.kill()
    raise RuntimeError("the server does not answer")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings.from_env(environment(folder))
        upgrade(settings.database_url)
        cookie, server = sign_in(settings), served(folder)
        try:
            webhooks(3)
            alone, busy, asked, cost = [], [], Asked(), []
            for _ in range(ROUNDS):
                began = processor_s(server.pid)
                alone.append(webhooks(SECONDS))
                between = processor_s(server.pid)
                took, told = beside(cookie)
                busy.append(took)
                cost.append((between - began, processor_s(server.pid) - between))
                asked.ms += told.ms
                asked.unchanged += told.unchanged
                asked.refused += told.refused
        finally:
            server.terminate()
            server.wait()
    report(alone, busy, cost, asked)


def report(alone: list[list[float]], busy: list[list[float]], cost: list[tuple[float, float]], asked: Asked) -> None:
    """Print what was measured, round by round. cost: processor time of the server without and with consoles, in s."""
    ratios = [p95(with_) / p95(without) for without, with_ in zip(alone, busy, strict=True)]
    many, of_rounds = len(asked.ms), ", ".join(f"{ratio:.2f}" for ratio in ratios)
    work = [sum(each) for each in zip(*cost, strict=True)]
    webhooks_alone, webhooks_busy = sum(map(len, alone)), sum(map(len, busy))
    polls = f"{many}: {asked.unchanged / many:.0%} unchanged, {asked.refused} put off"
    for line in (
        f"{CALLERS} telephones, {WORKERS} workers of {THREADS} threads, SQLite; {ROUNDS} rounds of {SECONDS:.0f} s",
        f"  webhooks alone              p95 {median(map(p95, alone)):6.1f} ms  ({webhooks_alone} of them)",
        f"  beside {CONSOLES} open consoles     p95 {median(map(p95, busy)):6.1f} ms  ({webhooks_busy} of them)",
        f"  ratio                           {median(ratios):6.2f}     (rounds: {of_rounds})",
        f"  a poll                      p95 {p95(asked.ms):6.1f} ms  ({polls})",
        f"  processor time of the server    {work[0]:6.1f} s alone, {work[1]:.1f} s beside",
    ):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["consoles"]:
        watching(sys.argv[2])
    else:
        main()
