"""What is rendered as one audio file."""

from dataclasses import dataclass

LEAD_S, TAIL_S = 0.15, 0.3


@dataclass(frozen=True)
class Clip:
    """Words that are spoken in one breath, and silence around them.

    id: of the prompt, `flow.node`, with a part behind it where values stand between the parts. text: without a mark at
    its end it goes on in the next clip. lead_s, tail_s: silence before and after, in seconds. music: it has no words,
    and the text only names it.
    """

    id: str
    text: str
    lead_s: float = LEAD_S
    tail_s: float = TAIL_S
    music: bool = False


HOLD_SOUND = Clip("hold", "(music)", music=True)  # what is heard between two announcements in a queue
