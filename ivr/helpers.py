"""The processes that work beside the server: which there are, and which a line needs."""

from dataclasses import dataclass

from ivr.config import Settings


@dataclass(frozen=True)
class Helper:
    """A `flask` command that goes on with `--forever`.

    does: what is not done without it, in words after "no". called: its name in logs and metrics. alone: in a process of
    its own; the others are threads of `flask helpers`.
    """

    command: str
    does: str
    called: str
    alone: bool = False


FETCH = Helper("voicemail fetch", "message is fetched from the carrier", "messages", alone=True)
RING = Helper("waiting serve", "waiting caller is offered to anybody, or called back", "callers who wait")
SEND = Helper("texts send", "text is sent", "texts")
TELL = Helper("events send", "event is told to your own systems", "events")
FORGET = Helper("data nightly", "old data is removed", "nightly")


def helpers_of(settings: Settings) -> tuple[Helper, ...]:
    """Return those that a line with these settings needs, as far as there is a carrier for what they do."""
    needs = {
        FETCH: settings.has_carrier,
        RING: settings.rest_base,
        SEND: settings.rest_base and settings.caller_id,
        TELL: settings.event_endpoints,
        FORGET: True,
    }
    return tuple(helper for helper, there_is in needs.items() if there_is)
