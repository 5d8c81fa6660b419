"""What several processes do to one database at once (`forked.together`). They import nothing that only tests need."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from ivr.call import Call
from ivr.call_log import Progress, Visit
from ivr.db.accounts import SqlAccounts
from ivr.db.calls import SqlCallLog
from ivr.db.database import open_database
from ivr.db.migrate import upgrade
from ivr.db.pins import SqlPins
from ivr.pin_hash import PinHasher
from ivr.pins import PinTry

CLOCK = SimpleNamespace(now=lambda: datetime(2027, 3, 5, 17, tzinfo=UTC))


def migrate(_number, url):
    upgrade(url)


def try_pins(number, url, account, pin):
    """Try 25 times, each in a call of its own from a number of its own."""
    engine = open_database(url)
    pins = SqlPins(engine, SqlAccounts(engine, PinHasher("pepper"), CLOCK), CLOCK, "pepper")
    for n in range(25):
        sid = f"CA{number}-{n}"
        pins.check(PinTry(account, f"+1415555{number}{n:03d}", sid, sid), pin)
    engine.dispose()


def log_calls(number, url):
    """Write eight calls of six turns each, as webhooks do."""
    engine = open_database(url)
    log = SqlCallLog(engine)
    for call in range(8):
        sid = f"CA{number}-{call}"
        log.save(turn(Call(sid, "", "", turn=1)), None)
        for n in range(2, 7):
            log.save(turn(replace(log.load(sid).call, turn=n)), visit(n - 1))
    engine.dispose()


def turn(call):
    return Progress(call, visit(call.turn), f"<Response>{call.turn}</Response>")


def visit(n):
    return Visit(CLOCK.now() + timedelta(seconds=n), "main", f"menu{n}", "menu", (f"main.menu{n}.text",), {})
