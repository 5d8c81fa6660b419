"""Events that a company's own systems have not taken."""

from typing import Any

from ivr.bootstrap import answerline
from ivr.console.desk import me, now, page
from ivr.console.work import work_page, worked
from ivr.console.work_messages import NUMBER
from ivr.db.console.work import events
from ivr.staff import Role

EVENTS = "console.work_events"


@page("/work/events", needs=Role.LEAD)
def work_events() -> str:
    """List events that were given up."""
    return work_page("events", EVENTS, events=events.failed_events(answerline().database))


@page(f"/work/events/{NUMBER}/retry", needs=Role.LEAD, methods=("POST",))
def work_event_retry(number: int) -> Any:
    """Send an event again from the start."""
    done = events.retry_event(answerline().database, number, me().name, now())
    return worked(done=done, told="The event is on its way again.", instead="It was not given up.", back=EVENTS)


@page(f"/work/events/{NUMBER}/done", needs=Role.LEAD, methods=("POST",))
def work_event_done(number: int) -> Any:
    """Note that an event was seen to in another way."""
    done = events.done_with_event(answerline().database, number, me().name, now())
    return worked(done=done, told="The event is off the list.", instead="It is off the list already.", back=EVENTS)
