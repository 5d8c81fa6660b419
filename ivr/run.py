"""What a caller did at a wait, and where that leads: keys, digits, the end of a transfer or of waiting, a message."""

from dataclasses import replace
from typing import Any

from ivr.advance import Advance
from ivr.call import DialStatus, Disposition, Position, Recorded, Waited, WaitEnd
from ivr.edges import FULL, RECORDED, SLIPS
from ivr.flow import (
    AGAIN,
    CALL_SLIPS,
    HELP,
    PERSON,
    RECORD_LEAST_S,
    RECORD_LEEWAY_S,
    RESERVED,
    WAITING_KEYS,
    Ask,
    Hold,
    Menu,
    Record,
    Transfer,
)
from ivr.prompts import common
from ivr.service_errors import ServiceError
from ivr.turn import Step, Tries, Turn


class Run(Advance):
    """One turn in the making, from what a caller did to the next wait."""

    def key(self, at: Position, menu: Menu, tries: Tries, digits: str) -> Turn:
        """Take what was pressed at a menu."""
        if not digits:
            return self.slip(at, menu, replace(tries, silent=tries.silent + 1), "no-input")
        if menu.deed and digits.startswith("#"):  # left over from the PIN: the read-back has just been heard
            self.path.append(Step(at, "#"))
            return self.present(at, menu, tries)
        key = digits[0]
        targets = {**menu.reserved, **{option.key: option.to for option in menu.options}}
        if key == menu.deed and digits != f"{key}#":
            return self.slip(at, menu, Tries(wrong=tries.wrong + 1), "no-match", sorry=("no_pound",))
        if key not in targets:
            return self.slip(at, menu, Tries(wrong=tries.wrong + 1), "no-match")
        return self.take(at, key, targets[key])

    def digits(self, at: Position, ask: Ask[Any], tries: Tries, digits: str) -> Turn:
        """Take what was keyed in at a question."""
        if not digits:
            return self.slip(at, ask, replace(tries, silent=tries.silent + 1), "no-input")
        if digits in _ALONE or "*" in digits:
            key = digits if digits in _ALONE else "*"
            return self.take(at, key, _ALONE.get(key, at.node + HELP))
        if not digits.isdecimal() or not ask.least <= len(digits) <= ask.most:
            return self.slip(at, ask, Tries(wrong=tries.wrong + 1), "no-match")
        try:
            outcome, self.call = ask.check(self.call, self.services, digits)
        except ServiceError:
            return self.go(self.unavailable(at, ask.unavailable))
        return self.go(self.outcome(at, outcome, ask.on))

    def dialled(self, at: Position, transfer: Transfer, status: DialStatus) -> Turn:
        """Take how ringing somebody has ended."""
        numbers = self.services.numbers(transfer.number)
        asked = status is DialStatus.COMPLETED and self.asked_first(transfer)
        try:
            if asked and not self.services.waiting.was_taken(self.call.sid):
                status = DialStatus.NO_ANSWER  # a machine answered, or somebody who did not take the call
        except ServiceError:  # a menu is of use to whoever has talked to nobody
            return self.take(at, DialStatus.FAILED.value, transfer.failed)
        if status is DialStatus.COMPLETED:
            self.call = replace(self.call.reached(Disposition.TRANSFERRED), transferred_to=self.rung(transfer))
            return self.take(at, status.value, transfer.ended)
        if self.call.rung + 1 >= len(numbers):
            return self.take(at, status.value, transfer.to(status))
        self.call = replace(self.call, rung=self.call.rung + 1)
        self.path.append(Step(at, f"{status.value}, next number"))
        self.say(common("next_number"))
        return self.hand_over(at, transfer)

    def waited(self, at: Position, hold: Hold, waited: Waited) -> Turn:
        """Take how waiting in line has ended."""
        if waited.end is WaitEnd.SERVED:
            self.call = self.call.reached(Disposition.TRANSFERRED)
            return self.take(at, waited.end.value, hold.ended)
        targets = {option.key: option.to for option in hold.options} | {key: RESERVED[key] for key in WAITING_KEYS}
        if waited.end is WaitEnd.KEY and waited.key in targets:
            return self.take(at, waited.key, targets[waited.key])
        failed = waited.end is WaitEnd.FAILED
        return self.take(at, (WaitEnd.FAILED if failed else WaitEnd.EXPIRED).value, hold.expired)

    def recorded(self, at: Position, record: Record, tries: Tries, recorded: Recorded) -> Turn:
        """Take what was recorded; next to nothing is no message."""
        if not recorded.sid or recorded.seconds < RECORD_LEAST_S:
            return self.slip(at, record, replace(tries, silent=tries.silent + 1), "no-input", sorry=("no_message",))
        self.call = replace(self.call, recorded=recorded)
        full = recorded.seconds >= record.limit_s - RECORD_LEEWAY_S
        return self.take(at, FULL if full else RECORDED, record.full if full else record.to)

    def slip(
        self, at: Position, node: "Menu | Ask[Any] | Record", tries: Tries, kind: str, *, sorry: tuple[str, ...] = ()
    ) -> Turn:
        """Help a caller who was silent or erred: a word, then the choices again; in the end, a person.

        sorry: what to say of this very mistake, instead of what is said of its kind.
        """
        attempt = tries.silent if kind == "no-input" else tries.wrong
        self.call = replace(self.call, slips=self.call.slips + 1)
        if attempt >= node.tries or self.call.slips >= CALL_SLIPS:
            self.call = replace(self.call, slips=0)
            if node.give_up == self.line.person:
                self.say(common("give_up"))
            return self.take(at, f"{kind} {attempt}" if attempt >= node.tries else SLIPS, node.give_up)
        self.path.append(Step(at, f"{kind} {attempt}"))
        repeated = attempt > 1 and (isinstance(node, Ask) or (isinstance(node, Menu) and "0" in node.announce))
        said = sorry or _SORRY[isinstance(node, Ask), kind, 2 if repeated else 1]
        self.say(*(common(name) for name in said))
        return self.present(at, node, tries)

    def take(self, at: Position, label: str, to: str) -> Turn:
        """Walk an edge, and go on where it leads."""
        self.path.append(Step(at, label))
        return self.go(at if to == AGAIN else self.target(at, to))


# A key that is the whole entry: a person; and a pound left over from an entry that had ended by itself, which is no
# mistake of the caller's.
_ALONE = {"0": PERSON, "#": AGAIN}
# What is said before the choices are repeated: by kind of node (is it an Ask?), slip and attempt.
_SORRY: dict[tuple[bool, str, int], tuple[str, ...]] = {
    (False, "no-input", 1): ("no_input_1",),
    (False, "no-input", 2): ("no_input_2",),
    (False, "no-match", 1): ("no_match_1",),
    (False, "no-match", 2): ("no_match_2",),
    (True, "no-input", 1): ("ask_no_input_1",),
    (True, "no-input", 2): ("ask_no_input_2",),
    (True, "no-match", 1): ("too_short",),
    (True, "no-match", 2): ("too_short", "ask_no_match_2"),
}
