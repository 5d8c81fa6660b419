"""Callers who type digits in every wrong way, everywhere; staff who look at it; and all that was written meanwhile."""

import io
import json
import logging
from contextlib import contextmanager

from canaries import Canaries, everything_in
from desks import Desk, colleagues

from ivr.call import Call, Position, Proof
from ivr.call_log import Progress, Visit
from ivr.conversation import Conversation
from ivr.db.backup import backup
from ivr.db.calls import SqlCallLog
from ivr.engine import Engine
from ivr.flow import Ask
from ivr.service_errors import ServiceError
from ivr.telemetry import logs
from ivr.telemetry.metrics import REGISTRY

ANN, CALLER, CALLED = "70000011", "+14155550199", "+18005550100"
# How many digits, and what stands around them: `{}` is for them.
WAYS = {
    "PIN": (6, "{}"),
    "PIN, too short": (5, "{}"),
    "PIN and pound": (6, "{}#"),
    "PIN after a star": (6, "*{}"),
    "PIN with zero first": (6, "0{}"),
    "account": (8, "{}"),
    "account, too short": (7, "{}"),
    "too long": (12, "{}"),
    "account and PIN at once": (14, "{}#"),
    "for ever": (60, "{}"),
}
OTHER_ENDS = ("/voice", "/voice/fallback", "/voice/status", "/voice/recording", "/voice/text", "/voice/leg/agent")


