"""Talking: the time two sides are put through, and its recording."""

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.execute.recordings import Reporter, reporter
from ivr.simulator.line import Line
from ivr.simulator.verbs.dial import Dial


def talk(line: Line, verb: Dial, seconds: float) -> Steps[None]:
    """Talk until the other side, the time limit or the star key ends it. Keys go to the other side."""
    end = line.now + min(seconds, verb.time_limit_s)
    while line.now < end:
        heard = yield from line.moment(Listening("talking", end - line.now, takes_keys=verb.hang_up_on_star))
        if heard is None or (heard == "*" and verb.hang_up_on_star):
            return


def dial_report(line: Line, verb: Dial) -> Reporter | None:
    """Begin to record, if the Dial asks for it."""
    wanted = verb.recording
    if wanted is None:
        return None
    report = reporter(
        line,
        "DialVerb",
        channels=wanted.channels,
        url=wanted.callback,
        method=wanted.method,
        events=wanted.events,
    )
    report.tell("in-progress")
    return report
