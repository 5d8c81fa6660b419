"""A line of two nodes under attack: signed webhooks go through the real application; time is told, not waited for."""

import heapq
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from itertools import count
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from carrier import BASE, TOKEN
from once import application

from ivr import pin_hash
from ivr.bootstrap import build
from ivr.db.accounts import SqlAccounts
from ivr.db.console.purge import Purge
from ivr.simulator.carrier import MAX_TWIML_BYTES
from ivr.simulator.signature import sign
from ivr.simulator.transport import Limits, WsgiTransport

LIMITS = Limits(5, 15, 15, MAX_TWIML_BYTES)
NEXT = re.compile(r' action="([^"]*)"')
IN, WRONG, REFUSED = "in", "wrong", "refused"  # what a caller learns of a try
BEHIND_THE_PIN = ("/voice/cancel_trial/", "/voice/turn_off_renewal/", "/voice/undo/")
TOPICS = ("31", "33", "41", "43")  # every way to the PIN: cancel or take back, on trial or on a plan


class Besieged:
    """Two nodes of one database.

    compared: wrong PINs that were, by account id. posted: webhooks, so far. paused_s: how long answers would
    have waited for their least time; nobody does.
    """

    def __init__(self, settings, clock, monkeypatch, *, light=True):
        if light:  # the real hasher, at the least it can cost, for those who exist and for nobody
            monkeypatch.setattr(pin_hash, "_MEMORY_KIB", 8)
            monkeypatch.setattr(pin_hash, "_PASSES", 1)
        self.settings, self.clock = settings, clock
        self.app = application(settings, clock)
        self.nodes = [self._node(), self._node()]
        self.engine = self.nodes[0].database
        self.paused_s = 0.0
        self.compared, self.posted, self.serial = Counter(), 0, count(1)
        self._wire = WsgiTransport(self.app.wsgi_app)
        self._events, self._order = [], count()
        check_pin = SqlAccounts.check_pin

        def counted(accounts, account_id, pin):
            right = check_pin(accounts, account_id, pin)
            self.compared[account_id] += not right
            return right

        monkeypatch.setattr(SqlAccounts, "check_pin", counted)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for node in self.nodes:
            node.database.dispose()

    def restart(self):
        """Put another process in the place of the first node; the second is the first now."""
        self.nodes.pop(0).database.dispose()
        self.nodes.append(self._node())
        self.engine = self.nodes[0].database

    def _node(self):
        node = build(self.settings, self.clock)
        return replace(node, conversation=replace(node.conversation, pause=self._paused))

    def _paused(self, seconds):
        self.paused_s += seconds

    def post(self, path, form):
        """Post a webhook as the carrier does; returns what the line says to it."""
        url = BASE + path
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(url, form, TOKEN),
        }
        self.posted += 1
        answer = self._wire.send("POST", url, headers, urlencode(form).encode(), LIMITS)
        assert answer.status < 300, (path, answer)
        return answer.body.decode()

    def next_node(self):
        """Let the other node answer from now on, as a balancer would."""
        self.nodes.reverse()
        self.app.extensions["answerline"] = self.nodes[0]

    def call(self, caller, topic=""):
        """Call, and choose something that needs a PIN. topic: its keys; else each call chooses another."""
        self.next_node()
        return Dialled(self, caller, topic)

    # Time: everybody is a generator that yields for how long they wait.

    def joined_by(self, somebody, after=timedelta()):
        """Let somebody come."""
        heapq.heappush(self._events, (self.clock.time + after, next(self._order), somebody))

    def lives(self, days):
        """Let time pass for all who have joined."""
        end = self.clock.time + timedelta(days=days)
        while self._events and self._events[0][0] < end:
            at, _, somebody = heapq.heappop(self._events)
            self.clock.time = at
            if (pause := next(somebody, None)) is not None:
                self.joined_by(somebody, pause)
        self.clock.time = end

    def housekeeping(self):
        """Forget every week what is due (at night, in truth), and restart a node every month."""
        for week in count(1):
            yield timedelta(days=7)
            zone = ZoneInfo(self.settings.time_zone)
            rules = Purge.of(self.settings, self.engine, self.clock)._rules
            Purge(self.engine, self.clock, rules, zone, pause=lambda _s: None).run("nightly")
            if week % 4 == 0:
                self.restart()


@dataclass
class Dialled:
    """A call that wants to prove whose account it is."""

    line: Besieged
    caller: str
    topic: str = ""

    def __post_init__(self):
        number = next(self.line.serial)
        self.form = {"CallSid": f"CA{number:032x}", "From": self.caller, "To": "+18005550100"}
        self.heard = self.line.post("/voice", self.form)
        for key in self.topic or TOPICS[number % len(TOPICS)]:
            self.press(key)

    @property
    def at(self):
        """Where the call waits now: a path with its query."""
        return unescape(NEXT.search(self.heard)[1])

    def press(self, digits):
        self.heard = self.line.post(self.at, {**self.form, "Digits": digits})

    def tries(self, number, pin):
        """Try a PIN; says what the caller learns."""
        if self.at.startswith("/voice/verify/offer"):  # this number is on file, and need not be typed for that account
            self.press("1" if f"ending in {number[-2]} {number[-1]}" in self.heard else "2")
        if self.at.startswith("/voice/verify/account"):
            self.press(number)
        if self.at.startswith("/voice/verify/pin"):
            self.press(pin)
        told = self.learns()
        if told == REFUSED:
            self.hangs_up()
        return told

    def learns(self):
        if self.at.startswith(BEHIND_THE_PIN):
            return IN
        return REFUSED if self.at.startswith("/voice/support/") else WRONG

    def hangs_up(self):
        self.line.post("/voice/status", {**self.form, "CallStatus": "completed", "CallDuration": "60"})
