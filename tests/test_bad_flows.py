"""A flow that a deploy has broken: what the operator sees, and that the others go on."""

import sys
from dataclasses import replace

import pytest

from ivr import flows
from ivr.bootstrap import build
from ivr.doctor.flows import flow_issues, sound
from ivr.doctor.patient import Patient, Surroundings

BROKEN = {
    "it is no Python": ("flow = Flow(\n", "ivr/flows/broken.py, line 1: SyntaxError: '(' was never closed"),
    "it uses what is not there": ("\n\nflow = Folw()\n", "line 3: NameError: name 'Folw' is not defined"),
    "it declares no flow": ("x = 1\n", "ivr/flows/broken.py: declares no flow = Flow(...)"),
}


@pytest.fixture
def deployed(tmp_path, monkeypatch):
    """Deploy a file among the flows."""

    def deploy(text):
        (tmp_path / "broken.py").write_text(text)
        monkeypatch.setattr(flows, "__path__", [*flows.__path__, str(tmp_path)])
        sys.modules.pop("ivr.flows.broken", None)
        return flows.line.__wrapped__()

    yield deploy
    sys.modules.pop("ivr.flows.broken", None)


# A file that cannot be loaded is left out, whatever is wrong with it; what is wrong, and where, is one line.
@pytest.mark.parametrize("kind", BROKEN)
def test_the_others_are_loaded_and_what_is_wrong_is_one_line(deployed, kind):
    text, why = BROKEN[kind]
    line = deployed(text)
    assert line.flows.keys() == flows.line().flows.keys()
    assert why in line.unloaded["broken"]
    assert "\n" not in line.unloaded["broken"]


# `flask serve` is started by somebody who looks on, and refuses; `flask line lint` and `flask doctor` say the same. A
# server that is started otherwise may be the only one: it serves whom it can, and says so in its log.
def test_the_operator_is_told_wherever_they_look(app, deployed, settings):
    app.extensions["answerline"] = replace(app.extensions["answerline"], line=deployed(BROKEN["it is no Python"][0]))
    for words in (["serve"], ["line", "lint"]):
        result = app.test_cli_runner().invoke(args=words)
        assert result.exit_code == 1
        assert "broken: this flow cannot be loaded: ivr/flows/broken.py, line 1: SyntaxError" in result.output
    (found,) = sound(Patient(app.extensions["answerline"], Surroundings()))
    assert (found.name, "flask line lint" in found.mend) == ("flows.problem", True)
    assert list(settings.instance_dir.glob("metrics-*")) == [], "nothing was started"


def test_a_server_that_starts_with_it_says_so_in_its_log(settings, clock, deployed, monkeypatch, caplog):
    line = deployed(BROKEN["it is no Python"][0])
    monkeypatch.setattr(flows, "line", lambda: line)
    build(settings, clock).database.dispose()
    assert "flow broken is left out, and callers who come to it are connected to a person: ivr/flows/" in caplog.text


# Whichever flow is missing, and wherever an edge leads nowhere: the line starts, and its operator is told.
def test_no_flow_keeps_the_line_from_starting(app, settings, clock, monkeypatch):
    sound_line, parts = flows.line(), app.extensions["answerline"]
    for missing in sound_line.flows:
        rest = {name: flow for name, flow in sound_line.flows.items() if name != missing}
        line = replace(sound_line, flows=rest, unloaded={missing: "for a test"})
        monkeypatch.setattr(flows, "line", lambda line=line: line)
        build(settings, clock).database.dispose()
        assert str(flow_issues(replace(parts, line=line))[0]) == f"{missing}: this flow cannot be loaded: for a test"
