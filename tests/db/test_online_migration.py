# ruff: noqa: S608 the numbers are our own
"""A filled PostgreSQL is migrated while webhooks of the older line go on writing."""

from itertools import count
from threading import Event, Thread
from time import perf_counter

import psycopg
import pytest
from databases import empty_url
from sqlalchemy.engine import make_url

from ivr.db import migrate

CALLS, TURNS = 30_000, 10
LONGEST_MS = 1000
FILL = f"""
INSERT INTO calls (sid, caller, called, turn, started_at, status, state, answer)
  SELECT 'CA' || md5(n::text), '+1415555' || n, '+18005550100', {TURNS}, now() - n * interval '1 minute', 'completed',
    '{{"trail": []}}', repeat('x', 400) FROM generate_series(1, {CALLS}) n;
INSERT INTO turns (call_sid, number, at, flow, node, kind, prompts, "values", input, outcome, ms)
  SELECT sid, t, started_at, 'billing', 'read_back', 'menu', '["a"]', '{{}}', '1', 'one', 7
    FROM calls, generate_series(1, {TURNS}) t;
INSERT INTO texts (key, to_number, body, purpose, call_sid, created_at, state, attempts)
  SELECT sid, caller, 'a text', 'answer', sid, started_at, 'sent', 0 FROM calls;
"""
BEGIN = (
    "INSERT INTO calls (sid, caller, called, turn, started_at, status, state, answer) "
    "VALUES (%s, '', '', 1, now(), '', '{}', '')"
)
GO_ON = "UPDATE calls SET turn = turn + 1, answer = repeat('y', 400) WHERE sid = %s"
TURN = (
    'INSERT INTO turns (call_sid, number, at, flow, node, kind, prompts, "values", input, outcome, ms) '
    "VALUES (%s, %s, now(), 'billing', 'read_back', 'menu', '[]', '{}', '', '', 1)"
)


def webhooks(url, name, over, waited, failed):
    """Write like an older line, and give up where it would; note how long each webhook took."""
    with psycopg.connect(url, autocommit=True, options=f"-c lock_timeout={LONGEST_MS}") as connection:
        for number in count():
            sid = f"CA-{name}-{number}"
            connection.execute(BEGIN, (sid,))
            for turn in range(1, 9):
                began = perf_counter()
                try:
                    with connection.transaction():
                        connection.execute(GO_ON, (sid,))
                        connection.execute(TURN, (sid, turn))
                except psycopg.errors.LockNotAvailable as error:
                    failed.append(str(error))
                waited.append(perf_counter() - began)
                if over.is_set():
                    return


@pytest.mark.slow
def test_no_webhook_waits_a_second_for_a_migration_up_or_down(tmp_path, record_property):
    url = empty_url("postgresql", tmp_path)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    migrate.upgrade(url, "0004")
    with psycopg.connect(plain) as connection:
        connection.execute(FILL)
    over, waited, failed = Event(), [], []
    threads = [Thread(target=webhooks, args=(plain, name, over, waited, failed)) for name in "abcd"]
    for thread in threads:
        thread.start()
    try:
        migrate.upgrade(url)
        migrate.downgrade(url, "0004")
        migrate.upgrade(url)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    figures = f"{len(waited):,} webhooks beside it, the longest {1000 * max(waited):.0f} ms"
    record_property("longest", figures)
    print(figures)  # noqa: T201 what was asked for
    assert len(waited) > 100
    assert failed == []
