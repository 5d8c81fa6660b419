"""The actor of these tests, and the table of rules: `pytest tests/simulator --rows`."""

import pytest
from twiml_app import ROWS, Line


@pytest.fixture
def line():
    """Build an application from its pages (or from the one page /voice), with a phone to call it."""
    return Line


def pytest_addoption(parser):
    parser.addoption("--rows", action="store_true", help="print the table of carrier rules: row, rule, passed")


def pytest_collection_modifyitems(items):
    for item in items:
        for mark in item.iter_markers("row"):
            name = item.originalname.removeprefix("test_").replace("_", " ").capitalize()
            rule = mark.kwargs.get("rule") or f"{name}. {(item.function.__doc__ or '').splitlines()[0]}"
            item.user_properties += [("row", (number, rule)) for number in mark.args]


def pytest_terminal_summary(terminalreporter, config):
    if not config.getoption("--rows", default=False):
        return
    rows = _rows(terminalreporter.stats)
    terminalreporter.section("rules of the carrier")
    for number, (rule, passed) in sorted(rows.items()):
        terminalreporter.write_line(f"{number:3}  {'passed' if passed else 'FAILED'}  {rule}")
    terminalreporter.write_line(f"{sum(passed for _, passed in rows.values())} of {ROWS}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--rows", default=False):
        return
    rows = _rows(reporter.stats)
    if sum(passed for _, passed in rows.values()) < ROWS:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _rows(stats):
    """Return row -> (rule, whether every test of it passed)."""
    rows = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == "row":
                    number, rule = value
                    first, passed = rows.get(number, (rule, True))
                    rows[number] = (first, passed and outcome == "passed")
    return rows
