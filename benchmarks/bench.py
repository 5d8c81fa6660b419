"""`make bench`: six-step calls a second in one process, and the memory of a thousand calls at once."""

import gc
import logging
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from ivr.config import Settings
from ivr.db.migrate import upgrade
from ivr.simulator.phone import Phone
from ivr.web import create_app

TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 invented
SECONDS = 5.0
AT_ONCE = 1000
STEPS = ("2", "1", "9", "5", "9")  # and the hang-up: six steps
MENU = b"<Response><Gather numDigits='1' action='/voice'><Say>Press a key.</Say></Gather></Response>"


def trivial(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer every webhook with the same menu."""
    start_response("200 OK", [("Content-Type", "text/xml")])
    return [MENU]


def line(folder: str, base_url: str = "http://localhost") -> Any:
    """Build this line on a fresh SQLite file."""
    url = f"sqlite:///{folder}/line.db"
    upgrade(url)
    return application(Path(folder), url, base_url)


def application(folder: Path, url: str, base_url: str) -> Any:
    """Build this line on a database that is there."""
    logging.getLogger("answerline").setLevel(logging.WARNING)
    return create_app(Settings(
        database_url=url, public_base_url=base_url, twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token=TOKEN, secret_key="x", pin_pepper="x", instance_dir=folder, prompt_mode="say",  # noqa: S106 invented
    ))  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """Complete calls a second, and a second of processor time, which other programs leave alone."""

    calls: float
    on_processor: float


def rate(phone: Phone, path: str) -> Rate:
    """Call over and over again."""

    def call() -> None:
        made = phone.dial(path, status_callback="/voice/status" if path == "/voice" else "")
        for keys in STEPS:
            made.press(keys)
        made.hang_up()
        if made.ended is None or made.ended.status != "completed":
            raise RuntimeError(made.transcript)

    for _ in range(20):
        call()
    began, worked, calls = perf_counter(), process_time(), 0
    while (took := perf_counter() - began) < SECONDS:
        call()
        calls += 1
    return Rate(calls / took, calls / (process_time() - worked))


def memory_mb() -> float:
    """Return the memory that this process has in use, in MB."""
    pages = Path("/proc/self/statm")
    if not pages.exists():  # macOS: the most there ever was
        import resource  # noqa: PLC0415 not on every system

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return int(pages.read_text().split()[1]) * 4096 / 2**20


def simultaneous() -> float:
    """Return the memory of a thousand calls that wait for their callers, in MB."""
    phone = Phone(trivial, auth_token=TOKEN)
    phone.dial("/voice").hang_up()
    gc.collect()
    before = memory_mb()
    calls = [phone.dial("/voice").press("1").press("2") for _ in range(AT_ONCE)]
    took = memory_mb() - before
    for call in calls:
        call.hang_up()
    return took


def main() -> None:
    """Measure and print."""
    memory = simultaneous()
    small = rate(Phone(trivial, auth_token=TOKEN), "/trivial")
    with tempfile.TemporaryDirectory() as folder:
        app = line(folder)
        ours = rate(Phone(app, auth_token=TOKEN), "/voice")
        app.extensions["answerline"].database.dispose()
    ratio, on_processor = ours.calls / small.calls, ours.on_processor / small.on_processor
    sys.stdout.write(
        f"six-step calls a second, one process (in brackets: a second of processor time)\n"
        f"  a trivial TwiML application  {small.calls:7.0f}  ({small.on_processor:.0f})\n"
        f"  this line on SQLite          {ours.calls:7.0f}  ({ours.on_processor:.0f})\n"
        f"  ratio                        {ratio:7.2f}  ({on_processor:.2f})\n"
        f"memory of {AT_ONCE:,} simultaneous calls: {memory:.1f} MB, {1024 * memory / AT_ONCE:.0f} kB each\n"
        f"of the console's lists with a million calls: make bench-console; figures in docs/performance.md\n"
    )


if __name__ == "__main__":
    main()
