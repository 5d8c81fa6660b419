"""`flask waiting serve --forever`, killed by a real SIGKILL at the point that MORTAL names. It runs in a process forked
for it (see forked.py), so that nobody else's functions are replaced."""

import os
import signal

from forked import flask


def dies(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)


def then(before, after, *, always=False):
    def both(*arguments, **named):
        result = before(*arguments, **named)
        if always or result is not None:
            after()
        return result

    return both


def mortal(words):
    """Do what `flask ...` does, until it dies."""
    from ivr.carrier.calls import TwilioCalls  # noqa: PLC0415 in the new process
    from ivr.db import offers, place_rows  # noqa: PLC0415 the same

    match os.environ.get("MORTAL"):
        case "before the offer is committed":
            place_rows.write = then(place_rows.write, dies, always=True)
        case "after the offer is committed":
            offers.Offers.next = then(offers.Offers.next, dies)
        case "before the request is sent":
            TwilioCalls.place = dies
        case "after the carrier has answered":
            TwilioCalls.place = then(TwilioCalls.place, dies)
    flask(words)
