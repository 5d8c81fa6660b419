"""`docs/simulator.md` says what is true: events, acts, options, switches, and examples that run."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from ivr.simulator import cli, events
from ivr.simulator.caller import ScriptedCaller
from ivr.simulator.callfile import ACTS, parse
from ivr.simulator.checks import Application, CheckedCall
from ivr.simulator.plans import BUSY_UNTIL, REACTIONS
from ivr.simulator.switches import Switches
from ivr.simulator.verbs import parse as parse_twiml
from ivr.simulator.verbs.unsimulated import NESTING

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text()
EVENTS = events.Event.__subclasses__()


def between(name):
    return PAGE.split(f"<!-- {name}: checked -->")[1].split(f"<!-- /{name} -->")[0]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_each_event_is_listed_with_its_fields():
    rows = [row.split("|")[1:3] for row in between("events").strip().splitlines()[2:]]
    listed = {event.strip(" `"): re.findall(r"`(\w+)`", named) for event, named in rows}
    assert listed == {kind.event: [field.name for field in fields(kind) if field.name != "at"] for kind in EVENTS}


def test_each_act_of_a_call_file_is_listed():
    heads = [row.split("|")[1] for row in between("acts").strip().splitlines()[2:]]
    assert {name for head in heads for name in re.findall(r"`(\w+)`", head)} == set(ACTS)


def test_each_word_for_people_is_listed():
    heads = [row.split("|")[1] for row in between("people").strip().splitlines()[2:]]
    assert {word for head in heads for word in re.findall(r"`([\w -]+)`", head)} == {*REACTIONS, BUSY_UNTIL.strip()}


def test_each_switch_is_listed_with_its_default():
    assert dict(re.findall(r"\| `(\w+)` \| `(.*)` \|", between("switches"))) == {
        field.name: repr(field.default).replace("'", '"') for field in fields(Switches)
    }


def test_each_option_is_named():
    options = [option for action in cli._parser()._actions for option in action.option_strings]
    assert [option for option in options if option not in {"-h", "--help", "--verbose"} and option not in PAGE] == []


@pytest.mark.parametrize(("element", "attribute"), re.findall(r"`<(\w+) (\w+)>`", between("not simulated")))
def test_what_the_page_calls_not_simulated_is_reported_as_that(element, attribute):
    inner = f"<{element} {attribute}='1'>+15005550006</{element}>"
    twiml = inner if element in {"Record", "Dial", "Enqueue"} else f"<Dial>{inner}</Dial>"
    (remark,) = (p for p in parse_twiml(f"<Response>{twiml}</Response>".encode()).problems if p.code == 0)
    assert re.match(rf"<{element}> {attribute}( \(\w+\))? is not simulated; ", remark.message)
    assert (remark.line, remark.column > 1) == (1, True)


def test_the_page_names_everything_that_is_not_simulated():
    source = "".join(path.read_text() for path in (ROOT / "ivr" / "simulator" / "verbs").glob("*.py"))
    named = {
        name for call in re.findall(r"\.not_simulated\((\".*?)\)", source) for name in re.findall(r'"(\w+)"', call)
    }
    named |= set(re.findall(r'complain\(0, "(\w+)', source))
    assert named == {attribute for _, attribute in re.findall(r"`<(\w+) (\w+)>`", between("not simulated"))}
    assert set(re.findall(r"`<(\w+)>`", between("not simulated").splitlines()[1])) == set(NESTING)


def test_the_command_is_one_that_the_simulator_understands():
    (command,) = (block for block in blocks("sh") if "ivr.simulator" in block)
    options = cli._parser().parse_args(shlex.split(command)[3:])
    assert ScriptedCaller(options.script)


def test_the_call_file_is_one_that_can_be_played():
    assert [line.verb for line in parse(blocks("text")[0])][:2] == ["people", "caller"]


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_examples_in_python_are_sound(number):
    names = {"pytest": pytest, "Application": Application}
    exec(blocks("python")[number], names)  # noqa: S102 our own page


def test_the_acts_and_checks_exist():
    table = PAGE.split("| act | check |")[1].split("\n\n")[0]
    for name in re.findall(r"`(\w+)\(", table):
        assert hasattr(CheckedCall, name), name
