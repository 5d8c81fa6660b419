"""What the line's own `.call` files can do besides the acts of every application."""

import json
from dataclasses import replace

from ivr.db.demo import demo_table
from ivr.db.history import list_texts, list_voicemails, show_call
from ivr.db.places import list_places
from ivr.dispatch.crew import dispatcher_of
from ivr.text import StopSource

LINE_ACTS = (
    *("caller", "ends", "account", "closed", "message", "texts", "stops"),
    *("dispatches", "passes", "place"),
)


class LineActs:
    """Acts of one test. line: its parts. clock: what time it is there."""

    def __init__(self, line, clock):
        self._line, self._clock = line, clock

    def caller(self, performance, rest):
        """Place a call, from a number or from that of a demo account."""
        performance.dial({account.number: account.phone for account in demo_table()}.get(rest, rest))

    def ends(self, performance, disposition):
        """Look how the call is logged that is over now."""
        performance.call.ends()
        logged = show_call(self._line.database, performance.call.call_sid)["disposition"]
        assert disposition in {"", logged}, f"the call is logged as {logged}"

    def account(self, _performance, rest):
        """Look at an account: `70000011 auto_renew=true`."""
        number, _, expected = rest.partition(" ")
        name, _, value = expected.partition("=")
        actual = getattr(self._line.accounts.find(number), name)
        assert json.loads(value) == actual, f"{name} of account {number} is {actual}"

    def closed(self, _performance, department):
        """Close a department until Sunday, in the file of a line that is running; tests begin on a Monday."""
        before, head, after = self._line.settings.departments_file.read_text().partition(f"[{department}]")
        self._line.settings.departments_file.write_text(
            before + head + after.replace('"always"', '["Sun 09:00-17:00"]', 1)
        )

    def message(self, performance, rest):
        """Look at the newest message of this call: `none`, or its state, department and topic."""
        kept = list_voicemails(self._line.database, discarded=True)
        mine = [m for m in kept if m["call_sid"] == performance.call.call_sid]
        newest = " ".join([mine[0]["state"], mine[0]["department"], mine[0]["topic"]]) if mine else "none"
        assert newest == rest, f"the newest message is {newest}"

    def dispatches(self, performance, _):
        """Ring whoever is to be rung by now."""
        settings = replace(self._line.settings, twilio_api_base=performance.phone.rest_url)
        with dispatcher_of(settings, self._line.waiting, self._line.voice) as dispatcher:
            dispatcher.run()

    def passes(self, _performance, rest):
        """Let time go by: `passes 30 minutes`."""
        self._clock.passes(minutes=int(rest.split()[0]))

    def place(self, _performance, rest):
        """Look at the newest place in line: its department, kind and state."""
        newest = max(list_places(self._line.database, over=True), key=lambda place: place["id"])
        assert rest == " ".join(newest[name] for name in ("department", "kind", "state"))

    def texts(self, _performance, rest):
        """Look at the newest text: `none`, or its number and words of it, `+14155550111: words ... words`."""
        written = list_texts(self._line.database)
        newest = f"{written[0]['to']}: {written[0]['body']}" if written else "none"
        number, _, said = rest.partition(": ")
        assert newest.startswith(number), f"the newest of {len(written)} texts is {newest}"
        left = newest
        for words in filter(None, said.split(" ... ")):
            assert words in left, f"the newest of {len(written)} texts is {newest}"
            left = left.partition(words)[2]

    def stops(self, _performance, number):
        """Say STOP to the line's texts."""
        self._line.desk.outbox.stop(number, StopSource.REPLY)
