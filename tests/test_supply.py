"""What comes from elsewhere: every package is held to its bytes, and none talks to the network when it is loaded."""

import re
import subprocess
import sys

import pytest
from server import ROOT

LOCKED = ROOT / "deploy" / "locked"
NAMED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)", re.MULTILINE)
# Loads every module of ours, and with it all that they import. Addresses are looked up and called by these two.
LOAD = """
import importlib, pkgutil, sys

def heard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        print(event, arguments)

sys.addaudithook(heard)
import ivr
for module in pkgutil.walk_packages(ivr.__path__, "ivr."):
    if ".migrations." not in module.name and not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
print("loaded", len([name for name in sys.modules if name.startswith("ivr.")]))
"""


def named(path):
    return {(name.lower().replace("_", "-"), version) for name, version in NAMED.findall(path.read_text())}


@pytest.mark.parametrize(
    ("asked", "locked"),
    [("", "run"), ("-tracing", "tracing"), ("-voice", "voice"), ("-dev", "dev"), ("-ear", "ear")],
)
def test_what_is_asked_for_is_locked(asked, locked):
    """`make lock` was run after the last change of a requirements file."""
    assert named(ROOT / f"requirements{asked}.txt") <= named(LOCKED / f"{locked}.txt")


@pytest.mark.parametrize("path", sorted(LOCKED.iterdir()), ids=lambda path: path.stem)
def test_each_locked_package_has_the_hashes_of_its_files(path):
    packages = [text for text in re.split(r"\n(?=\S)", path.read_text()) if not text.startswith("#")]
    assert packages
    assert [text.split()[0] for text in packages if "--hash=sha256:" not in text] == []


@pytest.mark.slow  # it loads all of them
def test_no_module_uses_the_network_when_it_is_loaded():
    done = subprocess.run(
        [sys.executable, "-c", LOAD], capture_output=True, text=True, cwd=ROOT, timeout=120, check=True
    )
    said = done.stdout.splitlines()
    assert said[0].startswith("loaded"), said[:5]
    assert int(said[0].split()[1]) > 300  # all of them
