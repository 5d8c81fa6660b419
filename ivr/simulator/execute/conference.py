"""Dial with a Conference: wait for its start, be in it, leave it.

Source: https://www.twilio.com/docs/voice/twiml/conference
"""

from dataclasses import dataclass, field

from ivr.simulator.acts import Listening, Steps
from ivr.simulator.departures import Alarm, Departure, Goto
from ivr.simulator.events import Conferred
from ivr.simulator.execute.talk import talk
from ivr.simulator.facts import new_sid
from ivr.simulator.line import Line
from ivr.simulator.plans import Conference
from ivr.simulator.verbs.dial import Dial
from ivr.simulator.verbs.rooms import ConferenceNoun

WAIT_VERBS = frozenset({"Play", "Say", "Pause", "Redirect"})
BAD_WAIT_VERB = 13238
_TOLD_AS = {
    "join": "participant-join", "leave": "participant-leave", "start": "conference-start", "end": "conference-end",
}  # fmt: skip


@dataclass(slots=True)
class _Stay:
    """One caller's time in a conference."""

    line: Line
    noun: ConferenceNoun
    began: float
    sid: str = field(default_factory=lambda: new_sid("CF"))
    sent: int = 0

    def tell(self, event: str) -> None:
        """Tell the application what happened, if it asked."""
        line, noun = self.line, self.noun
        if not noun.callback or event not in noun.events:
            return
        self.sent += 1
        params = {
            "AccountSid": line.facts.account_sid,
            "CallSid": line.facts.call_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": noun.name,
            "StatusCallbackEvent": _TOLD_AS[event],
            "SequenceNumber": str(self.sent),
            "Timestamp": line.clock.stamp,
            "Muted": str(noun.muted).lower(),
            "StartConferenceOnEnter": str(noun.starts).lower(),
            "EndConferenceOnExit": str(noun.ends).lower(),
        }
        line.carrier.tell(line.resolve(noun.callback), noun.callback_method, params, "conference-status")

    def leave(self) -> None:
        """Tell that the caller is gone."""
        self.tell("leave")
        self.line.emit(Conferred(self.line.now, self.noun.name, round(self.line.now - self.began, 3)))


def confer(line: Line, verb: Dial, noun: ConferenceNoun) -> Steps[dict[str, str]]:
    """Be in a conference until it ends or the caller has had enough, and return what the action learns."""
    line.answer()
    plan = line.facts.conference(noun.name)
    if plan.participants >= noun.max_participants:
        line.warn(0, f"conference {noun.name} is full")
        return {"DialCallStatus": "failed", "DialBridged": "false"}
    stay = _Stay(line, noun, line.now)
    stay.tell("join")
    try:
        yield from _take_part(stay, verb, plan)
    except Departure:
        stay.leave()
        if noun.ends:
            stay.tell("end")
        raise
    stay.leave()
    if noun.ends or plan.ends:
        stay.tell("end")
    return {"DialCallStatus": "answered", "DialBridged": "true"}


def _take_part(stay: _Stay, verb: Dial, plan: Conference) -> Steps[None]:
    line = stay.line
    if plan.starts_after_s != 0:
        at = None if plan.starts_after_s is None else line.now + plan.starts_after_s
        with line.alarm(at, Alarm()) as started:
            try:
                yield from _wait(stay, planned=at is not None)
            except Alarm as alarm:
                if alarm is not started:
                    raise
    stay.tell("start")
    seconds = plan.talks_s if plan.ends else line.longest_s
    yield from talk(line, verb, seconds)


def _wait(stay: _Stay, *, planned: bool) -> Steps[None]:
    """Hear the music until somebody comes; unlike in a queue it is not asked for again when it ends."""
    line, noun = stay.line, stay.noun
    if noun.wait_url:
        extra = {"ConferenceSid": stay.sid, "FriendlyName": noun.name}
        goto = Goto(line.resolve(noun.wait_url), noun.wait_method, extra, "wait")
        yield from line.stage.perform(line, goto, WAIT_VERBS, BAD_WAIT_VERB)
    while True:
        yield from line.moment(Listening("conference", line.longest_s, waits=not planned))
