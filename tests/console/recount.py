"""The figures once more, in plain Python over the raw rows of calls and turns: no SQL sums, no `call_facts`.

Nodes are named by hand: if a flow changes, whoever changes it decides here what that means for its figures.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import groupby

from ivr.call import withheld
from ivr.db.models.calls import CallRow, TurnRow
from ivr.db.models.pins import PinTryRow

DAY, WEEK = timedelta(days=1), timedelta(days=7)
NO_SELF_SERVICE = {"support", "sales", "voicemail", "callback"}
WAITS = {"support.ring", "support.hold", "sales.ring", "sales.hold"}
TOPICS = {
    "audio.cost", "audio.toll_free", "buying.myself", "buying.small_team", "buying.payment", "main.password",
    "trial.subscribe",
}  # fmt: skip
TASKS = {
    "cancel_trial": ({("trial.menu", "1"), ("turn_off_renewal.no_plan", "2")}, "cancel_trial.cancelled"),
    "turn_off_renewal": ({("plan.menu", "1"), ("cancel_trial.no_trial", "2")}, "turn_off_renewal.turned_off"),
}


class RawCall:
    def __init__(self, row, turns, tries):
        self.sid, self.caller, self.at, self.simulated = row.sid, row.caller, row.started_at, row.simulated
        self.length, self.disposition = row.duration_s or 0, row.disposition.value
        self.department = row.state.get("department", "")
        self.turns, self.tries = turns, tries

    @property
    def base(self):
        return self.length >= 10 or any(turn.kind in {"menu", "ask"} and turn.input for turn in self.turns)

    @property
    def hung_up_at(self):
        last = self.turns[-1] if self.turns else None
        return f"{last.flow}.{last.node}" if last and last.outcome == "hang-up" else ""

    @property
    def contained(self):
        done = self.disposition in {"informed", "resolved"}
        return self.base and done and self.hung_up_at.partition(".")[0] not in NO_SELF_SERVICE

    @property
    def waited(self):
        return any(place(turn) in WAITS for turn in self.turns)

    def pressed(self, where, key):
        return any(place(turn) == where and act(turn) == key for turn in self.turns)

    @property
    def steps(self):
        flows = [flow for flow, _ in groupby(turn.flow for turn in self.turns)] or ["_nowhere"]
        return flows if len(flows) <= 6 else [*flows[:6], "_later"]


def place(turn):
    return f"{turn.flow}.{turn.node}"


def act(turn):
    return turn.outcome.split(" ")[0]


class Recount:
    """All calls that are over, and what they come to. among: those that are counted."""

    def __init__(self, session, now, among=lambda _: True):
        turns, tries = defaultdict(list), defaultdict(list)
        for turn in sorted(session.query(TurnRow), key=lambda turn: turn.number):
            turns[turn.call_sid].append(turn)
        for one in session.query(PinTryRow):
            tries[one.call_sid].append(one)
        rows = [row for row in session.query(CallRow) if row.leg is None]
        self.starts = defaultdict(list)
        for row in rows:
            self.starts[row.caller].append(row.started_at)
        ended = [RawCall(row, turns[row.sid], tries[row.sid]) for row in rows if row.ended_at]
        self.calls, self.now = [call for call in ended if among(call)], now

    def count(self, wanted):
        return sum(1 for call in self.calls if wanted(call))

    def told(self, call, age):
        return not withheld(call.caller) and call.at <= self.now - age

    def again(self, call, age):
        later = [at for at in self.starts[call.caller] if at > call.at]
        return bool(later) and round((min(later) - call.at).total_seconds()) <= age.total_seconds()

    def tally(self):
        found = {
            "calls": len(self.calls),
            "short": self.count(lambda call: call.length < 10),
            "base": self.count(lambda call: call.base),
            "contained": self.count(lambda call: call.contained),
            "asked": self.count(lambda call: call.base and any(act(turn) == "0" for turn in call.turns)),
            "long": self.count(lambda call: call.length >= 10),
            "abandoned": self.count(lambda call: call.length >= 10 and call.disposition == "abandoned"),
            "pin_tries": sum(len(call.tries) for call in self.calls),
            "pin_right": sum(one.outcome.value == "correct" for call in self.calls for one in call.tries),
        }
        for name, age in (("24h", DAY), ("7d", WEEK)):
            old = [call for call in self.calls if self.told(call, age)]
            found[f"told_{name}"] = len(old)
            found[f"again_{name}"] = sum(self.again(call, age) for call in old)
            found[f"base_{name}"] = sum(call.base for call in old)
            found[f"contained_{name}"] = sum(call.contained and not self.again(call, age) for call in old)
        return found

    def nodes(self):
        """By place and kind: waits, calls, of these asked for a person, silent, wrong."""
        found = defaultdict(lambda: [0, set(), set(), 0, 0])
        for call in self.calls:
            for turn in call.turns:
                node, said = found[place(turn), turn.kind], act(turn)
                node[0] += 1
                node[1].add(call.sid)
                if said == "0":
                    node[2].add(call.sid)
                node[3] += said == "no-input" or (said == "slips" and not turn.input)
                node[4] += said == "no-match" or (said == "slips" and bool(turn.input))
        return {key: (waits, len(sids), len(asked), s, w) for key, (waits, sids, asked, s, w) in found.items()}

    def answers(self):
        """By topic: seconds from the pick-up to the first time each call heard it, sorted."""
        found = defaultdict(list)
        for call in self.calls:
            heard = {}
            for turn in call.turns:
                if place(turn) in TOPICS:
                    heard.setdefault(place(turn), (turn.at - call.at).total_seconds())
            for topic, seconds in heard.items():
                found[topic].append(seconds)
        return {topic: sorted(times) for topic, times in found.items()}

    def tasks(self):
        found = {}
        for name, (entries, done) in TASKS.items():
            chosen = [call for call in self.calls if any(call.pressed(*entry) for entry in entries)]
            found[name] = (len(chosen), sum(any(place(turn) == done for turn in call.turns) for call in chosen))
        return found

    def hand_overs(self):
        """By department: offered, accepted, left while waiting."""
        found = defaultdict(lambda: [0, 0, 0])
        for call in self.calls:
            if call.waited:
                one = found[call.department]
                one[0] += 1
                one[1] += call.disposition == "transferred"
                one[2] += call.disposition != "transferred" and call.hung_up_at in WAITS
        return {name: tuple(counts) for name, counts in found.items()}

    def replies(self):
        turns = (turn for call in self.calls for turn in call.turns)
        return Counter(turn.ms for turn in turns if turn.outcome not in {"hang-up", "ended"})

    def bands(self):
        found = Counter()
        for call in self.calls:
            steps = call.steps
            for at, flow in enumerate(steps):
                to = steps[at + 1] if at + 1 < len(steps) else ""
                found[at, flow, to, "" if to else call.disposition] += 1
        return found
