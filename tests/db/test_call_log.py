from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.call import Call, Disposition, Position, Proof
from ivr.call_log import Progress, Visit
from ivr.db.calls import SqlCallLog
from ivr.db.history import list_calls, show_call

AT = datetime(2027, 3, 5, 17, tzinfo=UTC)
SID = "CA00000000000000000000000000000001"


def visit(n=1, **fields):
    known = {"at": AT + timedelta(seconds=n), "flow": "main", "node": f"menu{n}", "kind": "menu"}
    return Visit(**{**known, "prompts": (f"main.menu{n}.text",), "values": {}, **fields})


def progress(n=1, answer=None, call=None, **fields):
    call = call or Call(SID, "+14155550123", "+18005550100")
    return Progress(replace(call, turn=n, **fields), visit(n), answer or f"<Response>{n}</Response>")


@pytest.fixture
def log(engine):
    return SqlCallLog(engine)


@pytest.fixture
def show(engine):
    return lambda sid=SID: show_call(engine, sid)


def outcomes(shown):
    return [(turn["node"], turn["outcome"]) for turn in shown["turns"]]


def talk(log, turns=3, **fields):
    log.save(progress(1), None)
    for n in range(2, turns + 1):
        log.save(progress(n, **(fields if n == turns else {})), visit(n - 1, outcome=f"key {n}"))


def test_a_new_call_is_unknown(log):
    assert log.load(SID) is None


def test_what_is_saved_is_loaded(log):
    call = Call(
        SID,
        "+14155550123",
        "+18005550100",
        turn=1,
        trail=(Position("main", "menu"), Position("billing", "menu")),
        proof=Proof.PIN,
        claim="7",
        account_id="7",
        account_number="70000011",
        resume="cancel_trial",
        facts={"trial_ends_on": "2027-03-17", "name": "Zoë \U0001f600"},
        slips=2,
        disposition=Disposition.INFORMED,
        transferred_to="+18886460014",
        aside=Position("main", "password"),
    )
    told = visit(values={"company": "GoToMeeting"}, prompts=("a.b", "c.d"), input="••••", ms=12)
    saved = Progress(call, told, "<Response/>")
    assert log.save(saved, None) == "<Response/>"
    assert log.load(SID) == saved


def test_turns_are_logged_in_order_with_the_wait_it_is_in_last(log, show):
    talk(log, 3)
    assert outcomes(show()) == [("menu1", "key 2"), ("menu2", "key 3"), ("menu3", "")]
    assert (show()["status"], show()["started_at"]) == ("in-progress", "2027-03-05T17:00:01Z")


@pytest.mark.parametrize("n", [1, 2])
def test_a_repeated_webhook_changes_nothing_and_hears_the_same(log, show, n):
    talk(log, n)
    before = show()
    finished = None if n == 1 else visit(n - 1, outcome="other")
    assert log.save(progress(n, answer="<other/>", slips=5), finished) == f"<Response>{n}</Response>"
    assert show() == before
    assert log.load(SID).call.slips == 0


def test_a_late_repetition_of_an_older_turn_hears_the_newest_answer(log, show):
    talk(log, 4)
    before = show()
    assert log.save(progress(2, answer="<other/>"), visit(1)) == "<Response>4</Response>"
    assert show() == before


@pytest.mark.parametrize("n", [1, 2])
def test_one_webhook_many_times_at_once_is_one_turn(log, show, n):
    talk(log, n - 1) if n > 1 else None
    finished = None if n == 1 else visit(1, outcome="key")
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda i: log.save(progress(n, answer=f"<{i}/>"), finished), range(8)))
    assert answers == {log.load(SID).answer}
    assert len(show()["turns"]) == n


def test_the_end_of_a_call_is_noted_once(log, show):
    talk(log, 2)
    call = log.load(SID).call
    log.ended(call, "completed", 31, AT + timedelta(seconds=32))
    log.ended(call, "failed", 99, AT + timedelta(seconds=99))
    shown = show()
    assert (shown["status"], shown["duration_s"], shown["ended_at"]) == ("completed", 31, "2027-03-05T17:00:32Z")
    assert shown["disposition"] == "abandoned"
    assert outcomes(shown) == [("menu1", "key 2"), ("menu2", "hang-up")]


