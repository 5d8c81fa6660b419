"""Calls while the database is away: what callers hear, and what is in the log afterwards."""

import pytest
from carrier import SID
from outage import asked, restarted

from ivr.db.history import list_voicemails
from ivr.simulator.plans import Person

NOT_NOW = "I can't look up accounts right now"
UNAVAILABLE = "I can't reach our account system right now. Let me get someone to help you."
SUPPORT, DIRECT = "+18002636317", "+18056177000"


def test_a_call_gets_its_answers_and_every_turn_is_written_once_the_database_is_back(phone, outage):
    outage.begins()
    call = phone.dial().hears("Thanks for calling GoToMeeting support. To try or buy GoToMeeting, press 1.")
    call.press("5").hears("Type your new password twice").press("9").hears("To try or buy").press("2")
    call.hears("To hear what audio costs").press("1").hears("unlimited audio").press("*").hears("sign up").hang_up()
    assert outage.waiting == 7, "five turns, the first, and the end"
    outage.ends()
    assert outage.waiting == 0
    (row,) = outage.calls()
    assert (row["status"], row["disposition"]) == ("completed", "informed")
    turns = outage.turns(call.call_sid)
    assert asked(*turns) == [
        ("main.menu", "5", "5"),
        ("main.password", "9", "9"),
        ("main.menu", "2", "2"),
        ("audio.menu", "1", "1"),
        ("audio.cost", "*", "*"),
        ("audio.menu", "", "hang-up"),
    ]
    assert turns[0]["heard"].startswith("Thanks for calling GoToMeeting support. To try or buy")


def test_the_first_key_of_an_outage_is_answered_as_if_nothing_had_happened(phone, outage):
    call = phone.dial().press("2").hears("To hear what audio costs")
    outage.begins()
    call.press("2").hears("over 50 countries").lacks("sorry").press("9").hears("To try or buy").hang_up()
    outage.ends()
    assert asked(*outage.turns(call.call_sid)) == [
        ("main.menu", "2", "2"),
        ("audio.menu", "2", "2"),
        ("audio.toll_free", "9", "9"),
        ("main.menu", "", "hang-up"),
    ]
    assert "To sign up for toll-free numbers, press 2." in outage.turns(call.call_sid)[1]["heard"], "as it was heard"


def test_who_wants_an_account_is_told_so_and_gets_a_person(phone, outage):
    outage.begins()
    call = phone.dial(people={SUPPORT: Person()}).press("3").press("1").hears("do this online, too")
    call.hears(UNAVAILABLE).rings(SUPPORT)


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        (["3", "1", "70000011"], "••••••••"),
        (["3", "1", "70000011", "204816"], "••••••"),
        (["3", "1", "70000011", "204816", "2#"], "2"),
    ],
)
def test_who_is_on_the_way_to_an_account_goes_on_at_the_main_menu_and_not_at_a_person(
    phone, outage, keys, written, caplog
):
    call = phone.dial(from_="+14155550199")
    for key in keys[:-1]:
        call.press(key)
    outage.begins()
    call.press(keys[-1]).hears(NOT_NOW).hears("To try or buy GoToMeeting, press 1.").press("5").hears("new password")
    kept = "".join(path.read_text() for path in outage.line.steady.spool.files())
    assert not any(secret in kept + caplog.text for secret in ("204816", "70000011"))
    outage.ends()
    assert asked(*outage.turns(call.call_sid))[len(keys) - 1][1] == written


def test_once_it_is_back_the_call_goes_on_with_accounts_in_it(phone, outage):
    call = phone.dial()
    outage.begins()
    call.press("2").hears("what audio costs")
    outage.ends()
    call.press("9").hears("To try or buy").press("3").press("1").hears("enter your 8 digit account number")
    call.press("70000011").press("204816").hears("Your free trial runs through").press("2#").hears("Done.").hang_up()
    assert [step for step, *_ in asked(*outage.turns(call.call_sid))] == [
        *("main.menu", "audio.menu", "main.menu", "trial.menu", "verify.account", "verify.pin"),
        *("cancel_trial.confirm", "cancel_trial.cancelled"),
    ]
    (row,) = outage.calls()
    assert (row["disposition"], row["status"]) == ("resolved", "completed")


