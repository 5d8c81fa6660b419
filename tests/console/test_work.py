"""Work lists: what waits for staff, by real calls, and what becomes of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from ivr.console import badges
from ivr.db.console.audit import entries
from ivr.db.database import transaction, writing
from ivr.db.models.places import PlaceRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.db.places import list_places
from ivr.pins import PinTry
from ivr.service_errors import ServiceError
from ivr.staff import Role
from ivr.text import Purpose, TextState

BUSY = {"*": "busy"}
CALLER = "+14155550111"


@pytest.fixture
def lea(desk):
    return desk("lead")


@pytest.fixture
def acts(staffed):
    """What the audit log says, newest first."""
    return lambda: [
        (e.who, e.act, e.subject, e.detail)
        for e in entries(staffed.database)
        if e.who in ("stan", "lea") and e.act != "signed in"
    ]


def misses(phone, caller=CALLER):
    """Ask for a person, and hang up while waiting."""
    call = phone.dial(from_=caller, people=BUSY).press("0")
    call.hang_up()
    return call


def test_there_is_a_list_for_everything_and_nothing_in_it(lea):
    assert lea.sees("/console/work").count("Nothing waits") == 7  # two of the demo accounts are locked
    for name in ("messages", "missed", "callbacks", "texts", "events", "follow-ups", "mine"):
        assert "Nothing waits" in lea.sees(f"/console/work/{name}")


def test_staff_are_not_shown_the_lists_of_leads(desk):
    shown = desk("staff").sees("/console/work")
    assert "Missed calls" in shown
    assert "Voicemails" not in shown


# Missed calls.


def test_who_hangs_up_while_waiting_is_missed_until_somebody_has_seen_to_it(desk, phone, acts):
    call = misses(phone)
    stan = desk("staff")
    assert "waited, and nobody took the call" in stan.sees("/console/work/missed")
    answer = stan.post(f"/console/work/missed/{call.call_sid}/seen")
    assert answer.location == "/console/work/missed"
    assert "Nothing waits" in stan.sees("/console/work/missed")
    assert acts()[0] == ("stan", "call attended to", call.call_sid, {"done": "missed call seen to"})


def test_two_who_see_to_the_same_call_are_told(desk, phone):
    call = misses(phone)
    for told in ("is seen to", "somebody has done it already"):
        stan = desk("staff")
        stan.post(f"/console/work/missed/{call.call_sid}/seen")
        assert told in stan.sees("/console/work/missed")


def test_who_gets_through_later_is_not_missed(lea, phone, clock):
    misses(phone)
    clock.passes(minutes=5)
    phone.dial(from_=CALLER, people={"*": "completed"}).press("0")
    assert "Nothing waits" in lea.sees("/console/work/missed")


def test_who_is_promised_a_callback_waits_in_that_list_only(lea, phone):
    phone.dial(from_=CALLER, people=BUSY).press("0").press("1").press("1").hang_up()
    assert "Nothing waits" in lea.sees("/console/work/missed")
    assert "+1 415-555-0111" in lea.sees("/console/work/callbacks")


def test_who_calls_three_times_in_vain_is_one_row(lea, phone, clock):
    for _ in range(3):
        call = misses(phone)
        clock.passes(minutes=5)
    shown = lea.sees("/console/work/missed")
    assert shown.count("+1 415-555-0111") == 1
    assert "3 times" in shown
    lea.post(f"/console/work/missed/{call.call_sid}/seen")
    assert "Nothing waits" in lea.sees("/console/work/missed")


def test_withheld_numbers_are_never_taken_for_one_caller(lea, phone, clock):
    misses(phone, "anonymous")
    clock.passes(minutes=5)
    phone.dial(from_="anonymous", people={"*": "completed"}).press("0")
    assert "withheld" in lea.sees("/console/work/missed")


def test_who_wanted_no_person_is_not_missed(lea, phone):
    phone.dial(from_=CALLER).hang_up()
    assert "Nothing waits" in lea.sees("/console/work/missed")


def test_calls_from_before_the_team_last_closed_are_behind_a_switch(desk, phone, clock, settings):
    """Tests begin on a Monday, 10 a.m. in Los Angeles."""
    hours = settings.departments_file.read_text().replace('"always"', '["Mon-Fri 09:00-17:00"]')
    settings.departments_file.write_text(hours)
    clock.passes(seconds=10)
    misses(phone)
    clock.passes(hours=14)  # past midnight: what came in on Monday is what the team had before it
    assert "waited, and nobody took the call" in desk("lead").sees("/console/work/missed")
    clock.passes(hours=12)  # Tuesday noon: they have come in again, and find what came in since Monday evening
    lea = desk("lead")
    assert "Nothing waits" in lea.sees("/console/work/missed")
    assert "waited, and nobody took the call" in lea.sees("/console/work/missed?since=month")


# Voicemails.


@pytest.fixture
def message(staffed, clock):
    """A message that was fetched, with its sound."""
    folder = staffed.settings.instance_dir / "voicemail"
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"RIFF" + bytes(1000))
    row = VoicemailRow(
        recording_sid="RE1",
        call_sid="CA1",
        department="sales",
        topic="main",
        caller=CALLER,
        seconds=5,
        state="sent",
        at=clock.now(),
        fetched_at=clock.now(),
        deleted_at_carrier=clock.now(),
        stored="a.wav",
        transcript="Please call me back.",
        kept_until=clock.now() + timedelta(days=9),
    )
    return put(staffed, row)


def put(staffed, row):
    with writing(staffed.database) as session:
        session.add(row)
    return row.id


def test_a_message_is_heard_and_done_with(lea, message, acts):
    assert "Please call me back." in lea.sees("/console/work/messages")
    lea.post(f"/console/work/messages/{message}/done")
    assert "Nothing waits" in lea.sees("/console/work/messages")
    assert acts()[0] == ("lea", "message done", "CA1", {"message": message})


def test_who_listens_is_in_the_audit_log_once_for_all_pieces(lea, message, acts):
    """A player asks for pieces; a piece from the middle is listening, too."""
    answer = lea.get(f"/console/messages/{message}/audio", Range="bytes=100-199")
    assert (answer.status_code, len(answer.data)) == (206, 100)
    assert len(lea.get(f"/console/messages/{message}/audio").data) == 1004
    assert acts() == [("lea", "listened", "CA1", {"message": message, "caller": "…11"})]


def test_a_message_that_is_not_there_is_not_found(lea):
    for number in (7, 10**18, 10**30):
        assert lea.get(f"/console/messages/{number}/audio").status_code == 404


def test_a_message_that_is_deleted_goes_here_and_at_the_carrier(lea, message, staffed, clock, acts):
    lea.post(f"/console/work/messages/{message}/delete")
    assert "Nothing waits" in lea.sees("/console/work/messages")
    with writing(staffed.database) as session:
        row = session.get(VoicemailRow, message)
        assert (row.state, row.next_try_at) == ("discarded", clock.now())
    assert acts()[0][1] == "message deleted"


def test_a_message_that_cannot_be_fetched_is_tried_again_at_once(lea, staffed, clock):
    stuck = {"error": "the carrier does not answer", "attempts": 4, "next_try_at": clock.now() + timedelta(hours=6)}
    number = put(staffed, VoicemailRow(**{**plain(clock), **stuck}))
    assert "Not fetched yet the carrier does not answer" in lea.sees("/console/work/messages")
    lea.post(f"/console/work/messages/{number}/retry")
    with writing(staffed.database) as session:
        row = session.get(VoicemailRow, number)
        assert (row.next_try_at, row.attempts) == (clock.now(), 0)


def plain(clock):
    return {
        "recording_sid": "RE2",
        "call_sid": "CA2",
        "department": "support",
        "topic": "",
        "caller": CALLER,
        "seconds": 5,
        "state": "recorded",
        "at": clock.now(),
        "kept_until": clock.now() + timedelta(days=9),
    }


def test_a_message_is_no_work_while_its_caller_may_still_delete_it(lea, phone, staffed, clock):
    call = phone.dial(from_=CALLER)
    put(staffed, VoicemailRow(**{**plain(clock), "call_sid": call.call_sid}))
    assert "Nothing waits" in lea.sees("/console/work/messages")
    call.hang_up()
    assert "Nothing waits" not in lea.sees("/console/work/messages")


# Callbacks.


@pytest.fixture
def callback(phone, staffed):
    phone.dial(from_=CALLER, people=BUSY).press("0").press("1").press("1").hang_up()
    return lambda: list_places(staffed.database, over=True)[0]


@pytest.mark.parametrize(("end", "state"), [("settled", "served"), ("unwanted", "cancelled")])
def test_a_callback_is_ended_with_a_reason(lea, callback, acts, end, state):
    place = callback()
    lea.post(f"/console/work/callbacks/{place['id']}/end", end=end, reason=" wrote an\nemail ")
    assert callback()["state"] == state
    told = {"end": end, "reason": "wrote an email", "number": "…11"}
    assert acts()[0] == ("lea", "callback ended", place["call_sid"], told)
    lea.post(f"/console/work/callbacks/{place['id']}/end", end=end, reason="again")
    assert "over already" in lea.sees("/console/work/callbacks")


@pytest.mark.parametrize(
    "form", [{}, {"end": "settled"}, {"end": "x", "reason": "y"}, {"end": "settled", "reason": "y" * 501}]
)
def test_a_callback_is_not_ended_without_saying_how_and_why(lea, callback, form):
    place = callback()
    assert lea.post(f"/console/work/callbacks/{place['id']}/end", **form).status_code == 400
    assert callback()["state"] == "waiting"


def test_a_callback_of_a_removed_department_is_seen(lea, callback, staffed):
    """The line was started again without it, and would never make the call."""
    callback()
    with transaction(staffed.database, write=True) as connection:
        connection.execute(update(PlaceRow).values(department="billing"))
    page = lea.sees("/console/work/callbacks")
    assert "Billing removed It is not in the file of departments any more: nobody makes this call." in page


# Locked accounts.


def test_an_account_is_released_with_a_reason(lea, staffed, acts, clock):
    account = staffed.accounts.find("70000011")
    for n in range(5):
        staffed.pins.check(PinTry(account.id, f"+1415555020{n}", f"CA{n}", f"CA{n}/1"), "000000")
    assert "70000011" in lea.sees("/console/work/locks")
    path = f"/console/work/locks/{account.id}/release"
    assert lea.post(path).status_code == 400
    lea.post(path, reason="called from the number on file")
    assert staffed.pins.locked_until(account.id, clock.now()) is None
    assert acts()[0] == ("lea", "account unlocked", "70000011", {"reason": "called from the number on file"})
    lea.post(path, reason="again")
    assert "open already" in lea.sees("/console/work/locks")


@pytest.mark.parametrize("account", ["0", "x" * 500, "%00", "9" * 40])
def test_an_account_that_is_not_there_is_no_harm(lea, account):
    assert lea.post(f"/console/work/locks/{account}/release", reason="x").status_code == 302


# Failed texts.


@pytest.fixture
def text(staffed, clock):
    row = TextRow(
        key="k",
        to_number=CALLER,
        body="Your code is 482913.",
        purpose=Purpose.CHANGE,
        call_sid="CA1",
        created_at=clock.now(),
        state=TextState.DEAD,
        error="error 30003: unreachable",
        attempts=8,
    )
    return put(staffed, row)


def test_a_failed_text_is_sent_again(lea, text, staffed, acts):
    assert "error 30003: unreachable" in lea.sees("/console/work/texts")
    lea.post(f"/console/work/texts/{text}/retry")
    with writing(staffed.database) as session:
        assert session.get(TextRow, text).state is TextState.WAITING
    assert acts()[0] == ("lea", "text retried", "CA1", {"text": text, "number": "…11"})
    lea.post(f"/console/work/texts/{text}/retry")
    assert "not sent again: it is waiting, not dead" in lea.sees("/console/work/texts")


def test_a_failed_text_is_seen_to_in_another_way(lea, text, acts):
    lea.post(f"/console/work/texts/{text}/done")
    assert "Nothing waits" in lea.sees("/console/work/texts")
    assert acts()[0][1] == "text seen to"


# The number beside the navigation.


@pytest.mark.usefixtures("message", "text")
def test_the_navigation_counts_what_waits_for_this_role(desk, phone, clock):
    """Two of the demo accounts are locked."""
    misses(phone)
    clock.passes(seconds=10)
    counted = [desk(role).get("/console/calls").text.count('<span class="badge rounded-pill">') for role in Role]
    assert counted == [1, 1, 1]
    shown = [re.search(r'rounded-pill">(\d+)<', desk(role).get("/console/calls").text)[1] for role in Role]
    assert shown == ["1", "5", "5"]


def test_many_pages_count_once(desk, monkeypatch):
    counts = []
    real = badges.count_work
    monkeypatch.setattr(badges, "count_work", lambda *given: counts.append(given) or real(*given))
    stan = desk("staff")
    for _ in range(20):
        stan.get("/console/calls")
    assert len(counts) == 1


def test_a_page_is_shown_where_nothing_can_be_counted(desk, monkeypatch):
    def broken(*_given):
        raise ServiceError("the database is busy")

    monkeypatch.setattr(badges, "count_work", broken)
    assert desk("staff").get("/console/calls").status_code == 200


def test_what_waits_on_disk_is_told_on_every_page_also_while_the_database_is_away(desk, staffed, monkeypatch):
    stan, spool = desk("staff"), staffed.steady.spool
    assert "on this machine's disk" not in stan.sees("/console/work")
    spool.append({"kind": "turn"})
    waits = "1 record of calls and texts waits on this machine's disk until the database takes them"
    assert waits in stan.sees("/console/work")

    def away(*_given):
        raise ServiceError("the database does not answer")

    monkeypatch.setattr(type(staffed.staff), "get", away)
    answer = stan.get("/console/work")
    assert (answer.status_code, "1 record of calls and texts waits" in answer.text) == (503, True)
    assert "waits on this machine" not in desk().get("/console/work").text, "nobody signed in"
