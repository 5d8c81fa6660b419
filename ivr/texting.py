"""The business steps of sending an answer as a text message: see `ivr/flows/text.py`."""

from ivr.call import Call
from ivr.service_errors import ServiceError
from ivr.services import Services
from ivr.text import Purpose, Text, Texting


def can_text(call: Call, services: Services) -> tuple[Texting, Call]:
    """Look whether a text can go to the caller's number, before it is read back to them."""
    verdict = services.outbox.possible(call.caller)
    return verdict, (call.knows(text_to=call.caller) if verdict is Texting.POSSIBLE else call)


def send_answer(call: Call, services: Services) -> tuple[Texting, Call]:
    """Put the answer that the caller comes from into the outbox, once a call."""
    answer = str(call.aside)
    if answer not in services.written:
        raise ServiceError(f"nothing is written to be sent for {answer}")
    text = Text(f"{call.sid}/{answer}", call.caller, services.written[answer], Purpose.ANSWER, call.sid)
    return services.outbox.put(text), call
