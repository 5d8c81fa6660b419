"""What each verb does in a call, in call time: one module per verb."""

from ivr.simulator.acts import Steps
from ivr.simulator.departures import Goto
from ivr.simulator.execute.dial import dial
from ivr.simulator.execute.enqueue import enqueue
from ivr.simulator.execute.flow import hang_up, leave, redirect, reject
from ivr.simulator.execute.gather import gather
from ivr.simulator.execute.message import message, refer
from ivr.simulator.execute.prompts import pause, play, say
from ivr.simulator.execute.record import record
from ivr.simulator.line import Line
from ivr.simulator.verbs import Verb
from ivr.simulator.verbs.dial import Dial
from ivr.simulator.verbs.enqueue import Enqueue, Leave
from ivr.simulator.verbs.flow import Hangup, Redirect, Reject
from ivr.simulator.verbs.gather import Gather
from ivr.simulator.verbs.message import Message
from ivr.simulator.verbs.pause import Pause
from ivr.simulator.verbs.play import Play
from ivr.simulator.verbs.record import Record
from ivr.simulator.verbs.refer import Refer
from ivr.simulator.verbs.say import Say


def execute(line: Line, verb: Verb) -> Steps[Goto | None]:
    """Run one verb; return where to go on, or None for the next verb.

    Raises: Departure when it is left before its end; CallOver, a kind of it, when the call ends in it.
    """
    match verb:
        case Say():
            yield from say(line, verb)
        case Play():
            yield from play(line, verb)
        case Pause():
            yield from pause(line, verb)
        case Gather():
            return (yield from gather(line, verb))
        case Dial():
            return (yield from dial(line, verb))
        case Record():
            return (yield from record(line, verb))
        case Enqueue():
            return (yield from enqueue(line, verb))
        case _:
            return _at_once(line, verb)
    return None


def _at_once(line: Line, verb: Redirect | Hangup | Reject | Leave | Message | Refer) -> Goto | None:
    """Run a verb in which no time passes."""
    match verb:
        case Redirect():
            return redirect(line, verb)
        case Hangup():
            hang_up(line)
        case Reject():
            reject(line, verb)
        case Leave():
            leave(line)
        case Message():
            return message(line, verb)
        case Refer():
            return refer(line, verb)
    return None
