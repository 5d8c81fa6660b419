"""A line of a few nodes, for tests of what comes of keys, of waits, and of what is passed on the way."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from puppets import DIRECTORY

from ivr.call import Call, Keys, Position
from ivr.departments import Department
from ivr.engine import Engine
from ivr.flow import Flow, Menu, Option
from ivr.line import Line
from ivr.opening_hours import OpeningHours
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.turn import Tries

AT = Position("main", "here")
CALL = Call("CA1", "+14155550123", "+18005550100", turn=6)
NUMBERS = ("+12125550001", "+12125550002", "+12125550003")


@dataclass
class Colleagues:
    """One department, and whether somebody has taken the call there; None where that cannot be found out."""

    taken: bool | None = True
    numbers: tuple[str, ...] = NUMBERS
    accept: bool = True
    asked: list[str] = field(default_factory=list)

    def current(self):
        hours = OpeningHours(ZoneInfo("UTC"), ())
        return {"desk": Department("desk", "the desk", self.numbers, hours, ring_s=17, accept=self.accept)}

    def was_taken(self, call_sid):
        self.asked.append(call_sid)
        if self.taken is None:
            raise ServiceError("away")
        return self.taken


def engine_of(*more_flows, colleagues=None, **nodes):
    """Return an engine of a line whose main flow has these nodes, and some to go on to."""
    main = Flow("Main", **nodes, there=Menu("There.", Option("1", "to go back", to="there")), other=Menu("Other."))
    person = Flow("Person", menu=Menu("A person.", place=False))
    verify = Flow("Verify", menu=Menu("Who are you?", place=False))
    flows = {"main": main, "support": person, "verify": verify, **dict(more_flows)}
    team = colleagues or Colleagues()
    return Engine(Line(flows, start="main"), Services(None, None, None, DIRECTORY, departments=team, waiting=team))


def heard(engine, what, *, tries=None, call=CALL, at=AT):
    return engine.answer(call, at, tries or Tries(), Keys(what) if isinstance(what, str) else what)


def said(turn):
    return [prompt.id for prompt in turn.spoken]


def walked(turn):
    return [f"{step.at}[{step.label}]" for step in turn.path]
