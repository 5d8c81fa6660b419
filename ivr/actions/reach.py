"""How a department can be reached now, and a place in its line."""

from dataclasses import replace
from enum import Enum, auto

from ivr.actions import Done
from ivr.call import Call
from ivr.services import Services


class Reach(Enum):
    """How a department can be reached now. PROMISED: we are going to call this caller back."""

    AT_ONCE = auto()
    IN_LINE = auto()
    PROMISED = auto()
    CLOSED = auto()


def reach_sales(call: Call, services: Services) -> tuple[Reach, Call]:
    """Ask for sales, and take a place in their line."""
    return _reach("sales", call, services)


def reach_support(call: Call, services: Services) -> tuple[Reach, Call]:
    """Ask for global support, and take a place in their line."""
    return _reach("support", call, services)


def _reach(name: str, call: Call, services: Services) -> tuple[Reach, Call]:
    call = replace(call, department=name, offer="").knows(department=name)
    if not services.departments.current()[name].is_open(services.clock.now()):
        return Reach.CLOSED, call
    entry, offer = services.waiting.enter(call)
    return Reach[entry.name], replace(call, offer=offer)


def join_line(call: Call, services: Services) -> tuple[Done, Call]:
    """Wait on the line, in the place this call has had since it asked."""
    services.waiting.wait(call)
    return Done.DONE, replace(call, offer="")
