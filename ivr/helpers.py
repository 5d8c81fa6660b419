"""The processes that work beside the server: which there are, and which a line needs."""

from dataclasses import dataclass

from ivr.config import Settings


@dataclass(frozen=True)
class Helper:
    """A `flask` command that goes on with `--forever`. does: what is not done without it, in words after "no"."""

    command: str
    does: str


FETCH = Helper("voicemail fetch", "message is fetched from the carrier")
RING = Helper("waiting serve", "waiting caller is offered to anybody, or called back")
SEND = Helper("texts send", "text is sent")
FORGET = Helper("data nightly", "old data is removed")


def helpers_of(settings: Settings) -> tuple[Helper, ...]:
    """Return those that a line with these settings needs, as far as there is a carrier for what they do."""
    needs = {
        FETCH: settings.has_carrier,
        RING: settings.rest_base,
        SEND: settings.rest_base and settings.caller_id,
        FORGET: True,
    }
    return tuple(helper for helper, there_is in needs.items() if there_is)
