"""A call as text: one line for each thing a tester cares about."""

from collections.abc import Iterable
from dataclasses import replace

from ivr.simulator.events import (
    Conferred,
    Dialled,
    DigitsPressed,
    Ended,
    Event,
    Failed,
    OtherHears,
    PlayHeard,
    Queued,
    Recorded,
    Request,
    Response,
    SayHeard,
    SpeechSaid,
    Texted,
    Warned,
)

_ENDED_BY = {
    "caller": "the caller hung up",
    "callee": "by who was rung",
    "application": "the line hung up",
    "error": "the application failed",
}


def transcript(events: Iterable[Event]) -> str:
    """Return the events as lines: call time, who, what."""
    join = Sentences()
    whole = [*(told for event in events for told in join.take(event)), *join.rest()]
    return "\n".join(f"{event.at:7.1f}  {who:<8} {what}" for event in whole for who, what in [line_of(event)] if who)


def goes_on(text: str) -> bool:
    """Say whether a sentence is still to be continued by the next file."""
    return text[-1:].isalnum() or text.endswith((",", ":", ";"))


class Sentences:
    """Makes one event of the files that a sentence is put together from."""

    def __init__(self) -> None:
        self._held: PlayHeard | None = None

    def take(self, event: Event) -> list[Event]:
        """Return what can be shown now: nothing as long as a sentence goes on."""
        if not (isinstance(event, PlayHeard) and event.text):
            return [*self.rest(), event]
        if held := self._held:
            event = replace(held, seconds=held.seconds + event.seconds, text=f"{held.text} {event.text}")
        self._held = event
        return [] if goes_on(event.text) else self.rest()

    def rest(self) -> list[Event]:
        """Return what was held back."""
        held, self._held = self._held, None
        return [held] if held else []


def line_of(event: Event) -> tuple[str, str]:  # noqa: C901, PLR0911 one line per kind of event
    """Return who acts in an event and what they do; two empty texts for what is better not shown."""
    match event:
        case SayHeard(_, text):
            return "hears", text
        case PlayHeard(_, url, _, digits, text):
            return "hears", f"[tones {digits}]" if digits else text or f"[{url}]"
        case DigitsPressed(_, digits):
            return "presses", digits
        case SpeechSaid(_, text):
            return "says", text
        case Dialled(_, number, status, seconds):
            return "dials", f"{number}: {status}" + (f" after {seconds:g} s" if seconds else "")
        case Recorded(_, _, seconds, ended_by):
            return "records", f"{seconds:g} s, ended by {ended_by}"
        case OtherHears(_, number, text):
            return "dials", f"{number} hears: {text}"
        case Queued(_, name, result, seconds):
            return "queue", f"{name}: {result} after {seconds:g} s"
        case Conferred(_, name, seconds):
            return "joins", f"conference {name}, for {seconds:g} s"
        case Texted(_, to, _, body):
            return "texts", f"{to}: {body}"
        case Ended(_, status, duration_s, by):
            return "ends", f"{status} after {duration_s:.0f} s, {_ENDED_BY.get(by, by)}"
        case _:
            return _technical(event)


def _technical(event: Event) -> tuple[str, str]:
    match event:
        case Request(_, method, url):
            return "request", f"{method} {url}"
        case Response(_, status, ms):
            return "response", f"{status} in {ms:.0f} ms"
        case Warned() | Failed():
            place = f" (line {event.line}, column {event.column})" if event.line else ""
            return event.event, f"{event.code or ''} {event.message}{place}".strip()
        case _:
            return "", ""
