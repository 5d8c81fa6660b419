"""What a caller may rely on at every menu and question, whatever its flow says: played node by node.

These rules are stated here once more on purpose: the walk reads the flows, and would follow a wrong one.
"""

import pytest
from puppets import DIRECTORY, puppet_line
from walker import Script

from ivr import flows
from ivr.actions import Changed, forget_account
from ivr.call import Call, Keys, Position, Proof
from ivr.engine import Engine
from ivr.flow import Ask, Do, Menu, Record
from ivr.services import Services
from ivr.turn import Dial, End, Gather, Tries

LINE = flows.line()
MENUS = [at for at, node in LINE.nodes() if isinstance(node, Menu) and node.house]
ASKS = [at for at, node in LINE.nodes() if isinstance(node, Ask)]
RECORDS = [at for at, node in LINE.nodes() if isinstance(node, Record)]
ACTS = [at for at, node in LINE.nodes() if isinstance(node, Ask | Do) and at.flow not in LINE.legs]
ENDS = {
    Position("support", "sorry"),
    Position("voicemail", "sent"),
    Position("voicemail", "goodbye"),
    Position("callback", "kept"),
    Position("callback", "goodbye"),
}
# One silence, and the call is over.
SHORT = {
    Position("voicemail", "sent"): Position("voicemail", "goodbye"),
    Position("voicemail", "sent_withheld"): Position("voicemail", "goodbye"),
    Position("callback", "booked"): Position("callback", "goodbye"),
    Position("callback", "booked_later"): Position("callback", "goodbye"),
}
PEOPLE = {DIRECTORY["support"], DIRECTORY["support_direct"]}
WRONG = {"menu": "8", "ask": "9" * 9}


class Engines:
    def __init__(self, *picks):
        self.script = Script(list(picks))
        self.engine = Engine(puppet_line(self.script.choose), Services(None, None, None, DIRECTORY))

    def answer(self, at, keys, tries=None, call=None):
        call = call or Call("CA1", "+14155550123", "+18005550100", proof=Proof.PIN, trail=(Position("main", "menu"),))
        return self.engine.answer(call, at, tries or Tries(), Keys(keys))


@pytest.fixture
def line():
    return Engines()


def is_served(turn):
    """A person is rung, or nobody is there and that is said, or the caller's message is safe."""
    return (isinstance(turn.wait, Dial) and turn.wait.number in PEOPLE) or (
        isinstance(turn.wait, End | Gather) and turn.wait.at in ENDS
    )


@pytest.mark.parametrize("at", [at for at in MENUS + ASKS if at not in SHORT], ids=str)
@pytest.mark.parametrize("slip", ["silence", "wrong keys"])
def test_three_slips_and_no_fewer_bring_a_person(line, at, slip):
    keys = "" if slip == "silence" else WRONG["menu" if at in MENUS else "ask"]
    turn = line.answer(at, keys)
    for _ in range(2):
        assert isinstance(turn.wait, Gather)
        assert turn.wait.at == at
        turn = line.answer(at, keys, turn.wait.tries, turn.call)
    assert is_served(turn)


@pytest.mark.parametrize("at", RECORDS, ids=str)
def test_three_silences_at_the_tone_and_no_fewer_end_the_call_with_a_number_to_dial(line, at):
    turn = line.answer(at, "")
    for _ in range(2):
        assert turn.wait.at == at
        assert turn.prompts[0].id == "common.no_message"
        assert turn.prompts[-1].id == str(at), "what to do is said again"
        turn = line.answer(at, "", turn.wait.tries, turn.call)
    assert isinstance(turn.wait, End)
    assert "{support_direct_number:phone}" in turn.prompts[-1].text


@pytest.mark.parametrize("at", sorted(SHORT, key=str), ids=str)
def test_a_caller_whose_message_is_sent_or_whose_callback_is_booked_is_let_go(line, at):
    turn = line.answer(at, "")
    assert isinstance(turn.wait, End)
    assert turn.wait.at == SHORT[at]


@pytest.mark.parametrize("at", MENUS + ASKS, ids=str)
def test_the_sixth_slip_of_a_call_brings_a_person(line, at):
    call = Call("CA1", "+14155550123", "+18005550100", proof=Proof.PIN, slips=5)
    assert is_served(line.answer(at, "", call=call))


@pytest.mark.parametrize("at", MENUS + ASKS, ids=str)
def test_zero_is_a_person(line, at):
    wait = line.answer(at, "0").wait
    assert isinstance(wait, Dial)
    assert wait.number == DIRECTORY["support"]


@pytest.mark.parametrize("at", MENUS, ids=str)
def test_nine_is_the_main_menu_star_goes_back_and_pound_repeats(line, at):
    assert line.answer(at, "9").wait.at == Position("main", "menu")
    assert line.answer(at, "*").wait.at == Position("main", "menu")
    assert line.answer(at, "#").wait.at == at


@pytest.mark.parametrize("at", ASKS, ids=str)
def test_star_explains_a_question_and_pound_repeats_it(line, at):
    explained = line.answer(at, "*")
    assert explained.wait.at == Position(at.flow, f"{at.node}_help")
    assert line.answer(explained.wait.at, "1").wait.at == at
    assert line.answer(at, "#").wait.at == at


@pytest.mark.parametrize("at", ACTS, ids=str)
def test_a_system_out_of_reach_brings_a_person(at):
    node = LINE.node(at)
    line = Engines(len(node.on))
    run = line.engine._run(Call("CA1", "+14155550123", "+18005550100", proof=Proof.PIN))
    turn = run.digits(at, line.engine.line.node(at), Tries(), "3" * node.least) if isinstance(node, Ask) else run.go(at)
    if turn.wait.at.node in {"missed", "away"}:  # what is out of reach is the line to a person: there is a message
        assert "voicemail" in {option.to for option in LINE.node(turn.wait.at).options}
        assert not isinstance(line.engine.line.node(at), Ask)
        return
    assert isinstance(turn.wait, Dial)
    assert turn.wait.number == DIRECTORY["sales" if str(at) == "sales.reach" else "support"]
    assert any(prompt.id.endswith("unavailable") for prompt in turn.spoken)


@pytest.mark.parametrize("at", [at for at, node in LINE.nodes() if isinstance(node, Do | Ask)], ids=str)
def test_every_outcome_of_an_action_leads_somewhere(at):
    on = LINE.node(at).on
    assert set(on) == set(type(next(iter(on))))


@pytest.mark.parametrize(
    "at", [at for at, node in LINE.nodes() if isinstance(node, Do) and Changed.REFUSED in node.on], ids=str
)
def test_a_change_that_is_refused_is_looked_at_and_read_back_again(at):
    line = Engines(list(LINE.node(at).on).index(Changed.REFUSED))
    path = line.engine._run(Call("CA1", "+14155550123", "+18005550100", proof=Proof.PIN)).go(at).path
    assert [(step.at, step.label) for step in path][:1] == [(at, "refused")]
    assert path[1].at == Position(at.flow, "review")


@pytest.mark.parametrize(
    "at", [at for at in MENUS if "to hear that again" in {o.label for o in LINE.node(at).options}], ids=str
)
def test_one_says_an_answer_again(line, at):
    turn = line.answer(at, "1")
    assert turn.wait.at == at
    assert str(at) in {prompt.id for prompt in turn.spoken}


@pytest.mark.parametrize(
    "at", [at for at, node in LINE.nodes() if isinstance(node, Do) and node.action is forget_account], ids=str
)
def test_another_account_is_looked_at_before_anything_is_read_back(at):
    assert list(LINE.node(at).on.values()) == ["review"]
