"""Turns that come late: whatever the order, and however often, the log is as if they had come in time."""

import itertools
import json
import os
import random
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from databases import backend, engine, migrated_url, url
from sqlalchemy import select

from ivr.call import Call, Disposition
from ivr.call_log import Progress, Visit
from ivr.db.calls import SqlCallLog
from ivr.db.catch_up import CatchUp
from ivr.db.console.tables import CallFactsRow
from ivr.db.database import open_database, reading
from ivr.db.history import show_call
from ivr.db.outbox import SqlOutbox
from ivr.degraded.late import Books, Recording, Status, of_turn, turn_of
from ivr.degraded.spool import Spool

__all__ = ["backend", "engine", "url"]
AT = datetime(2027, 3, 5, 17, tzinfo=UTC)
SID = "CA00000000000000000000000000000001"


def visit(n, **fields):
    known = {"at": AT + timedelta(seconds=n), "flow": "main", "node": f"menu{n}", "kind": "menu"}
    return Visit(**{**known, "prompts": (f"main.menu{n}.text",), "values": {}, **fields})


def progress(n, **fields):
    call = replace(Call(SID, "+14155550123", "+18005550100"), turn=n, **fields)
    return Progress(call, visit(n), f"<Response>{n}</Response>")


@pytest.fixture
def books(engine):
    return Books(SqlCallLog(engine), None, None, CatchUp(engine), SqlOutbox(engine, None, None), engine)


def turns(most):
    """The turns of a call as they were put aside: each the progress, and the visit that it ended."""
    yield progress(1, disposition=None), None
    for n in range(2, most + 1):
        reached = Disposition.INFORMED if n > 2 else None
        yield progress(n, disposition=reached), visit(n - 1, input=str(n), outcome=f"key {n}")


END = Status(Call(SID, "+14155550123", "+18005550100"), "completed", "", "", 60, AT + timedelta(seconds=60))


def state(engine):
    shown = show_call(engine, SID)
    with reading(engine) as session:
        facts = session.scalars(select(CallFactsRow).where(CallFactsRow.sid == SID)).one()
        found = {name: getattr(facts, name) for name in ("ended", "turns", "keyed", "disposition", "duration_s")}
    call = {name: value for name, value in shown.items() if name not in {"turns", "started_at"}}
    return call, [{k: v for k, v in turn.items() if k != "heard"} for turn in shown["turns"]], found


def in_time(engine):
    log = SqlCallLog(engine)
    for each, finished in turns(4):
        log.save(each, finished)
    log.ended(END.call, END.state, END.duration_s, END.at)
    return state(engine)


@pytest.mark.parametrize("orders", [6, pytest.param(120, marks=pytest.mark.slow)])
def test_every_order_comes_to_what_it_would_have_been_in_time(tmp_path, orders):
    """Four turns and the end, in all 120 orders or a few of them, each record twice."""

    def fresh(name):
        (tmp_path / name).mkdir()
        return open_database(migrated_url("sqlite", tmp_path / name))

    expected = in_time(fresh("in-time"))
    late = [("turn", each) for each in turns(4)] + [("end", END)]
    database = fresh("late")
    for order in random.sample([*itertools.permutations(late)], orders):
        with database.begin() as connection:
            for table in ("turns", "call_facts", "calls"):
                connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
        log, catch_up = SqlCallLog(database), CatchUp(database)
        for kind, told in [*order, *order]:
            if kind == "turn":
                catch_up.write(*told)
            else:
                log.ended(told.call, told.state, told.duration_s, told.at)
        assert state(database) == expected, [kind if kind == "end" else told[0].call.turn for kind, told in order]
    database.dispose()


def test_on_both_databases_a_call_only_moves_forward(engine, books):
    late = list(turns(4))
    for each in (late[2], late[0], late[3], late[1], late[0]):
        books.catch_up.write(*each)
    assert books.calls.load(SID).call.turn == 4
    assert books.calls.load(SID).answer == late[3][0].answer
    assert [turn["outcome"] for turn in show_call(engine, SID)["turns"]] == ["key 2", "key 3", "key 4", ""]
    books.calls.ended(END.call, END.state, END.duration_s, END.at)
    books.catch_up.write(*late[3])
    assert [turn["outcome"] for turn in show_call(engine, SID)["turns"]] == ["key 2", "key 3", "key 4", "hang-up"]


def test_a_visit_that_was_not_known_is_the_one_the_call_waits_with(engine, books):
    books.calls.save(progress(1), None)
    unknown = replace(visit(9, input="5", outcome="5", ms=7), prompts=())
    for _ in range(2):
        books.catch_up.write(progress(2), unknown)
    first = show_call(engine, SID)["turns"][0]
    assert (first["node"], first["input"], first["outcome"]) == ("menu1", "5", "5")


def test_what_is_known_of_an_account_or_of_a_transfer_is_not_forgotten(engine, books):
    known = progress(1, disposition=Disposition.TRANSFERRED, account_number="70000011", transferred_to="+18002636317")
    books.calls.save(known, None)
    books.catch_up.write(progress(2, disposition=Disposition.INFORMED), visit(1))
    call = show_call(engine, SID)
    assert (call["disposition"], call["transferred_to"]) == ("transferred", "+18002636317")
    assert books.calls.load(SID).call.account_number == "70000011"


def test_a_record_is_json_and_reads_as_what_it_was():
    told = progress(3, facts={"number": "+14155550123"}), visit(2, input="5")
    again = turn_of(json.loads(json.dumps(of_turn(*told))))
    assert again == told
    assert Status.of(json.loads(json.dumps(END.record()))) == END
    recording = Recording(SID, told[0].call.recorded, "completed")
    assert Recording.of(json.loads(json.dumps(recording.record()))) == recording


@pytest.mark.parametrize("lives", [[3, 4], pytest.param(range(11), marks=pytest.mark.slow)])
def test_whoever_writes_may_be_killed_at_any_moment_and_the_log_is_whole(tmp_path, lives):
    """A process is killed (SIGKILL) before or after each write; the next one finds what is left."""

    def fresh(name):
        (tmp_path / name).mkdir()
        return migrated_url("sqlite", tmp_path / name)

    expected = in_time(open_database(fresh("in-time")))
    for life in lives:
        url, folder = fresh(f"killed-{life}"), tmp_path / f"spool-{life}"
        spool = Spool(folder)
        for told in turns(4):
            spool.append({"kind": "turn", "told": of_turn(*told)})
        spool.append({"kind": "end", "told": END.record()})
        spool._let_go()
        if not (child := os.fork()):
            try:
                forwards(url, folder, life)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        forwards(url, folder)
        assert spool.files() == []
        assert state(open_database(url)) == expected, life


def forwards(url, folder, life=None):
    engine = open_database(url)
    log, catch_up, steps = SqlCallLog(engine), CatchUp(engine), iter(range(1000))

    def goes_on():
        if life is not None and next(steps) == life:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(record):
        goes_on()
        if record["kind"] == "turn":
            catch_up.write(*turn_of(record["told"]))
        else:
            told = Status.of(record["told"])
            log.ended(told.call, told.state, told.duration_s, told.at)
        goes_on()

    Spool(folder).forward(write)
