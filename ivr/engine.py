"""From one wait of a call to the next: pure, and the same for every carrier, test and tool.

It takes what was heard and returns a Turn: sentences to speak, one wait, and the call as it now is.
"""

from dataclasses import dataclass

from ivr.advance import unproved
from ivr.call import Call, DialEnded, DialStatus, Disposition, Heard, Keys, Position, Recorded, Waited, WaitEnd
from ivr.edges import OVER
from ivr.flow import WAITING_KEYS, Ask, Hold, Meet, Menu, Record, Transfer
from ivr.line import Line
from ivr.prompts import common, option_prompts
from ivr.run import Run
from ivr.services import Services
from ivr.turn import Holding, Tries, Turn
from ivr.waiting import HOLD_S

PLACES_TOLD = 30  # beyond, a number comforts nobody


@dataclass(frozen=True)
class Engine:
    """The flows of a line and the services that their actions use."""

    line: Line
    services: Services

    def start(self, call: Call) -> Turn:
        """Answer a new call."""
        return self._run(call).go(self.line.entry(self.line.start))

    def ring(self, call: Call, flow: str) -> Turn:
        """Talk to somebody whom we ring. flow: one of the line's `legs`."""
        return self._run(call).go(self.line.entry(flow))

    def hold(self, call: Call, at: Position, keys: str, queued_s: float) -> Holding | None:
        """Say how it stands to a caller on hold; None takes them out of the queue, and `answer` goes on.

        keys: what was pressed. queued_s: how long they have been in the queue.
        """
        node, waiting = self.line.node(at), self.services.waiting
        if not isinstance(node, Hold):
            return None
        key = keys[:1] if keys[:1] in {*WAITING_KEYS, *(option.key for option in node.options)} else ""
        if (key or queued_s > HOLD_S) and waiting.leave(call.sid, key):
            return None
        outlook = waiting.hold(call.sid)
        if outlook is None:
            return None
        if outlook.place == 0:
            return Holding(at, call.turn, (common("hold_taken"),), {})
        place = "hold_next" if outlook.place == 1 else "hold_place" if outlook.place <= PLACES_TOLD else "hold_far"
        said = (common(place), common("hold_wait"), *option_prompts(at, node))
        return Holding(at, call.turn, said, {"position": str(outlook.place), "wait": str(outlook.minutes)})

    def lost(self, call: Call) -> Turn:
        """Put a caller whose place is gone (a deploy, a stale address) at the main menu, with an apology.

        Somebody whom we ring hears their own flow from its start.
        """
        run = self._run(call)
        run.say(common("lost"))
        return run.go(self.line.entry(call.leg if call.leg in self.line.flows else self.line.main))

    def without_accounts(self, call: Call) -> Turn:
        """Put a caller at the main menu, and say first that accounts are out of reach, and what is not."""
        run = self._run(call)
        run.say(common("no_accounts"))
        return run.go(self.line.entry(self.line.main))

    def person(self, call: Call) -> Turn:
        """Find a person for a caller."""
        return self._run(call).go(self.line.entry(self.line.person))

    def moved(self, call: Call, at: Position, heard: Heard) -> Turn:
        """Begin a flow again, with an apology, since its wait is not what the caller has heard: a deploy came between.

        Who has talked to a person meanwhile is not sent to one again.
        """
        if heard in {DialEnded(DialStatus.COMPLETED), Waited(WaitEnd.SERVED)}:
            return self.lost(call.reached(Disposition.TRANSFERRED))
        if at.flow not in self.line.flows:
            return self.lost(call)
        run = self._run(call)
        run.say(common("moved"))
        return run.go(self.line.entry(at.flow))

    def answer(self, call: Call, at: Position, tries: Tries, heard: Heard) -> Turn:
        """Take what was heard at a node to the next wait.

        A position that is no longer such a wait leads to the start of its flow; one that needs proof the caller lacks,
        to the check.
        """
        node, run = self.line.node(at), self._run(call)
        flow = self.line.flows.get(at.flow)
        if flow and unproved(flow, call):
            return self.moved(call, at, heard)
        match node, heard:
            case Menu(), Keys():
                turn = run.key(at, node, tries, heard.digits)
            case Ask(), Keys():
                turn = run.digits(at, node, tries, heard.digits)
            case Transfer(), DialEnded():
                turn = run.dialled(at, node, heard.status)
            case Hold(), Waited():
                turn = run.waited(at, node, heard)
            case Meet(), DialEnded():
                turn = run.take(at, OVER, node.to)
            case Record(), Recorded() | Keys():  # keys: a carrier that goes on to the next verb when nothing is said
                turn = run.recorded(at, node, tries, heard if isinstance(heard, Recorded) else Recorded())
            case _:
                turn = self.moved(call, at, heard)
        return turn

    def _run(self, call: Call) -> Run:
        return Run(self.line, self.services, call)
