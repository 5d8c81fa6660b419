"""Record. Source: https://www.twilio.com/docs/voice/twiml/record."""

from dataclasses import dataclass

from ivr.simulator.acts import Listening, Speech, Steps
from ivr.simulator.events import Recorded
from ivr.simulator.facts import API_VERSION, new_sid
from ivr.simulator.line import CallOver, Goto, Line
from ivr.simulator.verbs.record import Record

MEDIA_BASE = "https://api.twilio.com"


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
    take = _Take(line.now)
    sid = new_sid("RE")
    _tell(line, verb, sid, "in-progress", {})
    try:
        yield from _listen(line, verb, take)
    except CallOver:
        take.ended_by = "hangup"
        extra = _finish(line, verb, take, sid)
        params = line.facts.parameters("completed") | extra
        line.carrier.request(line.resolve(verb.action), verb.method, params, "action")
        raise
    extra = _finish(line, verb, take, sid)
    if take.first < 0 and take.ended_by == "silence" and line.switches.silent_record_falls_through:
        return None
    return Goto(line.resolve(verb.action), verb.method, extra)


def recording_url(account_sid: str, sid: str) -> str:
    """Return the address of a recording; nothing is there to be fetched."""
    return f"{MEDIA_BASE}/{API_VERSION}/Accounts/{account_sid}/Recordings/{sid}"


def _listen(line: Line, verb: Record, take: _Take) -> Steps[None]:
    limit = take.began + verb.max_length_s
    silent_from = line.now
    while True:
        # With timeout=0 silence never ends a recording; only its length does.
        end = min(limit, silent_from + verb.timeout_s) if verb.timeout_s else limit
        heard = yield from line.moment(Listening("record", max(0.0, end - line.now), waits=True, takes_keys=True))
        if heard is None:
            take.ended_by = "max-length" if line.now >= limit else "silence"
            return
        if isinstance(heard, Speech):
            take.first = line.now if take.first < 0 else take.first
            silent_from = take.last = max(take.last, line.now + heard.duration_s)
        elif heard in verb.finish_on_key:
            take.ended_by = heard
            return


def _finish(line: Line, verb: Record, take: _Take, sid: str) -> dict[str, str]:
    seconds = take.seconds(line.now, trim=verb.trim)
    url = recording_url(line.facts.account_sid, sid)
    line.emit(Recorded(line.now, url, seconds, take.ended_by, verb.beep))
    extra = {"RecordingUrl": url, "RecordingSid": sid, "RecordingDuration": str(seconds)}
    _tell(line, verb, sid, "completed" if seconds or not verb.trim else "absent", extra)
    if take.ended_by not in {"silence", "max-length"}:
        extra["Digits"] = take.ended_by
    return extra


def _tell(line: Line, verb: Record, sid: str, status: str, extra: dict[str, str]) -> None:
    if not verb.callback or status not in verb.callback_events:
        return
    params = {
        "AccountSid": line.facts.account_sid,
        "CallSid": line.facts.call_sid,
        "RecordingSid": sid,
        "RecordingStatus": status,
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
        "RecordingStartTime": line.clock.stamp,
    }
    line.carrier.tell(line.resolve(verb.callback), verb.callback_method, params | extra, "recording-status")
