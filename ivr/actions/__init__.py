"""The business steps: what a call does to the world. Each returns an outcome, and the call as it now is."""

from enum import Enum, auto


class Done(Enum):
    """What comes of a step that has one outcome."""

    DONE = auto()
