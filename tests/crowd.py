"""A crowd of callers whose calls are all in progress at once, while things happen to the line."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

FOR_A_PERSON = 4
DIGITS = re.compile(r"\d[\d ,.]*")  # everybody has a confirmation code of their own


@dataclass(frozen=True)
class Asked:
    """A webhook of a call: which turn, what was keyed in before a pound key, and what was answered; '' is nothing."""

    turn: int
    keys: str
    answer: str

    @property
    def acknowledged(self):
        """Whether the caller goes on from there, and is not connected to a person since the line is in trouble."""
        return bool(self.answer) and "/voice/fallback?" not in self.answer


@dataclass
class Caller:
    """Somebody on the telephone. keys: what they press, step by step. told: what they should hear, step by step.

    heard: after dialling, and after each step. times: when each of these began, and when it was over.
    """

    number: str
    keys: list[str]
    told: list[tuple[str, ...]] | None = None
    call: object = None
    heard: list[tuple[str, ...]] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)

    def dials(self, phone):
        set_up = {"fallback": "/voice/fallback", "status_callback": "/voice/status"}
        self._does(lambda: phone.dial("voice", from_=self.number, **set_up))

    def goes_on(self):
        """Press what comes next; False where nothing does, since all is done or something else was heard."""
        step = len(self.heard)
        if self.call.listening is None or step > len(self.keys) or self.astray_at is not None:
            return False
        self._does(lambda: self.call.press(self.keys[step - 1]))
        return True

    def hangs_up(self):
        """Ask for a person first where something else was heard."""
        for _ in range(FOR_A_PERSON if self.astray_at is not None else 0):
            if self.call.listening is not None:
                self._does(lambda: self.call.press("0#"))
        if self.call.listening is not None:
            self.call.hang_up()

    @property
    def astray_at(self):
        """At which step something else was heard than should have been; 0 is the greeting, None nowhere."""
        steps = enumerate(zip(self.heard, self.told or self.heard, strict=False))
        return next((step for step, (heard, told) in steps if heard != told), None)

    def asked(self):
        """The webhooks of their own call that are turns, or the beginning of it, which is turn 0."""
        for exchange in self.call.requests:
            form, good = exchange.params, exchange.answer is not None and exchange.answer.status == 200
            if exchange.purpose in {"voice", "action", "redirect"} and form["CallSid"] == self.call.call_sid:
                turn = int(parse_qs(urlsplit(exchange.url).query).get("turn", ["0"])[0])
                yield Asked(
                    turn, form.get("Digits", "").removesuffix("#"), exchange.answer.body.decode() if good else ""
                )

    def told_of_end(self):
        """Whether the line has acknowledged that the call is over."""
        return any(e.purpose == "status" and e.answer and e.answer.status == 204 for e in self.call.requests)

    def _does(self, act):
        began = time.monotonic()
        self.call = act()
        self.heard.append(tuple(DIGITS.sub("#", text) for text in self.call.heard))
        self.times.append((began, time.monotonic()))
