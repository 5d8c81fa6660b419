"""The table and the drawing of flow edges tell what is not walked, and the demand bites."""

import flow_coverage
import pytest

from ivr import flows

LINE = flows.line()
KNOWN = flow_coverage.kinds(LINE)


def test_every_kind_of_edge_is_known():
    dials = {f"dial {status}" for status in ("completed", "busy", "no-answer", "failed", "canceled")}
    slips = {f"{kind} {attempt}" for kind in ("no-input", "no-match") for attempt in (1, 2, 3)}
    others = {
        "option",
        "reserved key",
        "outcome",
        "unavailable",
        "slips",
        "hang-up",
        "recording",
        "said or resumed",
        "on hold",
        "meeting",
    }
    assert set(KNOWN.values()) == dials | slips | others


def test_the_table_counts_what_is_walked_and_what_is_spoken():
    walked = {"walk": set(KNOWN) - {"main.menu[1]"}, "dialogues": {"main.menu[2]"}}
    rows = flow_coverage.table(KNOWN, walked).splitlines()
    total = sum(kind == "option" for kind in KNOWN.values())
    assert next(row for row in rows if row.startswith("| option")).startswith(f"| option | {total} | {total - 1} (")
    assert rows[-1].endswith("| 1 |")


def test_the_drawing_marks_what_is_not_walked():
    drawn = flow_coverage.drawing(LINE, {"main.menu[1]", "main.menu[hang-up]"})
    assert 'main_menu -. "not walked: 1, hang-up" .-> main_menu_unwalked((" "))' in drawn
    assert "style main_menu stroke" in drawn
    assert "unwalked" not in flow_coverage.drawing(LINE, set())


@pytest.mark.parametrize(("walked", "exit_status"), [(set(KNOWN), 0), (set(KNOWN) - {"main.menu[1]"}, 1)])
def test_a_run_that_leaves_an_edge_out_fails(walked, exit_status, monkeypatch, tmp_path):
    class Session:
        exitstatus = pytest.ExitCode.OK

    class Config:
        def getoption(self, _name):
            return True

    monkeypatch.setattr(flow_coverage, "WALKED", {"walk": set(walked), "dialogues": set()})
    monkeypatch.setattr(flow_coverage, "FOLDER", tmp_path / "flows")
    session = Session()
    flow_coverage.Sum(Config()).pytest_sessionfinish(session)
    assert session.exitstatus == exit_status
    assert (tmp_path / "flows" / "flows.md").exists()
