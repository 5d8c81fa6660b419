"""What each figure means, in words: shown one click from it. What is counted how: `ivr.db.console.figures`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """A figure in words. part, whole: what is divided by what; '' where it is no share. better: `up`, `down` or ''."""

    title: str
    text: str
    part: str = ""
    whole: str = ""
    better: str = ""


_BASE = "calls with at least one key pressed, or ten seconds long"
_YOUNG = (
    "Calls too young to know are left out, and so are those from withheld numbers: nobody can tell whether such a "
    "caller has called again."
)

DEFINITIONS = {
    "contained": Definition(
        "Containment",
        "The caller heard an answer or got a change made, and the call ended in self-service: not while waiting for a "
        "person, leaving a message or asking for a callback. By itself it says little: callers who are trapped are "
        "contained, too. Read it beside the figures next to it.",
        "calls that finished a task in self-service",
        _BASE,
        "up",
    ),
    "contained_24h": Definition(
        "True containment, 24 hours",
        f"As containment, but the same number did not call again within 24 hours. {_YOUNG}",
        "contained calls without another call of the same number within 24 hours",
        f"{_BASE}, at least 24 hours old, from a known number",
        "up",
    ),
    "contained_7d": Definition(
        "True containment, 7 days",
        f"As containment, but the same number did not call again within seven days. {_YOUNG}",
        "contained calls without another call of the same number within seven days",
        f"{_BASE}, at least seven days old, from a known number",
        "up",
    ),
    "abandoned": Definition(
        "Abandonment",
        "The caller hung up before any task was finished, and talked to nobody. Calls under ten seconds are counted "
        "apart: wrong numbers and changed minds.",
        "calls of ten seconds or more that ended with nothing",
        "calls of ten seconds or more",
        "down",
    ),
    "asked": Definition(
        "Zero-out",
        "The caller pressed 0, the key for a person, at least once. There is no right value; watch how it changes.",
        "calls in which 0 was pressed for a person",
        _BASE,
    ),
    "again_24h": Definition(
        "Called again, 24 hours",
        f"The same number called again within 24 hours, whatever came of the first call. {_YOUNG}",
        "calls followed by another of the same number within 24 hours",
        "calls at least 24 hours old, from a known number",
        "down",
    ),
    "again_7d": Definition(
        "Called again, 7 days",
        f"The same number called again within seven days, whatever came of the first call. {_YOUNG}",
        "calls followed by another of the same number within seven days",
        "calls at least seven days old, from a known number",
        "down",
    ),
    "pin": Definition(
        "PIN success",
        "How often a PIN that was entered was right. A sudden drop may be a fault, or somebody guessing.",
        "tries that were right",
        "tries at a PIN",
        "up",
    ),
    "task": Definition(
        "Task completion",
        "Of the callers who chose to have this done, how many heard that it is done. Who could not prove who they are, "
        "changed their mind or had nothing to cancel has not completed it.",
        "calls in which the confirmation was heard",
        "calls in which the task was chosen",
        "up",
    ),
    "accepted": Definition(
        "Transfers answered",
        "Of the callers for whom a person was fetched, rung at once or waited for in line, how many talked to one. "
        "Callers who were told that nobody is there at this time were never offered.",
        "calls in which a person took the call",
        "calls that were offered to people",
        "up",
    ),
    "left": Definition(
        "Left while waiting",
        "Of the same callers, those who hung up while it rang or while they waited in line.",
        "calls hung up while waiting for a person",
        "calls that were offered to people",
        "down",
    ),
    "answers": Definition(
        "Time to answer",
        "From the moment the line picks up to the first word of the answer, the first time in a call: half of the "
        "callers had it within the median, nine in ten within the 90th percentile.",
    ),
    "nodes": Definition(
        "Node by node",
        "A node is a place where the line waits for the caller. Pressed 0: calls that asked for a person there, of the "
        "calls that reached it. Silence and wrong key: waits that ended so, of all waits at the node, the caller's "
        "hanging up included; below 5 % is good. After the tone of a message "
        "there are no wrong keys, and silence is a message not left.",
    ),
    "slips": Definition(
        "Silence and wrong keys",
        "Waits that ended without a key, or with one that means nothing there; below 5 % of all is good.",
        "waits that ended so",
        "waits at the node",
        "down",
    ),
    "reply": Definition(
        "Reply time",
        "How long the line took to answer the carrier when a caller had done something; the first answer of a call is "
        "not measured. The carrier gives up after 15 seconds; 95 in 100 should take 100 ms at most. Answers about a "
        "PIN take a fixed least time on purpose.",
    ),
    "paths": Definition(
        "Paths",
        "Where calls went, step by step: each step is a part of the line, and each band is as wide as the calls that "
        "went from one to the next. The last step is how they ended. What comes after six steps is drawn as one. "
        "Choose a band to list exactly its calls.",
    ),
}
