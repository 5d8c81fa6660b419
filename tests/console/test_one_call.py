"""The page of one call: what happened from ring to hang-up, and what staff make of it. Real calls, by telephone."""

import re
from dataclasses import replace
from datetime import UTC

import pytest
from sqlalchemy import select, update

from ivr.audio.store import ClipStore
from ivr.call import Disposition
from ivr.db.console.audit import entries
from ivr.db.console.tables import CallFactsRow, MarkRow, NoteRow
from ivr.db.database import reading
from ivr.db.models.calls import TurnRow
from ivr.prompts import prompts

ANN, PIN = "70000011", "204816"


@pytest.fixture
def place(phone):
    """Place a call: keys, None for a silence; then hang up. Returns its CallSid."""

    def dial(*acts, people=None, from_="+14155550111", ends=True):
        call = phone.dial(from_=from_, people=people or {"*": "completed"})
        for act in acts:
            call.waits() if act is None else call.press(act)
        if ends and not call.ended:
            call.hangs_up()
        return call.call_sid

    return dial


def of(desk_, sid, **form):
    """Fill in a form as the page shows it now."""
    page = desk_.get(f"/console/calls/{sid}").text
    return {"seen": re.search(r'name="seen" value="([^"]*)"', page)[1], **form}


def row(staffed, table, sid):
    with reading(staffed.database) as session:
        return session.get(table, sid)


# What was heard is there in words, and so is what a key meant.
def test_the_story_of_a_call(desk, place):
    sid = place("5", "9", "1")
    seen = desk("staff").sees(f"/console/calls/{sid}")
    assert "Thanks for calling GoToMeeting support." in seen
    assert "Pressed 5 to change your password" in seen
    assert "Pressed 9 for the main menu" in seen
    assert "Pressed 1 to try or buy GoToMeeting" in seen
    assert "The caller hung up" in seen


# Retries are told in words.
def test_silences_and_wrong_keys(desk, place):
    seen = desk("staff").sees(f"/console/calls/{place(None, '7')}")
    assert "No key pressed, once here" in seen
    assert "A key that is none of the choices, once here" in seen


# A secret is dots, on the page and in the file; what came of it is words; a change is shown with its code.
def test_a_pin_and_a_change(desk, place):
    sid = place("3", "1", "1", PIN, "2#", from_="+14155550111")
    lead = desk("lead")
    page = lead.get(f"/console/calls/{sid}").text
    assert PIN not in page
    assert "••••••" in page
    seen = lead.sees(f"/console/calls/{sid}")
    assert "PIN correct" in seen
    assert "Account changed: cancel trial , confirmation code" in seen
    assert "in this call" in seen
    assert "Account 70000011" in seen


# A transfer and how it ended; who was rung for the caller is a call of its own, and linked.
def test_a_transfer_and_its_leg(desk, place):
    sid = place("0")
    lead = desk("lead")
    seen = lead.sees(f"/console/calls/{sid}")
    assert "Somebody answered, and both have talked" in seen
    assert "Rung for this caller" in seen
    leg = re.search(r"Rung for this caller.*?/console/calls/(\w+)", lead.get(f"/console/calls/{sid}").text, re.DOTALL)[
        1
    ]
    assert "Somebody is asked to take a call" in lead.sees(f"/console/calls/{leg}")


def test_a_call_that_goes_on(desk, place):
    sid = place("3", ends=False)
    lead = desk("lead")
    seen = lead.sees(f"/console/calls/{sid}")
    assert "in progress" in seen
    assert "the line waits for the caller" in seen
    answer = lead.post(f"/console/calls/{sid}/disposition", to="resolved", reason="it is", **of(lead, sid))
    assert answer.status_code == 409


# The caller's other calls: of the same number, none of another.
def test_other_calls_of_the_same_number(desk, place):
    first, other, second = place("5"), place("5", from_="+14155550199"), place("2")
    page = desk("staff").get(f"/console/calls/{second}").text
    assert first in page
    assert other not in page


# The drawing tells the way in words, too, with what was passed without waiting.
def test_the_way_through_the_flows(desk, place):
    page = desk("staff").get(f"/console/calls/{place('3', '1', '1', PIN, '1')}").text
    assert "main.menu, then trial.menu, then cancel_trial.review" in page or "verify.start" in page
    assert 'class="walked"' in page


# Whole numbers are for leads; staff see the last two digits, on the page and in the file.
def test_numbers_are_masked_for_staff(desk, place):
    sid = place("5")
    for path in (f"/console/calls/{sid}", f"/console/calls/{sid}.call"):
        assert not re.search(r"415.?555.?0111", desk("staff").get(path).text)
        assert re.search(r"415.?555.?0111", desk("lead").get(path).text)


