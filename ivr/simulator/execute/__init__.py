"""What each verb does in a call, in call time: one module per verb."""

from ivr.simulator.acts import Steps
from ivr.simulator.execute.dial import dial
from ivr.simulator.execute.flow import hang_up, redirect, reject
from ivr.simulator.execute.gather import gather
from ivr.simulator.execute.prompts import pause, play, say
from ivr.simulator.execute.record import record
from ivr.simulator.line import Goto, Line
from ivr.simulator.verbs import Verb
from ivr.simulator.verbs.dial import Dial
from ivr.simulator.verbs.flow import Hangup, Redirect, Reject
from ivr.simulator.verbs.gather import Gather
from ivr.simulator.verbs.pause import Pause
from ivr.simulator.verbs.play import Play
from ivr.simulator.verbs.record import Record
from ivr.simulator.verbs.say import Say


def execute(line: Line, verb: Verb) -> Steps[Goto | None]:  # noqa: PLR0911 one return per verb reads as the language
    """Run one verb; return where to go on, or None for the next verb. Raises: CallOver when the call ends in it."""
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
        case Redirect():
            return redirect(line, verb)
        case Hangup():
            return hang_up(line)
        case Reject():
            return reject(line, verb)
    return None