def test_a_call_that_we_ended_was_not_hung_up_on(log, show):
    log.save(Progress(replace(progress().call, disposition=Disposition.RESOLVED), visit(kind="hangup"), "<x/>"), None)
    log.ended(Call(SID, "", ""), "completed", 5, AT)
    assert outcomes(show()) == [("menu1", "ended")]
    assert show()["disposition"] == "resolved"


def test_the_end_may_say_how_far_the_call_came(log, show):
    talk(log, 1)
    log.ended(progress(disposition=Disposition.INFORMED).call, "completed", 5, AT)
    assert show()["disposition"] == "informed"


def test_an_answer_written_as_the_caller_hangs_up_is_not_lost(log, show):
    talk(log, 2)
    log.ended(log.load(SID).call, "completed", 9, AT)
    log.save(progress(3, disposition=Disposition.RESOLVED), visit(2, outcome="2"))
    assert outcomes(show()) == [("menu1", "key 2"), ("menu2", "2"), ("menu3", "hang-up")]
    assert (show()["disposition"], show()["status"]) == ("resolved", "completed")


def test_a_call_never_seen_before_may_end(log, show):
    log.ended(Call("CA9", "+14155550123", "+18005550100"), "no-answer", None, AT)
    log.ended(Call("CA9", "+14155550123", "+18005550100"), "completed", 3, AT)
    assert (show("CA9")["status"], show("CA9")["started_at"], show("CA9")["turns"]) == (
        "no-answer",
        "2027-03-05T17:00:00Z",
        [],
    )
    assert log.load("CA9") is None


def test_the_first_webhook_may_come_after_the_end(log, show):
    log.ended(Call(SID, "+14155550123", "+18005550100"), "completed", 3, AT)
    assert log.save(progress(1), None) == "<Response>1</Response>"
    assert outcomes(show()) == [("menu1", "hang-up")]
    assert log.save(progress(2), visit(1, outcome="1")) == "<Response>2</Response>"
    assert outcomes(show()) == [("menu1", "1"), ("menu2", "hang-up")]


def test_a_person_who_answers_makes_it_a_transfer(log, show):
    talk(log, 2, transferred_to="+18002636317")
    log.bridged(SID, "+18056177000")
    assert (show()["disposition"], show()["transferred_to"]) == ("transferred", "+18056177000")


def test_a_webhook_in_flight_does_not_forget_the_transfer(log, show):
    talk(log, 2)
    stale = progress(3, disposition=Disposition.INFORMED)
    log.bridged(SID, "+18056177000")
    log.save(stale, visit(2))
    log.ended(stale.call, "completed", 60, AT)
    assert (show()["disposition"], show()["transferred_to"]) == ("transferred", "+18056177000")


def test_bridging_an_unknown_call_does_nothing(log, engine):
    log.bridged("CA-unknown", "+18056177000")
    assert list_calls(engine) == []


@pytest.mark.parametrize("caller", ["anonymous", "", "client:bob", "+" + "9" * 199, "\U0001f4de☎", "a\0b", "\ud83d"])
def test_odd_callers_survive(log, engine, caller):
    log.save(progress(call=Call(SID, caller, caller)), None)
    assert log.load(SID) is not None
    log.save(progress(2, call=Call(SID, caller, caller)), visit(1, input=caller, values={"x": caller}))
    (listed,) = list_calls(engine)
    assert listed["from"] == caller.replace("\0", "�").replace("\ud83d", "?")


def test_lists_newest_first_since_and_at_most(log, engine):
    for n in (1, 3, 2):
        log.save(Progress(Call(f"CA{n}", "", "", turn=1), visit(n), ""), None)
    assert [call["call_sid"] for call in list_calls(engine)] == ["CA3", "CA2", "CA1"]
    assert [call["call_sid"] for call in list_calls(engine, limit=1)] == ["CA3"]
    assert [call["call_sid"] for call in list_calls(engine, since=AT + timedelta(seconds=2))] == ["CA3", "CA2"]


def test_shows_the_words_when_told_how_to_speak(log, engine):
    log.save(Progress(Call(SID, "", "", turn=1), visit(prompts=("a", "b"), values={"x": "1"}), ""), None)
    shown = show_call(engine, SID, lambda prompt_id, values: f"{prompt_id}={values['x']}.")
    assert shown["turns"][0]["heard"] == "a=1. b=1."
    assert show_call(engine, "CA-unknown") is None
