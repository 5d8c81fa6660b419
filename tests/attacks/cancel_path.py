"""The path of a cancellation, from the confirming key to the text that tells of it, with places to die in between.

The line itself has no such places: they are counted by what the database's driver is told, and by who asks the line.
"""

import html
import json
import os
import re
import shutil
import signal
from contextlib import suppress
from itertools import count
from pathlib import Path

from carrier import BASE, TOKEN, Carrier
from databases import FakeClock, LightHasher, add_account
from once import wait_for_no_disk
from sqlalchemy import event, select

from ivr.config import ROOT, Settings
from ivr.db.claims import LEASE_S
from ivr.db.database import reading
from ivr.db.ledger_check import check
from ivr.db.models.accounts import AccountRow, ChangeRow
from ivr.db.models.texts import TextRow
from ivr.db.text_queue import TextQueue
from ivr.texts.worker import Worker
from ivr.web import create_app

PIN, PEPPER, CALLER_ID = "204816", "a pepper for tests", "+18005550100"
KEYS = ("3", "1", "{number}", PIN)  # to the read-back of a trial
YES = "2#"
_CODE = re.compile(r"confirmation code is ((?:[0-9][ ,]*){6})")


class Points:
    """Counts the places that are passed, by name; at the one before which its life ends, the process is killed."""

    def __init__(self):
        self.names, self.life, self.on = [], None, False
        self.end = lambda: os.kill(os.getpid(), signal.SIGKILL)

    def at(self, name):
        if not self.on:
            return
        self.names.append(name)
        if len(self.names) - 1 == self.life:
            self.on = False
            self.end()

    def watch(self, engine):
        """Pass a place before each statement; on PostgreSQL also after it, when its answer is there."""
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", lambda raw, _: raw.set_trace_callback(lambda sql: self.at(_short(sql))))
            return
        import psycopg  # noqa: PLC0415 only there

        def watched(method, name_of):
            def call(asked, *given, **named):
                name = name_of(given)
                self.at(name)
                done = method(asked, *given, **named)
                self.at(f"{name}: done")
                return done

            return call

        psycopg.Cursor.execute = watched(psycopg.Cursor.execute, lambda given: _short(given[0]))
        psycopg.Connection.commit = watched(psycopg.Connection.commit, lambda _: "COMMIT")


def _short(sql):
    words = " ".join(str(sql).split())
    verb = words.split(" ", 1)[0].upper()
    table = re.search(r"\b(?:FROM|INTO|UPDATE|pg_advisory_xact_lock) ?([a-z_]+)?", words)
    return f"{verb} {table[1] or 'lock'}" if table and verb not in {"BEGIN", "COMMIT"} else verb


class CancelPath:
    """A line with its database, and calls on it that stand before the confirming key."""

    def __init__(self, url, folder):
        self.folder, self.clock, self.points = Path(folder), FakeClock(), Points()
        if not (self.folder / "departments.toml").exists():
            shutil.copy(ROOT / "ivr" / "departments.toml", self.folder)
        self.settings = Settings(
            database_url=url,
            public_base_url=BASE,
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token=TOKEN,
            secret_key="a key for tests",
            pin_pepper=PEPPER,
            secret_floor_ms=0,
            prompt_mode="say",
            departments_file=self.folder / "departments.toml",
            instance_dir=self.folder,
            caller_id=CALLER_ID,
        )
        self.app = create_app(self.settings, self.clock)
        self.line = self.app.extensions["answerline"]
        self.carrier, self.engine = Carrier(self.app), self.line.database
        self._numbers = count(70_001_001)

    def call(self):
        """Dial, and go up to the read-back; returns a call that only has to be confirmed."""
        number = str(next(self._numbers))
        phone = f"+1415555{number[-4:]}"
        account = add_account(self.engine, LightHasher(PEPPER), number=number, pin=PIN, phone=phone)
        sid, path, digits = f"CA{number}", "/voice", None
        for key in [*(key.format(number=number) for key in KEYS), None]:
            path, digits = _action(self.post(path, sid, digits)), key
        assert "/cancel_trial/confirm" in path, path
        return {"sid": sid, "path": path, "account": int(account), "phone": phone}

    def post(self, path, sid, digits=None):
        return self.carrier.post(path, sid, **({"Digits": digits} if digits else {})).text

    def confirm(self, call):
        """Press the confirming key; returns the code that is read out, None where the caller hears something else."""
        return code_in(self.post(call["path"], call["sid"], YES))

    def send(self, hand_over):
        """Send what waits in the outbox."""
        return Worker(TextQueue(self.engine, self.clock), hand_over, self.clock, CALLER_ID, 90).run()

    def wrong(self, call, acknowledged, *, exactly_once=False):
        return wrong(self.engine, self.line.ledger, call, acknowledged, exactly_once=exactly_once)


