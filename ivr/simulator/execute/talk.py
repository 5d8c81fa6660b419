"""Talking: the time two sides are put through, and its recording."""

from math import ceil

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.departures import CallOver
from ivr.simulator.events import Recorded
from ivr.simulator.execute.recordings import Reporter, reporter
from ivr.simulator.line import Line
from ivr.simulator.verbs.dial import Dial, DialRecording


def talk(line: Line, verb: Dial, seconds: float) -> Steps[None]:
    """Talk until the other side, the time limit or the star key ends it. Keys go to the other side.

    Raises: CallOver when whoever holds the receiver here has had enough before.
    """
    end = line.now + min(seconds, verb.time_limit_s)
    with line.alarm(None if line.talks_s is None else line.now + line.talks_s, CallOver("completed", "caller")):
        while line.now < end:
            heard = yield from line.moment(Listening("talking", end - line.now, takes_keys=verb.hang_up_on_star))
            if heard is None or (heard == "*" and verb.hang_up_on_star):
                return


class Tape:
    """The recording of a Dial, if it asks for one. report: None until it runs."""

    def __init__(self, line: Line, verb: Dial) -> None:
        self.report: Reporter | None = None
        self._line = line
        self._wanted = verb.recording
        self._began = 0.0

    def ringing(self) -> None:
        """Begin, if it is to run from here."""
        if self._wanted is not None and self._wanted.from_ringing:
            self._begin(self._wanted)

    def answered(self) -> None:
        """Begin, if it does not run yet."""
        if self._wanted is not None and self.report is None:
            self._begin(self._wanted)

    def finish(self) -> None:
        """Stop, and report; a second time changes nothing."""
        if self.report is not None and self._wanted is not None:
            self._wanted = None
            seconds = ceil(self._line.now - self._began)
            self._line.emit(Recorded(self._line.now, self.report.media_url, seconds, "dial", beep=False))
            self.report.tell("completed", seconds, later=True)

    def _begin(self, wanted: DialRecording) -> None:
        self._began = self._line.now
        self.report = _report(self._line, wanted)
        self.report.tell("in-progress")


def _report(line: Line, wanted: DialRecording) -> Reporter:
    return reporter(
        line,
        "DialVerb",
        channels=wanted.channels,
        url=wanted.callback,
        method=wanted.method,
        events=wanted.events,
    )
