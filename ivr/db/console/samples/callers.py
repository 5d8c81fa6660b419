"""People who call: what each wants, how surely they press keys, and when they lose patience."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from ivr.accounts import Plan
from ivr.call import DialEnded, DialStatus, Heard, Keys, Recorded, Waited, WaitEnd
from ivr.db.console.samples.world import PIN, WRONG_PIN
from ivr.flow import Hold, Menu
from ivr.line import Line
from ivr.turn import Bridge, Dial, End, Enqueue, Gather, Join, Recording, Turn

T = TypeVar("T")

# What callers want: at which menu they choose what, by its target; and how many of a hundred want it.
_MINE = {"main.menu": "trial", "trial.menu": "cancel", "cancel_trial.confirm": "cancel"}
_PLAN = {"main.menu": "plan", "plan.menu": "cancel", "turn_off_renewal.confirm": "turn_off"}
_UNDO = {"undo.confirm_trial": "keep_trial", "undo.confirm_renewal": "turn_on"}
WISHES: Sequence[tuple[int, Mapping[str, str]]] = (
    (9, {"main.menu": "buying", "buying.menu": "myself"}),
    (7, {"main.menu": "buying", "buying.menu": "organizers"}),
    (5, {"main.menu": "buying", "buying.menu": "payment", "buying.payment": "sales"}),
    (7, {"main.menu": "audio", "audio.menu": "cost", "audio.cost": "toll_free"}),
    (4, {"main.menu": "audio", "audio.menu": "toll_free", "audio.toll_free": "sales"}),
    (17, _MINE),
    (6, {**_MINE, "cancel_trial.confirm": "kept"}),
    (5, {**_MINE, "cancel_trial.cancelled": "undo", **_UNDO}),
    (6, {"main.menu": "trial", "trial.menu": "subscribe"}),
    (3, {"main.menu": "trial", "trial.menu": "undo", **_UNDO}),
    (9, _PLAN),
    (4, {**_PLAN, "turn_off_renewal.confirm": "kept"}),
    (3, {"main.menu": "plan", "plan.menu": "undo", **_UNDO}),
    (9, {"main.menu": "plan", "plan.menu": "support"}),
    (6, {"main.menu": "password"}),
)
# What anybody chooses where they come to it, a name each for as many of so many.
_ANYBODY: Mapping[str, tuple[str, ...]] = {
    "verify.offer": ("pin", "pin", "pin", "account"),
    "text.confirm": ("send",),
    "callback.offer": ("book", "book", "book", "number"),
    "callback.refused": ("number", "voicemail"),
    "voicemail.review": ("send", "send", "send", "message", "delete", ""),
    "support.closed": ("voicemail", "callback", ""),
    "support.missed": ("reach", "voicemail", "callback", ""),
    "sales.closed": ("support", "voicemail", "callback", ""),
    "sales.missed": ("reach", "voicemail", "callback", ""),
}
_STAY = 0.5  # share of those who go on after an answer
_MISTAKEN = 0.1  # share of those who take their plan for a trial, or their trial for a plan
_PERSON, _MAIN = "0", "9"


@dataclass(frozen=True)
class Manner:
    """How somebody uses a telephone: shares of the waits at which they are silent, err, ask for a person, hang up.

    forgets: share of their PIN entries that are wrong.
    """

    silent: float = 0.03
    errs: float = 0.03
    zero: float = 0.02
    leaves: float = 0.015
    forgets: float = 0.08


MANNERS: Sequence[tuple[int, Manner]] = (
    (66, Manner()),
    (10, Manner(silent=0.15, errs=0.15, forgets=0.3)),  # in trouble
    (8, Manner(leaves=0.2)),  # in a hurry
    (8, Manner(zero=0.7)),  # wants a person
    (5, Manner(forgets=0.95)),  # does not know the PIN
    (2, Manner(silent=1.0, errs=0.0, zero=0.0, leaves=0.1)),  # a telephone in a pocket
    (1, Manner(silent=0.0, errs=0.9, zero=0.0)),  # a child with a telephone
)


@dataclass
class Caller:
    """One caller in one call. account: the number they key in, of this plan; None for one that they have made up.

    careful: gets the PIN right, and changes nothing.
    """

    rng: Random
    account: str
    plan: Plan | None
    careful: bool = False
    wish: Mapping[str, str] = field(default_factory=dict[str, str])
    manner: Manner = field(default_factory=Manner)

    def __post_init__(self) -> None:
        self.manner = _one_of(self.rng, MANNERS)
        self.wishes()

    def wishes(self) -> None:
        """Want something; a careful caller nothing that would change an account."""
        wish = dict(_one_of(self.rng, WISHES))
        while not self._fits(wish) and self.rng.random() > _MISTAKEN:
            wish = dict(_one_of(self.rng, WISHES))
        if self.careful:
            wish |= dict.fromkeys((at for at, to in wish.items() if ".confirm" in at and to != "kept"), "kept")
        self.wish = wish

    def _fits(self, wish: Mapping[str, str]) -> bool:
        menu = wish["main.menu"]
        return self.plan is None or menu not in {"trial", "plan"} or (menu == "trial") == (self.plan is Plan.TRIAL)

    def does(self, turn: Turn, line: Line) -> tuple[Heard | None, float]:
        """Answer what was heard; None hangs up. Also says after how many seconds, beside the time it took to hear."""
        rng, wait = self.rng, turn.wait
        if isinstance(wait, End | Bridge | Join):
            return None, 1.0
        if not isinstance(wait, Dial) and rng.random() < self.manner.leaves:
            return None, rng.uniform(0.5, 6.0)
        match wait:
            case Dial():
                return self._rings(wait.timeout_s)
            case Enqueue():
                return self._holds(line.node(wait.at))
            case Recording():
                said = rng.random() < 0.85
                seconds = min(wait.limit_s, round(rng.lognormvariate(2.8, 0.6))) if said else 0
                return Recorded(f"RE{rng.getrandbits(128):032x}" if said else "", seconds), seconds + 2.0
            case Gather():
                heard = Keys(self._keys(wait, turn, line))
                return heard, rng.uniform(0.7, 2.5) if heard.digits else float(wait.timeout_s)

    def _rings(self, longest_s: float) -> tuple[Heard | None, float]:
        chance = self.rng.random()
        if chance < 0.76:
            return DialEnded(DialStatus.COMPLETED), 8 + self.rng.lognormvariate(5.2, 0.8)
        if chance < 0.81:
            return None, self.rng.uniform(3, longest_s)
        status = DialStatus.NO_ANSWER if chance < 0.93 else DialStatus.BUSY if chance < 0.985 else DialStatus.FAILED
        return DialEnded(status), longest_s if status is DialStatus.NO_ANSWER else 2.0

    def _holds(self, node: object) -> tuple[Heard | None, float]:
        waited_s, chance = self.rng.lognormvariate(4.3, 0.9), self.rng.random()
        if chance < 0.55:
            return Waited(WaitEnd.SERVED), waited_s + self.rng.lognormvariate(5.2, 0.8)
        if chance < 0.72:
            return None, waited_s
        keys = [option.key for option in node.options] if isinstance(node, Hold) else []
        if chance < 0.96 and keys:
            return Waited(WaitEnd.KEY, self.rng.choice(keys)), waited_s
        return Waited(WaitEnd.EXPIRED), 1800.0

    def _keys(self, wait: Gather, turn: Turn, line: Line) -> str:
        rng, at, node = self.rng, str(wait.at), line.node(wait.at)
        if rng.random() < self.manner.silent:
            return ""
        if rng.random() < self.manner.zero:
            return _PERSON
        errs = rng.random() < self.manner.errs
        if not isinstance(node, Menu):
            return "12" if errs else self._digits(at)
        if errs:
            return rng.choice("678")
        wanted = rng.choice(_ANYBODY[at]) if at in _ANYBODY else self.wish.get(at, "")
        key = next((option.key for option in node.options if option.to == wanted), "")
        if key:
            return f"{key}#" if node.deed == key else key
        return self._after(turn, node)

    def _after(self, turn: Turn, node: Menu) -> str:
        """Go on where there is nothing that this caller wants: at an answer, as a rule."""
        rng = self.rng
        texted = next((option.key for option in node.options if option.to == "text"), "")
        chance = rng.random()
        if texted and chance < 0.15 and turn.call.aside is None:
            return texted
        if chance < 0.3:
            return rng.choice([option.key for option in node.options if option.key != node.deed] or ["#"])
        if chance < 0.45:
            return _PERSON if rng.random() < 0.3 else "*"
        self.wishes()
        return _MAIN

    def _digits(self, at: str) -> str:
        if at == "verify.account":
            return self.account
        if at == "verify.pin":
            return WRONG_PIN if not self.careful and self.rng.random() < self.manner.forgets else PIN
        if at == "callback.number":
            return "4155550199"
        return str(self.rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 40)))

    def is_content(self, turn: Turn, line: Line) -> bool:
        """Say whether the caller has heard what they wanted, and hangs up."""
        node = line.node(turn.wait.at)
        heard = isinstance(node, Menu) and not node.place and "9" in node.announce
        return heard and str(turn.wait.at) not in self.wish and self.rng.random() > _STAY


def _one_of(rng: Random, weighted: Sequence[tuple[int, T]]) -> T:
    return rng.choices([what for _, what in weighted], [weight for weight, _ in weighted])[0]
