"""The live page: what goes on this moment, told at once, cheaply, and to fifty consoles as to one."""

from threading import Event, Thread

import pytest
from sqlalchemy import update

from ivr.console import desk as door
from ivr.db.database import transaction
from ivr.db.models.places import PlaceRow
from ivr.service_errors import ServiceError

NOW = "/console/live/now"


@pytest.fixture
def watch(desk, clock):
    """Look at what the live page is told, after its moment of grace."""
    lea = desk("lead")

    def look(who=lea, tag=""):
        clock.passes(seconds=2)
        return who.get(NOW, Accept="application/json", **{"If-None-Match": tag})

    return look


def test_a_call_is_there_from_its_first_webhook_and_gone_with_its_last(desk, watch, phone):
    assert "Nobody is on the line" in desk("staff").sees("/console/live")
    call = phone.dial(from_="+14155550111")
    told = watch().json
    assert told["summary"] == "1 call in progress, 0 waiting"
    assert "+1 415-555-0111" in told["html"]
    assert "simulated" in told["html"]
    call.hang_up()
    assert watch().json["calls"] == "0"


def test_a_call_is_shown_where_it_is(watch, phone):
    call = phone.dial()
    first = watch().json["html"]
    call.press("2")
    assert watch().json["html"] != first
    call.hang_up()


def test_nothing_new_is_told_in_no_words(watch, phone):
    """The tag names what is shown: seconds that go by are counted by the page itself."""
    call = phone.dial()
    tag = watch().headers["ETag"]
    again = watch(tag=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert "X-Now" in again.headers
    call.press("2")
    assert watch(tag=tag).status_code == 200


def test_who_waits_is_in_the_line_of_the_department_with_place_and_time(watch, phone):
    call = phone.dial(from_="+14155550111", people={"*": "busy"}).press("0")
    told = watch().json
    assert told["summary"] == "1 call in progress, 1 waiting"
    assert "waits" in told["html"]
    assert "min to go" in told["html"]
    call.hang_up()
    assert watch().json["summary"] == "0 calls in progress, 0 waiting"


def test_who_waits_for_a_callback_is_in_line_without_a_call(watch, phone):
    phone.dial(from_="+14155550147", people={"*": "busy"}).press("0").press("1").press("1").hang_up()
    told = watch().json
    assert told["summary"] == "0 calls in progress, 1 waiting"
    assert "callback" in told["html"]


def test_a_closed_department_says_so(desk, settings, clock):
    before, head, after = settings.departments_file.read_text().partition("[support]")
    settings.departments_file.write_text(before + head + after.replace('"always"', '["Sun 09:00-17:00"]', 1))
    clock.passes(seconds=10)
    assert "closed nobody is there Opens 7 Mar 2027" in desk("lead").sees("/console/live")


def test_who_still_waits_for_a_removed_department_is_seen(desk, staffed, phone):
    """The line was started again without it."""
    phone.dial(people={"*": "busy"}).press("0")
    with transaction(staffed.database, write=True) as connection:
        connection.execute(update(PlaceRow).values(department="billing"))
    page = desk("lead").sees("/console/live")
    assert "Billing removed nobody is there It is not in the file of departments any more" in page
    assert "1 call in progress, 1 waiting" in page


def test_numbers_are_masked_below_lead(desk, watch, phone):
    phone.dial(from_="+14155550111")
    for text in (desk("staff").get("/console/live").text, watch(desk("staff")).json["html"]):
        assert "555-0111" not in text
        assert "+14155550111" not in text


def test_fifty_consoles_look_once(desk, watch, phone, monkeypatch):
    """What was looked up a moment ago is good for everybody."""
    phone.dial()
    looks = []
    monkeypatch.setattr("ivr.console.live.look", lambda *given: looks.append(given) or _real(*given))
    stan, lea = desk("staff"), desk("lead")
    watch(lea)
    for who in (stan, lea) * 25:
        assert who.get(NOW).status_code == 200
    assert len(looks) == 1


def test_what_is_old_is_not_told_as_if_it_were_new(desk, phone, clock, monkeypatch):
    """While somebody waits for a slow database, others are given what there was, for three seconds."""
    phone.dial()
    lea, stan = desk("lead"), desk("staff")
    assert lea.get(NOW).json["calls"] == "1"
    entered, go_on = Event(), Event()

    def slow(*given):
        entered.set()
        go_on.wait(10)
        return _real(*given)

    monkeypatch.setattr("ivr.console.live.look", slow)
    clock.passes(seconds=2)
    waits = Thread(target=lambda: lea.get(NOW))
    waits.start()
    assert entered.wait(10)
    assert stan.get(NOW).status_code == 200
    clock.passes(seconds=2)
    assert stan.get(NOW, Accept="application/json").status_code == 503
    go_on.set()
    waits.join()
    assert stan.get(NOW).status_code == 200


def test_a_database_that_does_not_answer_is_told_in_json(desk, clock, monkeypatch):
    def broken(*_given):
        raise ServiceError("the database is busy")

    lea = desk("lead")
    monkeypatch.setattr("ivr.console.live.look", broken)
    clock.passes(seconds=2)
    answer = lea.get(NOW, Accept="application/json")
    assert (answer.status_code, answer.json) == (503, {"error": "the database is busy"})


def test_no_more_than_two_polls_have_a_thread_at_once(desk, staffed, monkeypatch):
    """However slow the database: webhooks need the threads."""
    entered, go_on = Event(), Event()
    real = type(staffed.staff).get

    def slow(self, *session):
        entered.set()
        go_on.wait(10)
        return real(self, *session)

    consoles = [desk("staff") for _ in range(3)]
    monkeypatch.setattr(type(staffed.staff), "get", slow)
    answers = []
    threads = [Thread(target=lambda one=one: answers.append(one.get(NOW).status_code)) for one in consoles[:2]]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    while door._polls._value:  # both have come in
        pass
    assert consoles[2].get(NOW).status_code == 503
    go_on.set()
    for thread in threads:
        thread.join()
    assert answers == [200, 200]
    assert consoles[2].get(NOW).status_code == 200


def test_a_page_that_is_left_alone_does_not_keep_its_session_alive(desk, clock):
    stan = desk("staff")
    for _ in range(4):
        clock.passes(minutes=20)
        answer = stan.get(NOW, Accept="application/json")
    assert answer.status_code == 401


def test_a_page_that_somebody_is_at_does(desk, clock):
    stan = desk("staff")
    for _ in range(4):
        clock.passes(minutes=20)
        answer = stan.get(f"{NOW}?present=1")
    assert answer.status_code == 200


def _real(*given):
    from ivr.db.console.live import look  # noqa: PLC0415 the one that is in its place

    return look(*given)


def test_calls_in_progress_are_found_by_their_index(staffed):
    """Of a million calls, few go on."""
    query = "EXPLAIN QUERY PLAN SELECT sid FROM calls WHERE ended_at IS NULL AND leg IS NULL ORDER BY started_at"
    with transaction(staffed.database) as connection:
        plan = " ".join(row[-1] for row in connection.exec_driver_sql(query))
    assert "ix_calls_in_progress" in plan
