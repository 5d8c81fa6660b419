"""What a caller may rely on at every menu and question, whatever its flow says: played node by node.

These rules are stated here once more on purpose: the walk reads the flows, and would follow a wrong one.
"""

import pytest
from puppets import DIRECTORY, puppet_line
from walker import Script

from ivr import flows
from ivr.actions.changes import Changed
from ivr.actions.proof import forget_account
from ivr.call import Call, Keys, Position, Proof
from ivr.edges import UNAVAILABLE
from ivr.engine import Engine
from ivr.flow import Ask, Do, Menu, Record
from ivr.legs import Finished, Offered, Stands, Took
from ivr.services import Services
from ivr.text import Texting
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


# Whoever is rung has not called us: what they hear, and where that ends.

RUNG = [at for at, node in LINE.nodes() if at.flow in LINE.legs and isinstance(node, Menu)]
STEPS = [at for at, node in LINE.nodes() if at.flow in LINE.legs and isinstance(node, Do)]


def comes_to(at, outcome, call=None):
    """Run an action that comes to this, and return the turn."""
    line = puppet_line(lambda where, outcomes: outcome if where == str(at) else outcomes[0])
    engine = Engine(line, Services(None, None, None, DIRECTORY))
    return engine._run(call or Call("CA1", "+14155550123", "+18005550100")).go(at)


@pytest.mark.parametrize(
    ("step", "outcome", "place"),
    [
        ("agent.start", Offered.ON_LINE, "agent.ask"),
        ("agent.start", Offered.CALLBACK, "agent.ask_callback"),
        ("agent.start", Offered.CLOSED, "agent.closed"),
        ("agent.start", Offered.GONE, "agent.gone"),
        ("agent.take", Took.DIRECT, "agent.through"),
        ("agent.take", Took.ON_LINE, "agent.meet"),
        ("agent.take", Took.CALLBACK, "agent.call_back"),
        ("agent.take", Took.CLOSED, "agent.closed"),
        ("agent.take", Took.GONE, "agent.gone"),
        ("agent.over", Finished.SERVED, "agent.goodbye"),
        ("agent.over", Finished.NOT_REACHED, "agent.not_reached"),
        ("called_back.start", Stands.YES, "called_back.ask"),
        ("called_back.start", Stands.NO, "called_back.gone"),
        ("called_back.accept", Stands.YES, "called_back.through"),
        ("called_back.accept", Stands.NO, "called_back.gone"),
    ],
)
def test_whoever_is_rung_is_asked_put_through_or_told_that_it_is_over(step, outcome, place):
    assert str(comes_to(Position(*step.split(".")), outcome).wait.at) == place


@pytest.mark.parametrize("at", STEPS, ids=str)
def test_out_of_reach_the_call_of_whoever_is_rung_is_over(at):
    turn = comes_to(at, UNAVAILABLE)
    assert isinstance(turn.wait, End)
    assert turn.wait.at.flow == at.flow


@pytest.mark.parametrize("at", RUNG, ids=str)
def test_whoever_is_rung_says_no_by_the_second_key_and_is_a_machine_after_two_silences(line, at):
    refused = line.answer(at, "2")
    assert isinstance(refused.wait, End)
    assert refused.wait.at.node in {"passed_on", "cancelled"}
    once = line.answer(at, "")
    assert once.wait.at == at
    assert isinstance(line.answer(at, "", once.wait.tries, once.call).wait, End)


# A text message is an aside: whatever comes of it, the caller is back at the answer's choices.


@pytest.mark.parametrize("step", ["start", "send"])
@pytest.mark.parametrize("reason", [reason for reason in Texting if reason is not Texting.POSSIBLE])
def test_a_caller_who_gets_no_text_hears_why_and_is_back_at_the_answer(step, reason):
    answer = Position("audio", "cost")
    call = Call("CA1", "+14155550123", "+18005550100", aside=answer)
    turn = comes_to(Position("text", step), reason, call)
    assert turn.wait.at == answer
    assert turn.spoken[0].id == f"text.{reason.name.lower()}"
