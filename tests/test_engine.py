"""From one wait to the next: what every caller can rely on, whatever they do."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from puppets import DIRECTORY, FACTS, puppet_line

from ivr.call import Call, DialEnded, DialStatus, Disposition, Keys, Position, Proof, Waited, WaitEnd
from ivr.engine import Engine
from ivr.flow import CALL_SLIPS, RESERVED, Ask, Do, Flow, FlowError, Menu, Option, Say
from ivr.line import Line
from ivr.services import Services
from ivr.turn import Dial, End, Enqueue, Gather, Tries, Turn

CALL = Call("CA1", "+14155550123", "+18005550100")
SERVICES = Services(None, None, None, DIRECTORY)


# Where a caller comes to who wants a person: connected, in line, promised a call, or told when, or what else there is.
PERSON = {
    *("support.ring", "support.hold", "support.closed", "support.missed"),
    *("callback.promised", "callback.offer", "callback.number", "callback.away"),
}


def engine_for(line: Line) -> Engine:
    return Engine(line, SERVICES)


def first_outcome() -> Engine:
    """An engine whose every action has the first of its outcomes: all goes well."""
    return engine_for(puppet_line(lambda _, outcomes: outcomes[0]))


def hear(engine: Engine, turn: Turn, *inputs: str | DialStatus | Waited) -> Turn:
    for what in inputs:
        heard = DialEnded(what) if isinstance(what, DialStatus) else Keys(what) if isinstance(what, str) else what
        tries = turn.wait.tries if isinstance(turn.wait, Gather) else Tries()
        turn = engine.answer(turn.call, turn.wait.at, tries, heard)
    return turn


def at(*inputs: str | DialStatus | Waited) -> str:
    engine = first_outcome()
    return str(hear(engine, engine.start(CALL), *inputs).wait.at)


def said(turn: Turn) -> list[str]:
    return [prompt.id for prompt in turn.spoken]


def test_a_new_call_is_greeted_and_waits_at_the_main_menu():
    turn = first_outcome().start(CALL)
    assert said(turn)[:2] == ["welcome.greeting", "main.menu.1"]
    assert turn.wait.at == Position("main", "menu")
    assert turn.call.turn == 1


def test_a_first_silence_repeats_the_choices_but_not_the_greeting():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "")
    assert said(turn)[:2] == ["common.no_input_1", "main.menu.1"]
    assert "welcome.greeting" not in said(turn)


def test_a_second_silence_names_the_key_for_a_person():
    engine = first_outcome()
    assert said(hear(engine, engine.start(CALL), "", ""))[0] == "common.no_input_2"


def test_a_third_silence_brings_a_person():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "", "", "")
    assert turn.wait == Dial(Position("support", "ring"), "+18002636317", 25)
    assert said(turn) == ["common.give_up", "support.ring"]


def test_three_wrong_keys_bring_a_person():
    assert at("8", "7", "6") == "support.ring"


def test_silence_and_wrong_keys_are_counted_apart():
    assert at("", "8", "8") == "main.menu"


def test_a_wrong_key_shows_that_somebody_is_there_so_silences_start_anew():
    assert at("", "", "8", "", "") == "main.menu"


def test_an_answer_in_between_starts_the_count_anew():
    assert at("", "", "2", "", "") == "audio.menu"


def test_six_slips_in_one_call_bring_a_person_wherever_they_happen():
    assert at("", "", "2", "", "", "1", "", "8") == "support.ring"


def test_slips_start_anew_once_a_person_was_fetched():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "", "", "", DialStatus.FAILED, "")
    assert str(turn.wait.at) == "support.missed"
    assert turn.call.slips == 1


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["1", "*"], "main.menu"),
        (["*"], "main.menu"),
        (["2", "1", "*"], "audio.menu"),
        (["2", "1", "2", "*"], "audio.menu"),
        (["2", "1", "*", "*"], "main.menu"),
        (["5", "*"], "main.menu"),
        (["3", "1", "1", "204816", "*"], "trial.menu"),
        (["3", "1", "*"], "trial.menu"),
        (["1", "9", "2", "*"], "main.menu"),
    ],
)
def test_star_goes_back_one_level_and_repeats_at_the_top(keys, place):
    assert at(*keys) == place


def test_nine_is_the_main_menu_without_the_greeting():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "2", "1", "9")
    assert said(turn)[0] == "main.menu.1"


def test_pound_says_a_menu_again_in_full():
    engine = first_outcome()
    answer = hear(engine, engine.start(CALL), "5")
    assert said(hear(engine, answer, "#")) == said(answer) == said(hear(engine, answer, "1"))


def test_what_needs_proof_asks_for_it_first_and_then_goes_on():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "3", "1")
    assert turn.wait.at.flow == "verify"
    assert turn.call.resume == "cancel_trial"
    turn = hear(engine, turn, "1", "204816")
    assert str(turn.wait.at) == "cancel_trial.confirm"
    assert turn.call.proof is Proof.PIN


def test_an_address_inside_a_guarded_flow_does_not_skip_the_pin():
    turn = first_outcome().answer(CALL, Position("cancel_trial", "confirm"), Tries(), Keys("2"))
    assert turn.wait.at.flow == "verify"
    assert said(turn)[0] == "common.moved"


@pytest.mark.parametrize(
    ("gone", "sorry", "place"),
    [
        (Position("old_flow", "menu"), "lost", "main.menu"),
        (Position("main", "old"), "moved", "main.menu"),
        (Position("audio", "old"), "moved", "audio.menu"),
        (Position("verify", "verified"), "moved", "verify.offer"),
    ],
)
def test_a_place_that_is_no_wait_any_more_leads_to_the_start_of_its_flow_with_an_apology(gone, sorry, place):
    turn = first_outcome().answer(CALL, gone, Tries(), Keys("1"))
    assert said(turn)[0] == f"common.{sorry}"
    assert str(turn.wait.at) == place


def test_the_read_back_before_a_change_cannot_be_cut_by_a_key():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "3", "1", "1", "204816")
    assert turn.prompts[-1].id == "cancel_trial.confirm"
    assert turn.wait.prompts[0].id == "cancel_trial.confirm.1"


def test_the_key_that_led_to_a_change_does_not_confirm_it():
    assert at("3", "1", "1", "204816", "1") == "cancel_trial.kept"


def test_silence_at_the_read_back_changes_nothing_and_says_so():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "3", "1", "1", "204816", "", "", "")
    assert said(turn)[0] == "cancel_trial.unchanged"
    assert str(turn.wait.at) == "support.ring"


def test_star_at_a_question_explains_it_and_leads_back_to_it():
    engine = first_outcome()
    question = hear(engine, engine.start(CALL), "1", "2")
    help_ = hear(engine, question, "*")
    assert str(help_.wait.at) == "buying.organizers_help"
    assert str(hear(engine, help_, "1").wait.at) == "buying.organizers"


def test_too_few_digits_are_told_apart_from_silence_and_do_not_reach_the_check():
    def choose(where, outcomes):
        assert where != "verify.pin"
        return outcomes[0]

    engine = engine_for(puppet_line(choose))
    turn = hear(engine, engine.start(CALL), "3", "1", "1", "2048")
    assert said(turn) == ["common.too_short", "verify.pin"]


def test_a_pound_key_left_over_from_the_entry_before_is_no_mistake():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "3", "1", "1", "#")
    assert said(turn) == ["verify.pin"]
    assert turn.call.slips == 0


def test_a_lone_zero_is_a_person_even_where_digits_are_asked_for():
    assert at("1", "2", "0") == "support.ring"


def test_an_account_system_that_is_away_is_told_to_the_caller_who_gets_a_person():
    engine = engine_for(puppet_line(lambda where, outcomes: outcomes[-1 if "review" in where else 0]))
    turn = hear(engine, engine.start(CALL), "3", "1", "1", "204816")
    assert said(turn) == ["common.unavailable", "support.ring"]


def test_an_account_system_that_goes_away_during_a_question_is_told_too():
    engine = engine_for(puppet_line(lambda where, outcomes: outcomes[-1 if where == "verify.pin" else 0]))
    turn = hear(engine, engine.start(CALL), "3", "1", "1", "204816")
    assert said(turn) == ["common.unavailable", "support.ring"]


def test_a_finished_transfer_says_goodbye_and_counts_as_transferred():
    engine = first_outcome()
    turn = hear(engine, engine.start(CALL), "0", DialStatus.COMPLETED)
    assert turn.wait == End(Position("support", "goodbye"))
    assert turn.call.disposition is Disposition.TRANSFERRED
    assert turn.call.transferred_to == "+18002636317"


@pytest.mark.parametrize("status", [s for s in DialStatus if s is not DialStatus.COMPLETED])
def test_busy_or_no_answer_is_a_line_to_wait_in_and_no_way_at_all_a_menu(status):
    waits = status in {DialStatus.BUSY, DialStatus.NO_ANSWER}
    assert at("0", status) == ("support.hold" if waits else "support.missed")
    if not waits:
        assert at("0", status, "1") == "support.ring"
        assert at("0", status, "9") == "main.menu"
        assert at("1", "3", "2", status, "2") == "support.ring"


@pytest.mark.parametrize(
    ("waited", "place"),
    [
        (Waited(WaitEnd.SERVED), "support.goodbye"),
        (Waited(WaitEnd.KEY, "1"), "callback.promised"),
        (Waited(WaitEnd.KEY, "2"), "voicemail.message"),
        (Waited(WaitEnd.KEY, "9"), "main.menu"),
        (Waited(WaitEnd.KEY, "*"), "main.menu"),
        (Waited(WaitEnd.KEY, "8"), "support.missed"),
        (Waited(WaitEnd.EXPIRED), "support.missed"),
        (Waited(WaitEnd.FAILED), "support.missed"),
    ],
    ids=str,
)
def test_whoever_waits_comes_to_a_person_or_where_they_chose_to_go(waited, place):
    assert at("0", DialStatus.BUSY, waited) == place


def test_an_outcome_nobody_mapped_is_an_error_that_names_the_node():
    line = flows_with(Flow("x", act=Do(lambda call, _: (Disposition.FAILED, call), on={})))
    with pytest.raises(FlowError, match=r"main\.act: outcome failed has no target"):
        engine_for(line).start(CALL)


def test_a_flow_without_nodes_is_an_error():
    with pytest.raises(FlowError, match="flow 'x' has no nodes"):
        Flow("x")


def test_a_circle_without_a_wait_is_an_error():
    line = flows_with(Flow("x", start=Say("Hello.", to="start")))
    with pytest.raises(FlowError, match=r"main\.start: more than 50 nodes without a wait"):
        engine_for(line).start(CALL)


def flows_with(main: Flow) -> Line:
    return Line({"main": main, "verify": main, "support": main}, start="main")


def test_an_option_may_not_point_into_nothing():
    line = flows_with(Flow("x", start=Menu("", Option("1", "to fall", to="nowhere"))))
    engine = engine_for(line)
    with pytest.raises(FlowError, match="no node or flow 'nowhere'"):
        hear(engine, engine.start(CALL), "1")


# Whatever a caller does, in any order, and whatever the actions say.

keys = st.sampled_from(["", *"0123456789*#", "70000011", "204816", "1234", "*#", "99999"])
inputs = st.lists(st.one_of(keys, st.sampled_from(DialStatus)), max_size=40)


def walk(data, inputs, *, forever=False):
    engine = engine_for(puppet_line(lambda _, outcomes: data.draw(st.sampled_from(outcomes))))
    turn = engine.start(CALL)
    yield engine, turn
    for what in inputs:
        if isinstance(turn.wait, End):
            return
        dialling = isinstance(turn.wait, Dial)
        if dialling != isinstance(what, DialStatus):
            if not forever:
                continue
            what = DialStatus.NO_ANSWER if dialling else ""  # noqa: PLW2901 a silent caller whom nobody answers
        turn = hear(engine, turn, what)
        yield engine, turn


@settings(max_examples=150, deadline=None)
@given(st.data(), inputs)
def test_no_caller_ever_hears_nothing(data, inputs):
    for _, turn in walk(data, inputs):
        assert turn.spoken


@settings(max_examples=150, deadline=None)
@given(st.data(), inputs)
def test_nobody_waits_in_a_guarded_flow_without_proof(data, inputs):
    for engine, turn in walk(data, inputs):
        assert engine.line.flows[turn.wait.at.flow].needs <= turn.call.proof


@settings(max_examples=150, deadline=None)
@given(st.data(), inputs)
def test_no_secret_digit_is_in_anything_a_turn_says_or_keeps(data, inputs):
    secret = "31415926"
    for engine, turn in walk(data, inputs):
        node = engine.line.node(turn.wait.at)
        if isinstance(node, Ask) and node.secret:
            turn_after = hear(engine, turn, secret[: node.most])
            assert secret[: node.most] not in repr(turn_after)


@settings(max_examples=100, deadline=None)
@given(st.data(), inputs)
def test_zero_brings_a_person_from_every_menu(data, inputs):
    for engine, turn in walk(data, inputs):
        if isinstance(turn.wait, Gather) and not turn.wait.finish:
            assert str(hear(engine, turn, "0").wait.at) in PERSON


@settings(max_examples=100, deadline=None)
@given(st.data(), inputs)
def test_a_caller_who_falls_silent_for_good_is_never_held_for_ever(data, inputs):
    *_, (engine, turn) = walk(data, inputs)
    *_, (_, last) = walk(data, [""] * 60, forever=True) if isinstance(turn.wait, End) else _silent(engine, turn)
    assert isinstance(last.wait, End)


def _silent(engine, turn):
    for _ in range(60):
        if isinstance(turn.wait, End):
            break
        ended = {Dial: DialStatus.NO_ANSWER, Enqueue: Waited(WaitEnd.EXPIRED)}
        turn = hear(engine, turn, ended.get(type(turn.wait), ""))
        yield engine, turn


@settings(max_examples=100, deadline=None)
@given(st.data(), inputs)
def test_slips_stay_below_the_limit_and_tries_below_theirs(data, inputs):
    for _, turn in walk(data, inputs):
        assert turn.call.slips < CALL_SLIPS
        if isinstance(turn.wait, Gather):
            assert max(turn.wait.tries.silent, turn.wait.tries.wrong) < 3


def test_reserved_keys_mean_the_same_on_every_menu():
    line = puppet_line(lambda _, outcomes: outcomes[0])
    for where, node in line.nodes():
        if isinstance(node, Menu):
            assert not {option.key for option in node.options} & RESERVED.keys(), where


def test_facts_do_not_leak_between_calls():
    engine = first_outcome()
    known = hear(engine, engine.start(CALL), "3", "1", "1", "204816")
    assert known.call.facts == FACTS
    assert engine.start(replace(CALL, sid="CA2")).call.facts == {}