def wrong(engine, ledger, call, acknowledged, *, exactly_once=False):
    """Say what is wrong with what is left of a call; nothing where all is well. acknowledged: the code heard."""
    with reading(engine) as session:
        codes = session.scalars(select(ChangeRow.code).where(ChangeRow.account_id == call["account"])).all()
        cancelled = session.get_one(AccountRow, call["account"]).cancels_at_trial_end
        texts = session.scalars(select(TextRow).where(TextRow.to_number == call["phone"])).all()
    told = [code for text in texts for code in codes if code in re.sub(r"[^0-9]", "", text.body)]
    rules = {
        "an acknowledged change is lost": not (acknowledged and acknowledged not in codes),
        "a change is made twice": len(codes) <= 1,
        "a change is not made": bool(codes) or not exactly_once,
        "account and change disagree": cancelled == bool(codes),
        "text and change disagree": told == list(codes) and len(texts) == len(codes),
    }
    return [rule for rule, holds in rules.items() if not holds] + list(check(engine, ledger).faults)


class ToFile:
    """A carrier that writes what is handed over to a file, one text a line: no death of ours can reach it."""

    def __init__(self, file, points):
        self.file, self.points = Path(file), points

    def send(self, *, to, from_, body):  # noqa: ARG002 a carrier's arguments
        self.points.at("hand over the text")
        durable(self.file, f"{to} {body}\n")
        self.points.at("the text is handed over")
        return "SM1"

    def taken(self, to):
        return (
            [line for line in self.file.read_text().splitlines() if line.startswith(to)] if self.file.exists() else []
        )


def durable(file, line):
    with Path(file).open("a") as opened:
        opened.write(line)
        opened.flush()
        os.fsync(opened.fileno())


def code_in(answer):
    found = _CODE.search(answer)
    return re.sub(r"[^0-9]", "", found[1]) if found else None


def _action(answer):
    found = re.search(r'<Gather[^>]*action="([^"]+)"', answer)
    return html.unescape(found[1]) if found else ""


def lives(path, call, acks, carrier):
    """Live through the path of a cancellation once; where the caller hears the code, it is noted."""
    path.points.on = True
    code = path.confirm(call)
    path.points.at("the answer is made")
    durable(acks, f"{call['sid']} {code}\n")
    path.points.at("the answer is heard")
    path.send(carrier)
    path.points.on = False


def sweep(words):
    """Die at each place of the path in turn, in a process of its own, and write down what is left.

    words: database, folder, file for the results, and which places (all if none).
    """
    url, folder, results, *which = words
    wait_for_no_disk()  # what is killed is a process; the power goes in test_power_cut.py
    path = CancelPath(url, folder)
    path.points.watch(path.engine)
    acks, carrier = Path(folder) / "acks", ToFile(Path(folder) / "sent", path.points)
    names = _names(path, acks, carrier)
    found = []
    for number, name in enumerate(names):
        if which and not any(re.search(one, name) for one in which):
            continue
        call = path.call()
        path.points.life = number
        died = in_a_child(path, lambda call=call: lives(path, call, acks, carrier))
        found.append({"at": name, "died": died, **_after(path, call, acks, carrier)})
    Path(results).write_text(json.dumps(found))


def _names(path, acks, carrier):
    call, noted = path.call(), path.folder / "names"

    def once():
        lives(path, call, acks, carrier)
        noted.write_text(json.dumps(path.points.names))

    assert not in_a_child(path, once)
    return json.loads(noted.read_text())


def in_a_child(path, does):
    """Do something in a process of its own; returns whether it was killed."""
    path.engine.dispose()
    child = os.fork()
    if child == 0:
        status = 1
        with suppress(BaseException):
            does()
            status = 0
        os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the path itself has failed"
    return os.WIFSIGNALED(status)


def _after(path, call, acks, carrier):
    """Look at what is left, then let the carrier ask again, the lease run out, and the text be sent."""
    heard = dict(line.split() for line in acks.read_text().splitlines()) if acks.exists() else {}
    acknowledged = heard.get(call["sid"])
    wrong = path.wrong(call, acknowledged)
    again = path.confirm(call)
    if again is None or again != (acknowledged or again):
        wrong.append(f"who asks again hears {again}, and heard {acknowledged} before")
    path.clock.passes(seconds=LEASE_S + 1)
    path.send(carrier)
    wrong += path.wrong(call, again, exactly_once=True)
    taken = carrier.taken(call["phone"])
    if not taken or len(set(taken)) > 1:
        wrong.append(f"texts handed over: {taken}")
    return {"acknowledged": bool(acknowledged), "sent": len(taken), "wrong": wrong}
