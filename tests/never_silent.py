"""Every node that waits for a caller, and every fault of the database: what the caller hears next. No cell is blank.

`PYTHONPATH=. python tests/never_silent.py` prints the table. Other faults: `attacks/silences.py`.
"""

import re
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from carrier import SID, TOKEN, Carrier
from puppets import FACTS

from ivr import flows
from ivr.call import Call, Position
from ivr.call_log import Progress
from ivr.degraded.spool import SpoolError
from ivr.flow import Ask, Hold, Meet, Menu, Record, Transfer
from ivr.service_errors import ServiceError

LINE = flows.line()
WAITS = [at for at, node in LINE.nodes() if isinstance(node, Menu | Ask | Transfer | Hold | Meet | Record)]
TURN = 7
SILENCE = {}
RECORDED = {"RecordingUrl": f"https://api.example.com/RE{'a' * 32}", "RecordingSid": "RE" + "a" * 32}


def acts(at: Position) -> Iterator[dict[str, str]]:
    """What can come back from a wait, as the carrier tells of it."""
    match LINE.node(at):
        case Menu() as menu:
            keys = [f"{o.key}#" if o.key == menu.deed else o.key for o in menu.options]
            yield from ({"Digits": key} for key in [*keys, *menu.reserved, "8"])
            yield SILENCE
        case Ask() as ask:
            yield from ({"Digits": digits} for digits in ["3" * ask.least, "3", "0", "*"])
            yield SILENCE
        case Transfer() | Meet():
            yield from ({"DialCallStatus": status} for status in ("completed", "busy", "no-answer", "failed"))
        case Hold():
            yield from ({"QueueResult": result} for result in ("bridged", "leave", "error", "queue-full"))
        case Record():
            yield {**RECORDED, "RecordingDuration": "5"}
            yield SILENCE


@contextmanager
def changed(thing, **attributes):
    before = {name: vars(thing).get(name) for name in attributes}
    vars(thing).update(attributes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del vars(thing)[name]
            else:
                vars(thing)[name] = value


def away(*_given, **_named):
    raise ServiceError("the database is away")


def full(*_given, **_named):
    raise SpoolError("no room")


class Bench:
    """A line, and the faults that it can have."""

    def __init__(self, app):
        self.line, self.carrier = app.extensions["answerline"], Carrier(app)
        self.steady = self.line.steady
        self.steady.breaker._start = lambda _work: None
        self.steady.breaker.admits()
        self.faults = {
            "away, first webhook": self.unreachable,
            "away, breaker open": self.open,
            "away, with what the address brings": self.open,
            "reads, but takes no turn": self.read_only,
            "away, and the disk is full": self.nowhere,
        }
        self.remembered = {"reads, but takes no turn"}  # faults under which the call's row can be read

    @contextmanager
    def unreachable(self):
        quick, engine = self.line.calls.quick, self.line.database
        with changed(quick, read=away, write=away), changed(engine.pool, connect=away):
            yield

    @contextmanager
    def open(self):
        with self.unreachable():
            self.steady.breaker.trip(ServiceError("away"))
            yield

    @contextmanager
    def read_only(self):
        with changed(self.line.calls.quick, write=away):
            yield

    @contextmanager
    def nowhere(self):
        with self.open(), changed(self.steady.spool, append=full):
            yield

    def ask(self, fault: str, at: Position, act: dict[str, str]) -> str:
        """Return what comes of an act, in a few words."""
        leg = at.flow in LINE.legs
        sealed = ""
        talk = self.line.conversation
        here = Progress(self._call(at), replace(talk.unheard(at), prompts=("x",), takes=talk._takes[at]), "")
        if "address" in fault:
            sealed = f"&sealed={self.sealed(here)}"
        elif fault in self.remembered:
            talk.calls.load, self.steady._made = (lambda _sid: here), None
        try:
            with self.faults[fault]():
                rung = {"Direction": "outbound-api"} if leg else {}
                path = f"/voice/{at.flow}/{at.node}?turn={TURN}{sealed}"
                answer = self.carrier.post(path, **act, **rung)
        finally:
            vars(talk.calls).pop("load", None)
            self.steady._made = None
            self.steady.breaker.is_closed = True
        return heard(answer, self.played)

    def played(self, _url):
        """What is heard where an address is played: this line plays none."""
        return ""

    def _call(self, at):
        main = Position("main", "menu")
        return Call(
            SID,
            "+14155550123",
            "+18005550100",
            turn=TURN,
            trail=(main,),
            proof=LINE.flows[at.flow].needs,
            facts=FACTS,
            department="sales" if at.flow == "sales" else "support",
            message="RE" + "a" * 32,
            account_id="1",
            leg=at.flow if at.flow in LINE.legs else "",
        )

    def sealed(self, here):
        spool = self.steady.spool
        with changed(spool, append=lambda _record: None):
            answer = self.steady.answer_for_later(self.line.conversation, replace(here, answer=f"?turn={TURN}"), None)
        return answer.partition("sealed=")[2]


def heard(answer, played=lambda _url: "") -> str:  # noqa: PLR0911 a kind of document each
    """Say what a document does for a caller; '' where it leaves them in silence, or goes nowhere.

    played: says what is heard where an address is played.
    """
    if answer.status_code != 200:
        return ""
    root = ET.fromstring(answer.text)  # noqa: S314 our own
    said = " ".join([*(say.text or "" for say in root.iter("Say")), *(played(p.text) for p in root.iter("Play"))])
    next_ = root.find("Gather") if root.find("Gather") is not None else root.find("Record")
    if "technical problem" in said:
        return f"apology, {'hang-up' if root.find('Hangup') is not None else 'person'}"
    if (dial := root.find("Dial")) is not None:
        return f"rings {dial.find('Number').text}" if dial.find("Number") is not None else "puts through"
    if next_ is not None and said.strip():
        return re.sub(r"\?.*", "", next_.get("action", "")).removeprefix("/voice/").replace("/", ".")
    if root.find("Hangup") is not None and said.strip():
        return f"goodbye: {said[:40]}"
    if root.find("Enqueue") is not None and said.strip():
        return "waits in line"
    return "leaves the queue" if root.find("Leave") is not None else ""


def table(app, waits=WAITS, each=lambda acts: acts) -> Iterator[tuple[Position, dict[str, str], dict[str, str]]]:
    """Yield rows: where, what the caller did, and by fault what came of it."""
    bench = Bench(app)
    for at in waits:
        for act in each(list(acts(at))):
            yield at, act, {fault: bench.ask(fault, at, act) for fault in bench.faults}


def main() -> None:
    """Print it, as Markdown."""
    from databases import FakeClock, migrated_url  # noqa: PLC0415
    from once import application  # noqa: PLC0415

    from ivr.config import Settings  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        url = migrated_url("sqlite", Path(folder))
        settings = Settings.from_env(
            {"DATABASE_URL": url, "INSTANCE_DIR": folder, "PROMPT_MODE": "say", "TWILIO_AUTH_TOKEN": TOKEN}
        )
        rows = table(application(replace(settings, public_base_url="https://line.example.com"), FakeClock()))
        first = True
        for at, act, cells in rows:
            if first:
                print("| node | caller |", " | ".join(cells), "|\n|" + "---|" * (len(cells) + 2))  # noqa: T201
                first = False
            did = next(iter(act.values()), "nothing")
            print(f"| {at} | {did[:12]} |", " | ".join(cells.values()), "|")  # noqa: T201


if __name__ == "__main__":
    main()
