"""Callbacks: where a caller can be called back, and the promise of it."""

from dataclasses import replace
from enum import Enum, auto

from ivr.actions import Done
from ivr.call import Call, Disposition, withheld
from ivr.services import Services


class CallBack(Enum):
    """Where this caller can be called back. PROMISED: that is settled already."""

    PROMISED = auto()
    KNOWN = auto()
    ASK = auto()


def review_callback(call: Call, services: Services) -> tuple[CallBack, Call]:
    """Look which number we would call, and whether we are going to anyway."""
    call = replace(call, department=call.department or "support")
    call = call.knows(department=call.department)
    if promised := services.waiting.promised(call):
        return CallBack.PROMISED, call.knows(ending=promised[-2:])  # whoever shows this number hears no more of it
    if withheld(call.caller) or not _callable(call.caller, call, services):
        return CallBack.ASK, call
    return CallBack.KNOWN, call.knows(number=call.caller)


class MayCall(Enum):
    """Whether we may call a number."""

    YES = auto()
    NO = auto()


def callback_number(call: Call, services: Services, digits: str) -> tuple[MayCall, Call]:
    """Take another number to call back."""
    number = services.numbering.from_keys(digits)
    if number is None or not _callable(number, call, services):
        return MayCall.NO, call
    return MayCall.YES, call.knows(number=number)


def _callable(number: str, call: Call, services: Services) -> bool:
    """Say whether we call a number back: never one of the line's own, which would answer itself."""
    own = {number for department in services.departments.current().values() for number in department.numbers}
    return number not in {call.called, *own} and services.numbering.allowed(number)


class Booked(Enum):
    """When a callback comes: in its turn, or not before the department is back. TOO_MANY: not today."""

    SOON = auto()
    LATER = auto()
    TOO_MANY = auto()


def book_callback(call: Call, services: Services) -> tuple[Booked, Call]:
    """Promise a callback, in the place this call has in line."""
    if not services.waiting.book(call, call.facts["number"]):
        return Booked.TOO_MANY, call
    is_open = services.departments.current()[call.department].is_open(services.clock.now())
    return Booked.SOON if is_open else Booked.LATER, call.reached(Disposition.CALLBACK)


class Desk(Enum):
    """Which department a call is for."""

    SALES = auto()
    SUPPORT = auto()


def rejoin_line(call: Call, services: Services) -> tuple[Desk, Call]:
    """Wait on the line in the place of the callback, which is not made then."""
    services.waiting.rejoin(call)
    return Desk.SALES if call.department == "sales" else Desk.SUPPORT, call


def cancel_callback(call: Call, services: Services) -> tuple[Done, Call]:
    """Take back the callback that was promised to this caller."""
    services.waiting.cancel(call)
    return Done.DONE, call
