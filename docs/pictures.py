"""`make pictures`: starts a demo line in an empty folder and photographs its console, for docs/desk.md."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
TO = HERE / "pictures"
PATIENCE_S = 60
# name: address, colour scheme, width, height
PICTURES = {
    "calls": ("/console/calls", "light", 1280, 800),
    "insight": ("/console/insight?simulated=shown", "light", 1280, 1000),
    "live": ("/console/live", "dark", 1280, 600),
    "work": ("/console/work", "light", 1280, 600),
    "account": ("/console/accounts/70000011", "light", 1280, 800),
    "prompts": ("/console/prompts", "light", 1280, 700),
    "phone": ("/console/calls", "dark", 360, 740),
}


def main() -> None:
    """Take every picture."""
    TO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        port = _free_port()
        environment = {**os.environ, "INSTANCE_DIR": folder, "PORT": str(port), "PROMPT_MODE": "say"}
        with (Path(folder) / "out").open("w+") as out:
            line = subprocess.Popen(
                [sys.executable, "-m", "flask", "serve"], cwd=HERE.parent, env=environment, stdout=out
            )
            try:
                base = f"http://127.0.0.1:{port}"
                _until_it_answers(base)
                password = re.findall(r"password (\w+)", (Path(folder) / "out").read_text())[0]
                browser = playwright.chromium.launch(
                    executable_path=which("chromium") or which("google-chrome"), args=["--no-sandbox"]
                )
                _photograph(browser, base, password)
                browser.close()
            finally:
                line.send_signal(signal.SIGINT)
                line.wait(PATIENCE_S)


def _photograph(browser: Browser, base: str, password: str) -> None:
    signed_in = None
    for name, (address, scheme, width, height) in PICTURES.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            storage_state=signed_in,
        )
        page = context.new_page()
        if signed_in is None:
            page.goto(f"{base}/console/sign-in")
            page.fill("#name", "demo")
            page.fill("#password", password)
            page.click("button:has-text('Sign in')")
            page.wait_for_url("**/console/calls")
            signed_in = context.storage_state()
        _take(page, f"{base}{address}", name)
        if name == "calls":
            page.locator("[data-row] a[data-open]").first.click()
            page.set_viewport_size({"width": width, "height": 1100})
            _take(page, page.url, "call")
        context.close()


def _take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=TO / f"{name}.png")
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def _until_it_answers(base: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=5).close()  # noqa: S310 loopback
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the line does not answer")


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


if __name__ == "__main__":
    main()
