"""Sms and Refer: a text sent, and a caller sent elsewhere by their own equipment."""

from ivr.simulator.departures import Goto
from ivr.simulator.events import Dialled, Texted
from ivr.simulator.facts import new_sid
from ivr.simulator.line import Line
from ivr.simulator.verbs.message import Message
from ivr.simulator.verbs.refer import Refer

NOT_SIP, STOPPED = 13801, 21610


def message(line: Line, verb: Message) -> Goto | None:
    """Send a text, from the application's number to the other, unless it says otherwise."""
    facts = line.facts
    own = facts.to if facts.direction == "inbound" else facts.from_
    to, from_ = verb.to or facts.other_number, verb.from_ or own
    sent = line.switchboard.post.send(to, from_, verb.body)
    sid, status = (new_sid("SM"), "failed") if sent is None else (sent.sid, "sent")
    if sent is None:
        line.warn(STOPPED, f"{to} wants no messages from {from_}")
    else:
        line.emit(Texted(line.now, to, from_, verb.body))
    if verb.callback:
        told = {"AccountSid": facts.account_sid, "SmsSid": sid, "SmsStatus": status, "To": to, "From": from_}
        line.carrier.tell(line.resolve(verb.callback), "POST", told, "message-status")
    if verb.action is None:
        return None
    return Goto(line.resolve(verb.action), verb.method, {"SmsSid": sid, "SmsStatus": status})


def refer(line: Line, verb: Refer) -> Goto | None:
    """Have a SIP caller call somebody else; for any other caller it is a mistake."""
    line.answer()
    if not line.facts.from_.startswith(("sip:", "sips:")):
        line.warn(NOT_SIP, "<Refer> is for SIP callers; it is skipped")
        return None
    line.emit(Dialled(line.now, verb.to, "completed", 0.0))
    if verb.action is None:
        return None
    extra = {"ReferCallStatus": "completed", "ReferSipResponseCode": "202", "NotifySipResponseCode": "200"}
    return Goto(line.resolve(verb.action), verb.method, extra)