def test_the_database_may_go_and_come_again_and_again_in_one_call(phone, outage):
    call = phone.dial()
    for _ in range(3):
        outage.begins()
        call.press("5").hears("new password").press("9").hears("To try or buy")
        outage.ends()
        call.press("2").hears("audio costs").press("9").hears("To try or buy")
    call.hang_up()
    steps = [step for step, *_ in asked(*outage.turns(call.call_sid))]
    assert steps == [*("main.menu", "main.password", "main.menu", "audio.menu") * 3, "main.menu"]


def test_it_comes_back_unnoticed_and_what_waited_is_older_than_what_was_written_since(phone, outage):
    call = phone.dial()
    outage.begins()
    call.press("5").press("9")
    outage.ends(noticed=False)
    outage.line.steady.breaker.is_closed = True  # as in another process, which has found out
    call.press("2").hears("audio costs").press("9")
    assert [step for step, *_ in asked(*outage.turns(call.call_sid))][-2:] == ["audio.menu", "main.menu"]
    outage.is_noticed()
    call.hang_up()
    assert [step for step, *_ in asked(*outage.turns(call.call_sid))] == [
        *("main.menu", "main.password", "main.menu", "audio.menu", "main.menu")
    ]


def test_a_person_is_rung_at_once_and_the_talk_is_in_the_log(phone, outage):
    outage.begins()
    call = phone.dial(people={SUPPORT: Person()}).press("0").rings(SUPPORT).hears("Thank you for calling. Goodbye.")
    outage.ends()
    (row,) = outage.calls()
    assert (row["disposition"], row["transferred_to"]) == ("transferred", SUPPORT)
    assert asked(*outage.turns(call.call_sid))[1] == ("support.ring", "completed", "completed")


def test_who_finds_nobody_leaves_a_message_and_it_is_there_afterwards(phone, outage):
    outage.begins()
    call = phone.dial(people={SUPPORT: "busy", DIRECT: "busy"}).press("0").hears("nobody can take your call").press("2")
    call.hears("Please leave a message").speak("please call me", seconds=4).press("#").hears(
        "Your message is recorded."
    )
    call.press("1").hears("Your message is sent.").hang_up()
    outage.ends()
    (message,) = list_voicemails(outage.line.database)
    assert (message["call_sid"], message["seconds"], message["state"]) == (call.call_sid, 4, "sent")
    assert outage.calls()[0]["disposition"] == "voicemail"


def test_texts_and_callbacks_are_declined_in_words_and_the_call_goes_on(phone, outage):
    outage.begins()
    call = (
        phone.dial(people={SUPPORT: "busy", DIRECT: "busy"})
        .press("5")
        .press("3")
        .hears("I can't send text messages at the moment.")
    )
    call.press("0").hears("nobody can take your call").press("3").hears("can't arrange that right now").lacks(
        "account system"
    )


def test_who_waits_in_line_keeps_holding_through_a_short_outage_and_is_put_through_after_a_long_one(
    carrier, outage, monkeypatch
):
    outage.begins()
    held = carrier.post("/voice/support/hold/hold?turn=3", QueueTime="30").text
    assert "Thank you for holding." in held
    assert "/voice/support/hold/hold?turn=3" in held
    monkeypatch.setattr(type(outage.line.steady.breaker), "open_s", 61.0)
    assert "<Leave" in carrier.post("/voice/support/hold/hold?turn=3", QueueTime="90").text
    out = carrier.post("/voice/support/hold?turn=3", QueueResult="leave").text
    assert SUPPORT in out


