"""A pytest plugin for any TwiML application: the `phone` fixture, and `.call` files as tests.

Switch it on in the topmost conftest.py: `pytest_plugins = ["ivr.simulator.pytest_plugin"]`.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ivr.simulator.callfile import ACTS, CallFileError, PlayAct, play
from ivr.simulator.checks import Application, CheckedPhone

_SETTINGS = {
    "call_application": "the application that .call files and phone.dial() call: package.module:app, or a URL",
    "call_voice": 'path of its "a call comes in" webhook',
    "call_fallback": "path of its fallback",
    "call_status_callback": "path of its status callback",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    for name, text in _SETTINGS.items():
        parser.addini(name, text, default="")


@pytest.fixture
def call_application(pytestconfig: pytest.Config) -> Application | Any:
    """Return the application under test: by default, the one that the settings name. Override it at will."""
    name, voice, fallback, callback = (str(pytestconfig.getini(setting)) for setting in _SETTINGS)
    if not name:
        message = "say which application is called: in the setting call_application, or in a fixture of that name"
        pytest.fail(message, pytrace=False)
    if name.startswith(("http://", "https://")):
        return Application(name, voice, fallback, callback)
    module, _, attribute = name.partition(":")
    return Application(getattr(importlib.import_module(module), attribute or "app"), voice, fallback, callback)


@pytest.fixture
def call_acts() -> Mapping[str, PlayAct]:
    """Return a project's own acts for `.call` files, by name; they stand before the usual ones. Override it."""
    return {}


@pytest.fixture
def phone(request: pytest.FixtureRequest) -> Iterator[CheckedPhone]:
    """Give a telephone: `phone.dial(app)`, `phone.dial("http://...")`, or `phone.dial()` for `call_application`."""

    def default() -> Application:
        application = request.getfixturevalue("call_application")
        return application if isinstance(application, Application) else Application(application)

    with CheckedPhone(default) as phone:
        yield phone


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "CallFile | None":
    """Collect `.call` files."""
    if file_path.suffix != ".call":
        return None
    return CallFile.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType] pytest's own


class CallFile(pytest.File):
    """A file, which is one test of the same name."""

    def collect(self) -> Iterable[pytest.Item]:
        """Return the one test."""
        # pytest leaves the keyword arguments of from_parent untyped.
        make: Any = CallItem.from_parent  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        yield make(self, name=self.path.stem, callobj=_player(self.path))


class CallItem(pytest.Function):
    """A test that plays a file, with the fixtures of its folder."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the file, not the function that plays it."""
        return self.path, 0, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tell the call rather than the code that plays it."""
        if isinstance(excinfo.value, AssertionError | CallFileError):
            return str(excinfo.value)
        return self._repr_failure_py(excinfo, style or "long")


def _player(path: Path) -> Any:
    def test(phone: CheckedPhone, call_application: object, call_acts: Mapping[str, PlayAct]) -> None:  # noqa: ARG001
        play(path, phone, {**ACTS, **call_acts})

    return test
