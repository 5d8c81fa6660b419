"""Record. Source: https://www.twilio.com/docs/voice/twiml/record."""

from dataclasses import dataclass

from ivr.simulator.acts import Listening, Speech, Steps
from ivr.simulator.departures import CallOver, Goto, Updated
from ivr.simulator.events import Recorded
from ivr.simulator.execute.recordings import Reporter, reporter
from ivr.simulator.line import Line
from ivr.simulator.verbs.record import Record


@dataclass(slots=True)
class _Take:
    """A recording being made. first, last: when speech began and ended, in call time; -1 is never."""

    began: float
    first: float = -1.0
    last: float = -1.0
    ended_by: str = "silence"

    def seconds(self, now: float, *, trim: bool) -> int:
        """Length in whole seconds; trimmed of the silence around the speech where asked."""
        if not trim:
            return round(now - self.began)
        return 0 if self.first < 0 else round(min(self.last, now) - self.first)


def record(line: Line, verb: Record) -> Steps[Goto | None]:
    """Record the caller, then go to the action; the caller's hang-up is told to it as well."""
    line.answer()
    line.catch_up()
    action = line.resolve(verb.action)
    take = _Take(line.now)
    report = reporter(line, "RecordVerb", url=verb.callback, method=verb.callback_method, events=verb.callback_events)
    report.tell("in-progress")
    try:
        yield from _listen(line, verb, take)
    except Updated:
        take.ended_by = "update"
        _finish(line, verb, take, report)
        raise
    except CallOver:
        take.ended_by = "hangup"
        extra = _finish(line, verb, take, report)
        line.carrier.request(action, verb.method, line.facts.parameters("completed") | extra, "action")
        raise
    extra = _finish(line, verb, take, report)
    if take.first < 0 and take.ended_by == "silence" and line.switches.silent_record_falls_through:
        return None
    return Goto(action, verb.method, extra)


def _listen(line: Line, verb: Record, take: _Take) -> Steps[None]:
    limit = take.began + verb.max_length_s
    silent_from = line.now
    while True:
        # With timeout=0 silence never ends a recording; only its length does.
        end = min(limit, silent_from + verb.timeout_s) if verb.timeout_s else limit
        speaking = line.now < min(limit, take.last)  # what the caller does next is done after that
        left = max(0.0, min(limit, take.last) - line.now if speaking else end - line.now)
        heard = yield from line.moment(
            Listening("record", left, waits=not speaking, takes_keys=True, takes_speech=True)
        )
        if heard is None and speaking:
            continue
        if heard is None:
            take.ended_by = "max-length" if line.now >= limit else "silence"
            return
        if isinstance(heard, Speech):
            take.first = line.now if take.first < 0 else take.first
            silent_from = take.last = max(take.last, line.now + heard.duration_s)
        elif isinstance(heard, str) and heard in verb.finish_on_key:
            take.ended_by = heard
            return


def _finish(line: Line, verb: Record, take: _Take, report: Reporter) -> dict[str, str]:
    seconds = take.seconds(line.now, trim=verb.trim)
    line.emit(Recorded(line.now, report.media_url, seconds, take.ended_by, verb.beep))
    report.tell("completed" if seconds or not verb.trim else "absent", seconds, later=True)
    extra = {"RecordingUrl": report.media_url, "RecordingSid": report.sid, "RecordingDuration": str(seconds)}
    if take.ended_by not in {"silence", "max-length"}:
        extra["Digits"] = take.ended_by
    return extra