def test_nobody_whom_we_ring_is_sent_to_a_person(carrier, outage):
    outage.begins()
    for path in ("/voice/leg/agent?offer=x", "/voice/agent/ask?turn=1"):
        answer = carrier.post(path, Direction="outbound-api", Digits="1").text
        assert "<Hangup" in answer
        assert "<Dial" not in answer


def test_what_is_told_of_calls_and_recordings_is_noted_later(carrier, outage):
    carrier.post("/voice")
    carrier.post("/voice/main/menu?turn=1", Digits="0")
    outage.begins()
    child = {"ParentCallSid": SID, "To": SUPPORT}
    recording = {"RecordingSid": "RE" + "a" * 32, "RecordingStatus": "completed", "RecordingDuration": "7"}
    assert carrier.post("/voice/status", "CA2", CallStatus="in-progress", **child).status_code == 204
    assert carrier.post("/voice/recording", **recording).status_code == 204
    assert carrier.post("/voice/status", CallStatus="completed", CallDuration="300").status_code == 204
    assert carrier.post("/voice/status", CallStatus="ringing").status_code == 204
    assert outage.waiting == 3
    outage.ends()
    (row,) = outage.calls()
    assert (row["disposition"], row["transferred_to"], row["duration_s"]) == ("transferred", SUPPORT, 300)


def test_where_not_even_the_disk_takes_it_the_caller_is_answered_and_the_operator_told(phone, outage, caplog):
    spool = outage.line.steady.spool
    spool.folder.parent.mkdir(exist_ok=True)
    spool.folder.write_text("in the way")
    outage.begins()
    phone.dial().hears("Thanks for calling").press("5").hears("new password")
    assert "is lost" in caplog.text
    assert "cannot be written" in caplog.text


def test_while_it_is_away_nobody_waits_for_it(phone, outage, monkeypatch):
    outage.begins()
    call = phone.dial()
    tries = []
    monkeypatch.setattr(outage.line.database.pool, "connect", lambda: tries.append(1))
    monkeypatch.setattr(outage.line.calls.quick, "_connect", lambda: tries.append(1))
    call.press("5").press("9").press("2").hang_up()
    assert tries == []


def test_a_seal_is_good_for_one_call_and_tells_nothing(carrier, outage):
    outage.begins()
    answer = carrier.post("/voice").text
    sealed = answer.split("sealed=")[1].split('"')[0]
    assert "4155550123" not in sealed
    path = f"/voice/main/menu?turn=1&sealed={sealed}"
    assert "new password" in carrier.post(path, Digits="5").text
    steady = outage.line.steady
    assert steady.seal.open(SID, sealed)["turn"] == 1
    assert steady.seal.open("CA9", sealed) is None
    assert steady.seal.open(SID, sealed[:-2]) is None
    assert "new password" in carrier.post(path + "x", Digits="5").text, "one that is not ours is as none at all"


def test_operators_see_it_and_see_it_end(app, carrier, outage):
    outage.begins()
    carrier.post("/voice")
    page = app.test_client().get("/metrics").text
    assert "\nanswerline_degraded 1.0" in page
    assert "\nanswerline_spool_bytes 0.0" not in page
    assert 'outcome="degraded",webhook="incoming"' in page
    assert "callers are answered without it" in app.test_client().get("/readyz").text
    outage.ends()
    page = app.test_client().get("/metrics").text
    assert "\nanswerline_degraded 0.0" in page
    assert "\nanswerline_spool_bytes 0.0" in page


def test_another_process_writes_what_a_killed_one_has_left(app, carrier, outage, clock):
    outage.begins()
    carrier.post("/voice")
    outage.line.steady.spool._let_go()  # as the kernel does
    outage.ends(noticed=False)
    again = restarted(app, outage.line, clock)
    background = []
    again.steady.breaker._start = background.append
    carrier.post("/voice", "CA2")
    for work in background:
        work()
    assert {call["call_sid"] for call in outage.calls()} == {SID, "CA2"}
    again.database.dispose()