class Session:
    """What an application writes while people type. folder: where its files are."""

    def __init__(self, app, parts, carrier, folder, seed):
        self.app, self.parts, self.carrier, self.folder = app, parts, carrier, folder
        self.canaries, self.answers, self._log = Canaries(seed), [], io.StringIO()
        self._places = [at for at, _ in parts.line.nodes()]
        self._serial = 0

    def types(self, path, sid, way, text="{}", **form):
        """Type a canary as Digits, and say it as speech."""
        digits = self.canaries.ways[way]
        given = text.format(digits)
        spoken = {"SpeechResult": f"it is {given}", "UnstableSpeechResult": given} if "said" in way else {}
        keys = {} if spoken else {"Digits": given}
        self._keep(self.carrier.post(path, sid, **keys, **spoken, **form))

    def everywhere(self, ways=WAYS, places=None):
        """Type at every wait of every flow, as if a caller had come there."""
        for way, (number, text) in ways.items():
            self.canaries.digits(way, number)
            for at in places or self._places:
                self.types(f"/voice/{at.flow}/{at.node}?turn=1", self._waits(at), way, text)

    def questions(self):
        """Return every question of every flow, and the menus at which a secret may still be typed."""
        return [at for at, node in self.parts.line.nodes() if isinstance(node, Ask) or getattr(node, "secret", False)]

    def twice(self):
        """Type, and have the carrier repeat it, in order, out of order and ahead of time."""
        self.canaries.digits("repeated", 6)
        sid = self._waits(Position("verify", "pin"))
        for turn in (1, 1, 3, 2, 1):
            self.types(f"/voice/verify/pin?turn={turn}", sid, "repeated")
        self.canaries.digits("in a lost call", 6)
        self.types("/voice/verify/pin?turn=4", "CAunknown", "in a lost call")

    def elsewhere(self):
        """Send digits where none belong: other webhooks, speech, the query, a queue, unsigned, with other fields."""
        for way in (
            "other webhooks",
            "said",
            "in the query",
            "held",
            "unsigned",
            "blamed",
            "in a path",
            "said at a PIN",
        ):
            self.canaries.digits(way, 12)
        for path in OTHER_ENDS:
            self.types(path, self._name(), "other webhooks", CallStatus="completed", ErrorCode="11200")
            self.types(path, self._name(), "said")
        for at in (Position("verify", "pin"), Position("verify", "account"), Position("main", "menu")):
            self.types(f"/voice/{at.flow}/{at.node}?turn=1", self._waits(at), "said at a PIN")
            query, digits = "in the query", self.canaries.ways["in the query"]
            self.types(f"/voice/{at.flow}/{at.node}?turn=1&Digits={digits}", self._waits(at), query)
            self.types(f"/voice/{at.flow}/{at.node}/hold?turn=1", self._waits(at), "held", QueueTime="9")
        digits = self.canaries.ways["unsigned"]
        self._keep(self.carrier.post("/voice/verify/pin?turn=1", self._name(), signature="x", Digits=digits))
        self._keep(self.app.test_client().get(f"/voice/verify/pin?turn=1&Digits={self.canaries.ways['in the query']}"))
        self._keep(
            self.carrier.post(f"/voice/verify/{self.canaries.ways['in a path']}?turn=1", self._name(), Digits="1")
        )
        self._blame()

    def _blame(self):
        """Have the carrier's Debugger tell of a request that has failed, whole."""
        digits = self.canaries.ways["blamed"]
        asked = {"url": f"https://line.example.com/voice/verify/pin?turn=1&Digits={digits}"}
        for number, message in enumerate((f"Digits={digits} got 502", f"got 502 after {digits}#", f"body: {digits}")):
            asked["parameters"] = {"Digits": f"{digits}#" if number == 1 else digits, "CallSid": "CA1"}
            payload = {"error_code": "11200", "webhook": {"request": asked}, "more_info": {"Msg": message}}
            form = {"Sid": f"NO{number:032}", "Level": "ERROR", "Payload": json.dumps(payload)}
            self._keep(self.carrier.post("/voice/debugger", self._name(), **form))

    def while_it_fails(self, monkeypatch):
        """Type while what is behind the line fails, and says with what."""

        def breaks(kind):
            def fail(*given, **more):
                raise kind(f"cannot do this with {given} {more} {_deep(given)}")

            return fail

        parts = self.parts
        broken = [
            ("the check of a PIN has a bug", type(parts.pins), "check", RuntimeError),
            ("the accounts are away", type(parts.accounts), "find", ServiceError),
            ("the engine has a bug", Engine, "answer", KeyError),
            ("the log cannot be written", SqlCallLog, "save", ServiceError),
            ("the log has a bug", SqlCallLog, "save", ValueError),
            ("the webhook has a bug", Conversation, "turn", TypeError),
        ]
        for way, owner, name, kind in broken:
            self.canaries.digits(way, 8 if "accounts" in way else 6)
            at = Position("verify", "account" if "accounts" in way else "pin")
            sid = self._waits(at)
            with monkeypatch.context() as patched:
                patched.setattr(owner, name, breaks(kind))
                self.types(f"/voice/{at.flow}/{at.node}?turn=1", sid, way)

    def after_a_deploy(self):
        """Type at a wait that another version of the flows has left."""
        self.canaries.digits("after a deploy", 6)
        for at in (Position("verify", "pin"), Position("verify", "account"), Position("buying", "organizers")):
            self.types(f"/voice/{at.flow}/{at.node}?turn=1", self._waits(at, takes="another wait"), "after a deploy")

    def look(self):
        """Read everything that can be read of it, as staff do, and make what they take away."""
        if self.parts.staff.is_empty():
            colleagues(self.parts.database, self.parts.clock)
        desk = Desk(self.app, "admin")
        sids = [f"CA{number:030}c" for number in range(1, self._serial + 1)]
        shown = sids[:: max(1, len(sids) // 6)]
        pages = "calls calls?q=CA1 calls.csv calls.json audit audit.csv live live/now work/missed work/texts insight"
        for page in [*pages.split(), "carrier-errors", "work/locks", "work/callbacks", "accounts", f"accounts/{ANN}"]:
            self._keep(desk.get(f"/console/{page}"))
        for sid in shown:
            self._keep(desk.get(f"/console/calls/{sid}"))
            self._keep(desk.get(f"/console/calls/{sid}.call"))
        self._keep(desk.get("/metrics", Host="127.0.0.1"))
        if self.parts.database.dialect.name == "sqlite":
            backup(self.parts.database.url.render_as_string(hide_password=False), self.folder / "copy.db")

    def written(self):
        """Return every byte: files, log lines, answers with their headers, metrics, all rows of the database."""
        lines = self._log.getvalue()
        metrics = "\n".join(f"{sample}" for family in REGISTRY.collect() for sample in family.samples)
        told = "\n".join([*self.answers, lines, metrics])
        self.parts.database.dispose()
        return everything_in(self.folder) + told.encode(errors="replace")

    @contextmanager
    def logged(self):
        """Keep log lines as a server writes them, at the most talkative."""
        root = logging.getLogger()
        before = list(root.handlers), root.level, logging.getLogger(logs.OURS).level
        logs.configure("json", "debug", self._log)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.handlers[:], level, ours = before
            root.setLevel(level)
            logging.getLogger(logs.OURS).setLevel(ours)
            logging.captureWarnings(False)
            logs.unbind()

    def _name(self):
        self._serial += 1
        return f"CA{self._serial:030}c"

    def _waits(self, at, takes=None):
        """Let a call wait at a place of the flows, its caller proved."""
        sid = self._name()
        parts = self.parts
        proved = {"proof": Proof.PIN, "claim": "1", "account_id": "1"} if at.flow != "verify" else {"claim": "1"}
        call = Call(sid, CALLER, CALLED, turn=1, trail=(Position("main", "menu"),), resume="cancel_trial", **proved)
        known = parts.conversation._takes.get(at, "") if takes is None else takes
        visit = Visit(parts.clock.now(), at.flow, at.node, "ask", (), {}, takes=known)
        parts.calls.save(Progress(call, visit, "<Response/>"), None)
        return sid

    def _keep(self, answer):
        self.answers.append(f"{answer.status} {dict(answer.headers)} {answer.get_data(as_text=True)}")


def _deep(given):
    """Show what a careless developer would: the keys inside."""
    return [getattr(one, "digits", "") for one in given]
