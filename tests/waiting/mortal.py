"""`flask waiting serve --forever`, killed by a real SIGKILL at the point that MORTAL names: `python mortal.py`."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from flask.cli import main

from ivr.carrier.calls import TwilioCalls
from ivr.db import offers


def dies(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)


def then(before, after):
    def both(*arguments, **named):
        result = before(*arguments, **named)
        if result is not None or before is write:
            after()
        return result

    return both


write, following, place = offers.write, offers.Offers.next, TwilioCalls.place
match os.environ.get("MORTAL"):
    case "before the offer is committed":
        offers.write = then(write, dies)
    case "after the offer is committed":
        offers.Offers.next = then(following, dies)
    case "before the request is sent":
        TwilioCalls.place = dies
    case "after the carrier has answered":
        TwilioCalls.place = then(place, dies)

sys.argv = ["flask", "waiting", "serve", "--forever"]
main()
