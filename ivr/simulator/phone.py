"""A telephone for tests and notebooks: place a call, act, look at what happened, step by step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self
from urllib.parse import urlencode, urljoin

from ivr.simulator.addresses import bare
from ivr.simulator.asgi import AsgiTransport
from ivr.simulator.caller import Caller
from ivr.simulator.calls import CallerHandset, PhoneCall
from ivr.simulator.carrier import MAX_TWIML_BYTES, Exchange
from ivr.simulator.clock import Clock
from ivr.simulator.events import Event
from ivr.simulator.facts import CallFacts, new_sid
from ivr.simulator.faults import Faults
from ivr.simulator.placing import Placing
from ivr.simulator.plans import Conference, People, Queue, people_of
from ivr.simulator.player import Player, Webhooks
from ivr.simulator.transport import Answer, HttpTransport, Limits

__all__ = ["DEFAULT_FROM", "DEFAULT_TO", "Phone", "PhoneCall"]

PATIENCE = Limits(5.0, 15.0, 15.0, MAX_TWIML_BYTES)
DEFAULT_FROM, DEFAULT_TO = "+14155550123", "+18005550100"


class Phone(Placing):
    """Calls one application.

    app_or_url: a WSGI or ASGI application, called in this process, or an address that relative ones start from.
    auth_token: signs the webhooks. account_sid: left out, an invented one.
    base_url: the address an application in this process is known by; its paths start from there.
    switches: behaviour that Twilio does not document. most_requests: safety cap of one call.
    own_numbers: those that a Dial's callerId may name beside the call's own; None is any.
    delay: seconds of call time that an answer takes, by method and address; an application in this process can also
        say so itself, in a `Simulated-Delay` header. transport: another wire than HTTP or WSGI.
    people, queues: what calls meet, those that the application places, too; `dial` can say otherwise for its own.
    real_time: the calls that the application places take as long as on a real telephone.
    """

    def dial(
        self,
        path: str = "",
        *,
        from_: str = DEFAULT_FROM,
        to: str = DEFAULT_TO,
        people: People | None = None,
        queues: Mapping[str, Queue] | None = None,
        conferences: Mapping[str, Conference] | None = None,
        method: str = "POST",
        fallback: str = "",
        status_callback: str = "",
        hang_up_during: str = "",
        interrupts: bool = False,
        stops: Callable[[PhoneCall], bool] | None = None,
        call_sid: str = "",
        started_at: datetime | None = None,
        real_time: bool = False,
        on_event: Callable[[Event], None] | None = None,
        caller: Caller | None = None,
        faults: Faults | None = None,
    ) -> PhoneCall:
        """Place a call and run it to the first wait or the end.

        path, fallback, status_callback: relative to the phone's address; '' for the last two is none.
        people: how dialled numbers react, by number, where otherwise than the phone's; '*' is anybody else.
        queues, conferences: likewise, by name.
        hang_up_during: the caller hangs up as soon as such a moment begins, by its kind: `Listening`.
        interrupts: stop already while a Gather plays its prompts, so that a key cuts them off.
        stops: is asked in every moment whether to stop there, too; `call.listening` is the moment.
        started_at: clock time at which the call began, for the timestamps. on_event: is told each event at once.
        caller: holds the receiver in your stead; the call then runs to its end. faults: what breaks from the start.
        """
        facts = CallFacts(
            from_,
            to,
            self.account_sid,
            call_sid or new_sid("CA"),
            {**self.people, **people_of(people, self.timeline.now)} if people else self.people,
            self._queues if queues is None else queues,
            conferences or {},
            self._own_numbers,
            self.switches.stir_verstat,
        )
        webhooks = Webhooks(
            voice=urljoin(self.base_url, path),
            method=method,
            fallback=fallback and urljoin(self.base_url, fallback),
            status_callback=status_callback and urljoin(self.base_url, status_callback),
            most_requests=self._most_requests,
        )
        clock = Clock(real_time=real_time, started_at=started_at, timeline=self.timeline)
        handset = CallerHandset(hang_up_during, interrupts, caller, stops)
        call, line = self._call(facts, clock, handset, on_event, faults)
        call.prepare(line, Player(line, webhooks).run())
        call.start()
        return call

    def replay(self, exchange: Exchange, changed: Mapping[str, str] | None = None) -> Answer:
        """Send a webhook again with its old headers, signature included. changed: other values of form fields."""
        body = exchange.body
        if changed is not None:
            body = urlencode({**exchange.form, **changed}).encode()
        return self._transport.send(exchange.method, bare(exchange.url), exchange.headers, body, PATIENCE)

    def close(self) -> None:
        """Close the connections of a phone that calls over the network, or end an ASGI application."""
        if isinstance(self._transport, HttpTransport | AsgiTransport):
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
