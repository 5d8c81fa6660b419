"""`.call` files: telephone calls as transcripts, one act a line, played by the simulator through the real webhooks.

caller   70000011             a demo account's telephone, or a number; a second `caller` is a second call
people   busy                 how dialled people react; or +18002636317=busy
hears    To speak to a person, press 0.
lacks    words that the caller must not have heard since their last act
presses  3                    keys pressed together
says     words                speaks
waits                         says nothing until the line moves on
rings    +18002636317         somebody was rung, and when they answered, the caller was put through
hangs up                      while the line waits; or `hangs up while ringing`, `hangs up while talking`
ends     resolved             the call is over, and logged with this disposition
account  70000011 cancels_at_trial_end=true
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ivr.db.demo import demo_table
from ivr.db.history import show_call

VERBS = {"caller", "people", "hears", "lacks", "presses", "says", "waits", "rings", "hangs", "ends", "account"}
STRANGER = "+14155550199"
WHILE = "up while "


@dataclass(frozen=True)
class Line:
    number: int
    verb: str
    rest: str


def parse(text: str) -> list[Line]:
    lines = []
    for number, raw in enumerate(text.splitlines(), start=1):
        row = raw.split("#", 1)[0].strip() if not raw.startswith("presses") else raw.strip()
        if not row or row.startswith("#"):
            continue
        verb, _, rest = row.partition(" ")
        if verb not in VERBS:
            raise ValueError(f"line {number}: no such act as {verb!r}")
        lines.append(Line(number, verb, rest.strip()))
    return lines


@dataclass
class Actor:
    """Plays the lines of one file."""

    phone: object
    parts: object
    people: dict[str, str] = field(default_factory=lambda: {"*": "completed"})
    call: object = None
    lines: list[Line] = field(default_factory=list)

    def play(self, path: Path) -> None:
        self.lines = parse(path.read_text())
        for line in self.lines:
            try:
                getattr(self, f"do_{line.verb}")(line.rest)
            except AssertionError as error:
                transcript = self.call.transcript if self.call else ""
                raise AssertionError(f"{path.name}:{line.number}: {error}\n\nThe call so far:\n{transcript}") from None

    def do_people(self, rest: str) -> None:
        number, _, status = rest.rpartition("=")
        self.people[number or "*"] = status

    def do_caller(self, rest: str) -> None:
        number = {demo.number: demo.phone for demo in demo_table()}.get(rest, rest or STRANGER)
        self.call = self.phone.dial(
            "/voice",
            from_=number,
            to="+18005550100",
            people=self.people,
            fallback="/voice/fallback",
            status_callback="/voice/status",
            hang_up_during=next((row.rest.removeprefix(WHILE) for row in self.lines if row.rest.startswith(WHILE)), ""),
        )

    def do_hears(self, rest: str) -> None:
        heard = " ".join(self.call.heard)
        assert rest in heard, f"the caller did not hear: {rest}\nbut heard: {heard}"

    def do_lacks(self, rest: str) -> None:
        assert rest not in " ".join(self.call.heard), f"the caller heard: {rest}"

    def do_presses(self, rest: str) -> None:
        self.call.press(rest)

    def do_waits(self, _rest: str) -> None:
        self.call.wait()

    def do_rings(self, rest: str) -> None:
        assert rest in [number for number, _ in self.call.dialled], f"{rest} was not rung, but {self.call.dialled}"

    def do_says(self, rest: str) -> None:
        self.call.speak(rest)

    def do_hangs(self, rest: str) -> None:
        if rest.startswith(WHILE):
            assert self.call.ended, f"the caller never came to {rest}"
            assert self.call.ended.by == "caller", "the line hung up"
        else:
            assert not self.call.ended, "the call is over already"
            self.call.hang_up()

    def do_ends(self, rest: str) -> None:
        assert self.call.ended, "the call is still going on"
        logged = show_call(self.parts.engine, self.call.call_sid)["disposition"]
        assert logged == rest, f"the call is logged as {logged}"

    def do_account(self, rest: str) -> None:
        number, _, expected = rest.partition(" ")
        name, _, value = expected.partition("=")
        account = self.parts.accounts.find(number)
        actual = getattr(account, name)
        assert json.loads(value) == actual, f"{name} of account {number} is {actual}"
