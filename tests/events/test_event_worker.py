"""Sending events to a real receiver on this machine: signatures, refusals, and what comes of each answer."""

import re
import socket
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from databases import clock, engine, url
from receiving import Company
from standardwebhooks import Webhook, WebhookVerificationError
from told import HERE, NEW_SECRET, SECRET, THERE, happens, rows
from werkzeug.serving import make_server

from ivr.clock import SystemClock
from ivr.config import ROOT, Settings
from ivr.db.event_history import Which, list_events, replay
from ivr.db.event_queue import RETRY_S, EventQueue, give_up_old
from ivr.delivery.receiver import NotTakenError, Receiver
from ivr.delivery.worker import Worker
from ivr.events import EventState
from ivr.setting_rules import SettingsError

__all__ = ["clock", "engine", "url"]


@pytest.fixture
def backend():
    """One database does: the other is in the histories."""
    return "sqlite"


@pytest.fixture
def company():
    with Company() as company:
        yield company


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


@pytest.fixture
def worker(engine, clock, company, client):
    queue = EventQueue(engine, clock, company.url, lambda: 0.0)
    return Worker(queue, Receiver(company.url, [SECRET], clock, client, timeout_s=0.2))


@pytest.fixture
def happened(engine, clock, company):
    return lambda account="1": happens(engine, clock, account, [company.url])


def test_an_event_is_signed_and_taken(worker, company, happened, engine, clock):
    happened()
    assert worker.run() == 1
    ((headers, body),) = company.requests
    (row,) = rows(engine)
    assert (row.state, row.sent_at, row.body) == (EventState.SENT, clock.now(), body)
    assert headers["webhook-id"] == row.event_id
    assert headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    assert headers["webhook-signature"] == Webhook(SECRET).sign(row.event_id, clock.now(), body)
    assert worker.run() == 0


def test_while_secrets_change_either_verifies(company, client):
    """The library that receivers use goes by the time of day, so this clock does, too."""
    Receiver(company.url, [NEW_SECRET, SECRET], SystemClock(None), client).send("msg_1", '{"type":"x"}')
    ((headers, body),) = company.requests
    for secret in (SECRET, NEW_SECRET):
        assert Webhook(secret).verify(body, headers) == {"type": "x"}
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(body, headers)


@pytest.mark.parametrize("status", [500, 301])
def test_what_is_not_taken_is_tried_again_for_three_days_and_given_up(worker, company, happened, engine, status):
    clock = worker.receiver.clock
    happened()
    for wait_s in RETRY_S:
        company.answers = [(status, "")]
        assert worker.run() == 1
        clock.passes(seconds=wait_s - 1)
        assert worker.run() == 0
        clock.passes(seconds=1)
    company.answers = [(status, "")]
    assert worker.run() == 1
    (row,) = rows(engine)
    assert (row.state, row.attempts) == (EventState.DEAD, 10)
    assert timedelta(days=3) <= timedelta(seconds=sum(RETRY_S)) < timedelta(days=4)
    assert row.error == f'it answered {status}: {{"error": "call +•••••••••••"}}'
    assert len(company.requests) == 10, "no redirect is followed"


def test_an_event_in_trouble_holds_up_its_account_and_no_other(worker, company, happened, engine, clock):
    first, second, other = happened("1"), happened("1"), happened("2")
    company.answers = [(500, "")]
    assert worker.run() == 2
    assert {row.key for row in rows(engine) if row.state is EventState.SENT} == {other}
    clock.passes(seconds=5)
    worker.run()
    taken = [body for _, body in company.requests]
    assert [first in taken[2], second in taken[3]] == [True, True]


@pytest.mark.parametrize(
    ("answer", "rests_s"),
    [((429, "600"), 600), ((503, "Fri, 05 Mar 2027 17:10:00 GMT"), 600), ((503, ""), 30), ((503, "nonsense"), 30)],
)
def test_an_address_that_has_too_much_to_do_is_left_alone(worker, company, happened, answer, rests_s):
    clock = worker.receiver.clock
    happened("1")
    happened("2")
    company.answers = [answer]
    assert worker.run() == 1
    clock.passes(seconds=rests_s - 1)
    assert worker.run() == 0
    clock.passes(seconds=1)
    assert worker.run() == 2


def test_410_disables_the_address_until_somebody_has_something_sent_again(worker, company, happened, engine, clock):
    happened("1")
    happened("2")
    company.answers = [(410, "")]
    assert worker.run() == 1
    clock.passes(days=1)
    assert worker.run() == 0
    assert [row.state for row in rows(engine)] == [EventState.DEAD, EventState.WAITING]
    assert replay(engine, [company.url], Which(state=EventState.DEAD), clock.now()) == 1
    assert worker.run() == 2