@pytest.mark.parametrize("sid", ["nobody", "CA" + "0" * 32, "%00", "é" * 70, "' or 1=1"])
def test_a_call_that_is_not_there(desk, sid):
    staff = desk("staff")
    assert staff.get(f"/console/calls/{sid}").status_code == 404
    assert staff.get(f"/console/calls/{sid}.call").status_code == 404
    assert staff.post(f"/console/calls/{sid}/notes", body="hello").status_code == 404
    assert staff.post(f"/console/calls/{sid}/assign", seen="-", to="stan").status_code == 404


# A correction needs a reason, is audited, and is what the call is searched by; it can be taken back.
def test_a_corrected_disposition(desk, place, staffed):
    sid = place("5")
    lead = desk("lead")
    assert lead.post(f"/console/calls/{sid}/disposition", **of(lead, sid, to="resolved")).status_code == 400
    assert lead.post(f"/console/calls/{sid}/disposition", **of(lead, sid, to="happy", reason="x")).status_code == 400
    answer = lead.post(f"/console/calls/{sid}/disposition", **of(lead, sid, to="resolved", reason="I asked them"))
    assert answer.status_code == 302
    assert row(staffed, CallFactsRow, sid).disposition is Disposition.RESOLVED
    assert "the line said Got an answer" in lead.sees(f"/console/calls/{sid}")
    [entry] = entries(staffed.database, act="call corrected")
    assert (entry.who, entry.detail["before"], entry.detail["after"]) == ("lea", "informed", "resolved")
    lead.post(f"/console/calls/{sid}/disposition", **of(lead, sid, to="line"))
    assert row(staffed, CallFactsRow, sid).disposition is Disposition.INFORMED


# A form that was opened before somebody else changed the same is refused, and changes nothing.
def test_a_stale_form(desk, place, staffed):
    sid = place("5")
    stan, lea = desk("staff"), desk("lead")
    old = of(lea, sid)
    stan.post(f"/console/calls/{sid}/assign", **of(stan, sid, to="stan"))
    answer = lea.post(f"/console/calls/{sid}/assign", **old, to="lea")
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text
    assert row(staffed, MarkRow, sid).assigned_to == "stan"


def test_assigning_and_flagging(desk, place, staffed):
    sid, stan = place("5"), desk("staff")
    assert stan.post(f"/console/calls/{sid}/assign", **of(stan, sid, to="nobody-here")).status_code == 404
    stan.post(f"/console/calls/{sid}/assign", **of(stan, sid, to="ada"))
    stan.post(f"/console/calls/{sid}/follow-up", **of(stan, sid, follow_up="1"))
    mark = row(staffed, MarkRow, sid)
    assert (mark.assigned_to, mark.follow_up, mark.who) == ("ada", True, "stan")
    assert "follow up" in stan.sees(f"/console/calls/{sid}")
    stan.post(f"/console/calls/{sid}/follow-up", **of(stan, sid))
    stan.post(f"/console/calls/{sid}/assign", **of(stan, sid, to=""))
    mark = row(staffed, MarkRow, sid)
    assert (mark.assigned_to, mark.follow_up) == (None, False)
    assert len(entries(staffed.database, act="call assigned")) == 4


# Every version of a note is kept; it is changed by who wrote it, from its newest version, and by nobody else.
def test_notes_and_their_history(desk, place, staffed):
    sid, stan, lea = place("5"), desk("staff"), desk("lead")
    stan.post(f"/console/calls/{sid}/notes", body="calls <b>again</b>")
    stan.post(f"/console/calls/{sid}/notes", body="calls <b>again</b>")  # the button was pressed twice
    with reading(staffed.database) as session:
        [first] = session.scalars(select(NoteRow)).all()
    assert "calls &lt;b&gt;again&lt;/b&gt;" in lea.get(f"/console/calls/{sid}").text
    change = f"/console/calls/{sid}/notes/{first.id}"
    assert lea.post(change, body="mine now").status_code == 403
    assert stan.post(change, body=" ").status_code == 400
    assert stan.post(change, body="has called again").status_code == 302
    assert stan.post(change, body="from an old page").status_code == 409
    seen = lea.sees(f"/console/calls/{sid}")
    assert "edited" in seen
    assert "Versions before" in seen
    with reading(staffed.database) as session:
        newest = session.scalars(select(NoteRow).where(NoteRow.current)).one()
    assert newest.first_id == first.id
    stan.post(f"/console/calls/{sid}/notes/{newest.id}", do="take away")
    assert "This note was taken away." in lea.sees(f"/console/calls/{sid}")
    assert len(entries(staffed.database, act="noted")) == 3


