"""From a node of a flow, through those that do not wait, to the next one that does."""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, assert_never

from ivr.call import Call, Position
from ivr.edges import UNAVAILABLE, outcome_label
from ivr.flow import BACK, Ask, Do, Flow, FlowError, Hangup, Hold, Meet, Menu, Record, Resume, Say, Through, Transfer
from ivr.line import Line
from ivr.prompts import Prompt, common, option_prompts, text_prompt
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.turn import Bridge, Dial, End, Enqueue, Gather, Join, Recording, Step, Tries, Turn, Wait

STEPS_MAX = 50  # nodes a call may pass without waiting; more is a circle in the flows


def unproved(flow: Flow, call: Call) -> bool:
    """Say whether a flow needs more proof than a call has."""
    return flow.needs > call.proof


@dataclass
class Advance:
    """One turn in the making. call: as it is by now. said: with whether a key may cut it. path: the edges walked."""

    line: Line
    services: Services
    call: Call
    said: list[tuple[Prompt, bool]] = field(default_factory=list[tuple[Prompt, bool]])
    path: list[Step] = field(default_factory=list[Step])

    def say(self, *prompts: Prompt, barge_in: bool = True) -> None:
        """Have something said in this turn."""
        self.said += [(prompt, barge_in) for prompt in prompts]

    # Nodes, one after the other, until one waits.

    def go(self, at: Position) -> Turn:
        """Go on from a node to the next one that waits. Raises: FlowError where the flows go in a circle."""
        for _ in range(STEPS_MAX):
            if unproved(self.line.flows[at.flow], self.call):
                self.call = replace(self.call, resume=at.flow)
                at = self.line.entry(self.line.verify)
            match self.line.flows[at.flow].nodes[at.node]:
                case Say() | Do() | Resume() as node:
                    at = self.pass_through(at, node)
                case Menu() | Ask() | Transfer() | Hold() | Meet() | Record() | Through() | Hangup() as node:
                    return self.arrive(at, node)
        raise FlowError(f"{at}: more than {STEPS_MAX} nodes without a wait")

    def pass_through(self, at: Position, node: "Say | Do[Any] | Resume") -> Position:
        """Run a node that does not wait, and return the next."""
        match node:
            case Say():
                self.say(*text_prompt(at, node), barge_in=node.barge_in)
                self.path.append(Step(at, "said"))
                return self.target(at, node.to)
            case Do():
                try:
                    outcome, self.call = node.action(self.call, self.services)
                except ServiceError:
                    return self.unavailable(at, node.unavailable)
                return self.outcome(at, outcome, node.on)
            case Resume():
                self.path.append(Step(at, "resume"))
                flow = self.call.resume or self.line.main
                self.call = replace(self.call, proof=max(self.call.proof, node.grants), resume=None)
                return self.line.entry(flow if flow in self.line.flows else self.line.main)
            case _ as never:
                assert_never(never)

    def outcome(self, at: Position, outcome: Enum, on: Any) -> Position:
        """Find where an outcome leads. Raises: FlowError where that is nowhere."""
        if outcome not in on:
            raise FlowError(f"{at}: outcome {outcome} has no target")
        self.path.append(Step(at, outcome_label(outcome)))
        return self.target(at, on[outcome])

    def unavailable(self, at: Position, to: str) -> Position:
        """Find where it leads that a system behind the line is out of reach; say so, where that is to a person."""
        self.path.append(Step(at, UNAVAILABLE))
        there = self.line.resolve(at.flow, to)
        if to == self.line.person or isinstance(self.line.node(there), Transfer):
            self.say(common("unavailable"))  # other places have words of their own
        return there

    def target(self, at: Position, to: str) -> Position:
        """Find what a target means, and remember the menu that an aside is entered from."""
        if to == BACK:
            return self.back(at)
        there = self.line.resolve(at.flow, to)
        if there.flow != at.flow and self.line.flows[there.flow].aside:
            self.call = replace(self.call, aside=at)
        return there

    def back(self, at: Position) -> Position:
        """Find what is behind this node: for an aside the menu it was entered from, else a topic menu, or its own."""
        aside = self.call.aside
        if aside and self.line.flows[at.flow].aside and isinstance(self.line.node(aside), Menu):
            return aside
        behind = [place for place in self.call.trail if place != at and self.line.node(place)]
        return behind[-1] if behind else (at if at in self.call.trail else self.line.entry(self.line.main))

    # The node that waits.

    def arrive(self, at: Position, node: "_Waiting") -> Turn:
        """Reach a wait: say all of it, after an aside its choices only, and note how far the call has come."""
        if at != self.call.aside:
            self.say(*text_prompt(at, node), barge_in=not isinstance(node, Menu) or node.barge_in)
        if not self.line.flows[at.flow].aside:
            self.call = replace(self.call, aside=None)
        if isinstance(node, Menu):
            trail = self.call.trail
            if node.place:
                trail = (*(trail[: trail.index(at)] if at in trail else trail), at)
            marks = node.marks
            self.call = replace(self.call.reached(marks) if marks else self.call, trail=trail)
        if isinstance(node, Transfer):
            self.call = replace(self.call, rung=0)
        return self.present(at, node, Tries())

    def present(self, at: Position, node: "_Waiting", tries: Tries) -> Turn:
        """Say what can be done here, and wait."""
        match node:
            case Menu():
                self.say(*option_prompts(at, node))
                firm, soft = self.split()
                digits = len("2#") if node.deed else 1
                return self.turn(firm, Gather(at, tries, soft, digits, finish="", timeout_s=node.timeout_s))
            case Ask():
                if tries != Tries():
                    self.say(*text_prompt(at, node))
                firm, soft = self.split()
                wait = Gather(at, tries, soft, node.most, "#", node.timeout_s, secret=node.secret)
                return self.turn(firm, wait)
            case Record():
                if tries != Tries():
                    self.say(*text_prompt(at, node))
                recording = Recording(at, tries, node.limit_s, node.silence_s, node.finish)
                return self.turn(self.all_said(), recording)
            case _:
                return self.hand_over(at, node)

    def hand_over(self, at: Position, node: "Transfer | Hold | Meet | Through | Hangup") -> Turn:
        """Say what comes, and let the carrier do it."""
        match node:
            case Transfer():
                department = self.services.departments.current().get(node.number)
                ring_s = department.ring_s if department else node.timeout_s
                return self.turn(self.all_said(), Dial(at, self.rung(node), ring_s, self.asked_first(node)))
            case Hold():
                return self.turn(self.all_said(), Enqueue(at))
            case Meet():
                return self.turn(self.all_said(), Join(at, self.call.meets, self.call.offer, self.call.shown))
            case Through():
                self.call = self.call.reached(node.disposition)
                return self.turn(self.all_said(), Bridge(at))
            case Hangup():
                self.call = self.call.reached(node.disposition)
                return self.turn(self.all_said(), End(at))
            case _ as never:
                assert_never(never)

    def rung(self, transfer: Transfer) -> str:
        """Return the number that is rung now. The file of departments may have changed since the one before it."""
        numbers = self.services.numbers(transfer.number)
        return numbers[min(self.call.rung, len(numbers) - 1)]

    def asked_first(self, transfer: Transfer) -> str:
        """Return the offer that whoever answers must take before both are put through; '' where nobody is asked."""
        department = self.services.departments.current().get(transfer.number)
        return self.call.offer if department and department.accept else ""

    def split(self) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
        """Part what must be heard, and all before it, from what a key may cut."""
        firm = max((i + 1 for i, (_, barge_in) in enumerate(self.said) if not barge_in), default=0)
        said = self.all_said()
        return said[:firm], said[firm:]

    def all_said(self) -> tuple[Prompt, ...]:
        """Return what has been said so far, in order."""
        return tuple(prompt for prompt, _ in self.said)

    def turn(self, firm: tuple[Prompt, ...], wait: Wait) -> Turn:
        """Close the turn with a wait. firm: what no key may cut."""
        return Turn(replace(self.call, turn=self.call.turn + 1), firm, wait, tuple(self.path))


_Waiting = Menu | Ask[Any] | Transfer | Hold | Meet | Record | Through | Hangup