def test_what_waits_for_an_address_that_is_no_more_is_given_up(engine, clock):
    happens(engine, clock, endpoints=[HERE, THERE])
    clock.passes(days=3)
    give_up_old(engine, clock.now(), [THERE])
    assert {row.endpoint: row.state for row in rows(engine)} == {HERE: EventState.DEAD, THERE: EventState.WAITING}


def test_a_slow_receiver_is_given_up_in_time_and_holds_up_no_other(engine, clock, worker, company, client):
    """Each address has a worker of its own, and one of its two is asked while the other hangs."""
    company.hangs = True
    with Company() as other:
        happens(engine, clock, endpoints=[company.url, other.url])
        slow = Worker(worker.queue, Receiver(company.url, [SECRET], clock, httpx.Client(timeout=5), timeout_s=5))
        thread = threading.Thread(target=slow.run)
        thread.start()
        while not company.requests:
            pass
        assert Worker(EventQueue(engine, clock, other.url), Receiver(other.url, [SECRET], clock, client)).run() == 1
        company.over.set()
        thread.join()
        slow.receiver.client.close()
    company.over.clear()
    with httpx.Client(timeout=0.05) as hasty, pytest.raises(NotTakenError, match="ReadTimeout") as error:
        Receiver(company.url, [SECRET], clock, hasty).send("msg_1", "{}")
    assert error.value.wait_s == 0.0


def test_a_replay_has_the_same_id_and_reaches_an_address_that_is_new_since(worker, company, happened, engine):
    clock = worker.receiver.clock
    happened("1")
    worker.run()
    assert replay(engine, [company.url, THERE], Which(since=clock.now()), clock.now()) == 1
    worker.run()
    (_, first), (_, second) = company.requests
    ids = {headers["webhook-id"] for headers, _ in company.requests}
    assert (len(ids), first) == (1, second)
    assert [(each["endpoint"], each["state"]) for each in list_events(engine, Which(ids=ids))] == [
        (THERE, "waiting"),
        (company.url, "sent"),
    ]
    assert replay(engine, [company.url], Which(account_id="nobody"), clock.now()) == 0


@pytest.mark.parametrize(("place", "allowed"), [("10.1.2.3", False), ("169.254.169.254", False), ("8.8.8.8", True)])
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, clock, client, place, allowed):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (place, 443))])
    receiver = Receiver("https://crm.example.com/x", [SECRET], clock, client)
    if allowed:
        receiver._check_place()
    else:
        with pytest.raises(NotTakenError, match="EVENTS_PRIVATE"):
            receiver.send("msg_1", "{}")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"EVENTS_URL": "http://crm.example.com/x"}, "must begin with https://"),
        ({"EVENTS_URL": "https://me:pw@crm.example.com/x"}, "without a user"),
        ({"EVENTS_URL": f"{HERE} {HERE}"}, "names an address twice"),
        ({"EVENTS_SECRET": "whsec_c2hvcnQ="}, "24 to 64 random bytes"),
        ({"EVENTS_SECRET": "secret"}, "24 to 64 random bytes"),
        ({"EVENTS_SECRET": ""}, "EVENTS_URL needs EVENTS_SECRET"),
    ],
)
def test_settings_that_cannot_work_are_named_without_the_secret(tmp_path, given, problem):
    env = {"INSTANCE_DIR": str(tmp_path), "EVENTS_URL": "https://crm.example.com/x", "EVENTS_SECRET": SECRET}
    assert Settings.from_env(env).event_endpoints == ("https://crm.example.com/x",)
    with pytest.raises(SettingsError, match=problem) as error:
        Settings.from_env({**env, **given})
    assert "c2hvcnQ" not in str(error.value)
    assert "pw" not in str(error.value)


def test_the_receiver_of_the_documentation_takes_each_event_once(monkeypatch, capsys, client):
    (code,) = re.findall(r"```python\n(.*?)```", (Path(ROOT) / "docs" / "events.md").read_text(), re.DOTALL)
    monkeypatch.setenv("EVENTS_SECRET", SECRET)
    there = {"__name__": __name__}
    exec(code, there)  # noqa: S102 our own page
    server = make_server("127.0.0.1", 0, there["app"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address, clock = f"http://127.0.0.1:{server.port}/answerline", SystemClock(None)
    body = '{"type":"account.locked","timestamp":"2027-03-05T17:00:00Z","data":{"account_id":"42"}}'
    for _ in range(2):
        Receiver(address, [SECRET], clock, client).send("msg_1", body)
    with pytest.raises(NotTakenError, match="500"):
        Receiver(address, [NEW_SECRET], clock, client).send("msg_2", body)
    server.shutdown()
    server.server_close()
    assert capsys.readouterr().out == "account.locked 42\n"
