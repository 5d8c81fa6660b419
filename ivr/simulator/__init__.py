"""A telephone for any TwiML application; knows TwiML and HTTP, and nothing of this project but its local secrets.

`Phone` places calls from tests and notebooks; `python -m ivr.simulator URL` from the command line.

- `verbs`: TwiML to values. `execute`: one module per verb, in call time. `player`: runs documents to the end.
- `line`: time, keys and alarms of one call. `departures`: how a verb is left before its end.
- `plans`: the people, queues and conferences a call meets. `switchboard`: queues shared by the calls of a phone.
- `placing`, `orders`, `ringing`, `receiver`: calls that the application places. `held`: numbers that others answer.
- `bridge`: two calls put through to each other. `post`: text messages.
- `live_update`, `rest`: a call sent elsewhere while it goes on, in Python or over a local copy of the REST interface.
- `carrier`: HTTP as the carrier speaks it: parameters, signature, retries, redirects, limits. `transport`: the wire.
- `faults`: an application that breaks on request. `recorder`: a call written down as a `.call` test.
- `caller`: who holds the receiver: a script or a person. `events`: what happened. `switches`: what is undocumented.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.simulator.phone import Phone, PhoneCall

__all__ = ["Phone", "PhoneCall"]


def __getattr__(name: str) -> Any:
    # Imported on demand, so that the command line answers at once.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ivr.simulator import phone  # noqa: PLC0415 on demand

    return getattr(phone, name)