@pytest.mark.parametrize(("letters", "status"), [(5000, 413), (10_000_000, 413), (0, 400)])
def test_a_note_too_long_or_empty(desk, place, letters, status):
    stan = desk("staff")
    assert stan.post(f"/console/calls/{place('5')}/notes", body="x" * letters).status_code == status


# Calls of last year went through flows, and heard sentences, that a deploy has removed since.
def test_a_call_through_flows_that_are_gone(desk, place, staffed):
    sid = place("5", "9", "3")
    with staffed.database.begin() as connection:
        gone = {"flow": "gone", "node": "away", "prompts": ["gone.away", "main.menu"], "values": {}}
        connection.execute(update(TurnRow).where(TurnRow.number == 2).values(**gone))
        connection.execute(update(CallFactsRow).values(version="before"))
    seen = desk("staff").sees(f"/console/calls/{sid}")
    assert "a sentence that the flows no longer have" in seen
    assert "main.menu, then gone.away" in desk("staff").get(f"/console/calls/{sid}").text
    assert "flows of another version" in seen
    assert "# heard  [gone.away" in desk("staff").get(f"/console/calls/{sid}.call").text


# A call that ended before the line answered anything has a page, too.
def test_a_call_that_was_never_answered(desk, carrier):
    carrier.post("/voice/status", CallStatus="no-answer", CallDuration="0")
    seen = desk("lead").sees("/console/calls/CA00000000000000000000000000000001")
    assert "Nothing was said in this call" in seen
    assert desk("lead").get("/console/calls/CA00000000000000000000000000000001.call").status_code == 200


# The very clips that were played are there to be played again; where one is missing, the carrier's voice spoke.
def test_the_clips_of_a_turn(app, desk, place, tmp_path):
    line = app.extensions["answerline"]
    store = ClipStore(tmp_path / "clips")
    prompt = next(prompt for prompt in prompts(line.line) if prompt.id == "welcome.greeting")
    built = {clip.id: store.put(clip, b"RIFF", seconds=1.5, source="rendered", recipe="r")
             for clip in line.voice.speech.clips(prompt, {})}  # fmt: skip
    store.keep(built)
    app.extensions["answerline"] = replace(line, voice=replace(line.voice, clips=store))
    page = desk("staff").get(f"/console/calls/{place('5')}").text
    [clip] = built.values()
    assert f'data-clips="/prompts/{clip.path}" data-seconds="1.50"' in page
    assert 'data-clips="" data-seconds="0.00"' in page


# Where the caller pressed a key before all was said, only so much of it was heard.
def test_what_a_key_cut_short(app, desk, carrier, clock, tmp_path):
    line = app.extensions["answerline"]
    store = ClipStore(tmp_path / "clips")
    store.keep({
        clip.id: store.put(clip, b"RIFF", seconds=2.0, source="rendered", recipe="r")
        for clip in line.voice.speech.catalogue(prompts(line.line))
    })  # fmt: skip
    app.extensions["answerline"] = replace(line, voice=replace(line.voice, clips=store))
    carrier.post("/voice")
    clock.passes(seconds=3)
    carrier.post("/voice/main/menu?turn=1", Digits="5")
    clock.passes(seconds=100)
    carrier.post("/voice/status", CallStatus="completed", CallDuration="103")
    seen = desk("lead").sees("/console/calls/CA00000000000000000000000000000001")
    assert "14.0 s, heard 3.0 s of it" in seen
    assert "after 3.0 s" in seen
    assert "The caller hung up after 100.0 s" in seen


def test_a_slow_answer_is_marked(desk, place, staffed):
    sid = place("5")
    with staffed.database.begin() as connection:
        connection.execute(update(TurnRow).where(TurnRow.number == 1).values(ms=2300))
    assert "slow: 2300 ms" in desk("staff").sees(f"/console/calls/{sid}")


def test_a_text_message_of_the_call(desk, phone):
    call = phone.dial(from_="+14155550111")
    for key in "223":
        call.press(key)
    call.press("1")
    call.hangs_up()
    seen = desk("lead").sees(f"/console/calls/{call.call_sid}")
    assert "Text message to +1 415-555-0111 waiting" in seen
    assert "Integrated Toll-Free" in seen


def test_times_are_the_readers(desk, place, clock):
    assert clock.now().tzinfo is UTC
    sid, stan = place("5"), desk("staff")
    with stan.client.session_transaction() as session:
        session["zone"] = "Asia/Tokyo"
    assert "2 Mar 2027, 03:00" in stan.sees(f"/console/calls/{sid}")
