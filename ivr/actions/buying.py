"""How many organizers a caller wants to buy for, and so who sells to them."""

from enum import Enum, auto

from ivr.call import Call
from ivr.services import Services

ORGANIZERS_ONLINE = 5  # more than these are sold and administered centrally, by sales


class Team(Enum):
    """How many organizers a caller wants."""

    SMALL = auto()
    LARGE = auto()
    NONE = auto()


def team_size(call: Call, _services: Services, digits: str) -> tuple[Team, Call]:
    """Sort a number of organizers: up to five buy online, more go to sales."""
    organizers = int(digits)
    if organizers == 0:
        return Team.NONE, call
    return (Team.SMALL if organizers <= ORGANIZERS_ONLINE else Team.LARGE), call
