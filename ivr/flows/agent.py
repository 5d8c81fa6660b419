"""Ask somebody of a department to take a call. They hear who calls and why; without their key nobody is put through."""

from ivr.actions import Done
from ivr.call import Disposition
from ivr.flow import Do, Flow, Hangup, Meet, Option, Through, ring
from ivr.legs import Finished, Offered, Took, finish_offer, look_at_offer, pass_offer, take_offer

flow = Flow(
    "Somebody is asked to take a call",
    start=Do(
        look_at_offer,
        on={
            Offered.ON_LINE: "ask",
            Offered.CALLBACK: "ask_callback",
            Offered.CLOSED: "put_off",
            Offered.GONE: "gone",
        },
        unavailable="gone",
    ),
    ask=ring(
        "A caller for {department:department}, about {topic:topic}, {proof:proof}. Waiting time: {waited:minutes}.",
        Option("1", "to take the call", to="take"),
        Option("2", "to leave it to somebody else", to="pass_on"),
        nobody="pass_on",
    ),
    ask_callback=ring(
        "A callback for {department:department}, about {topic:topic}, {proof:proof}. Waiting time: {waited:minutes}.",
        Option("1", "to have us ring the caller now", to="take"),
        Option("2", "to leave it to somebody else", to="pass_on"),
        nobody="pass_on",
    ),
    take=Do(
        take_offer,
        on={
            Took.DIRECT: "through",
            Took.ON_LINE: "meet",
            Took.CALLBACK: "call_back",
            Took.CLOSED: "closed",
            Took.GONE: "gone",
        },
        unavailable="gone",
    ),
    through=Through(),
    meet=Meet("Thank you. I'm connecting you.", to="over"),
    call_back=Meet("Thank you. I'm ringing the caller. Please hold.", to="over"),
    over=Do(
        finish_offer,
        on={Finished.SERVED: "goodbye", Finished.NOT_REACHED: "not_reached"},
        unavailable="goodbye",
    ),
    goodbye=Hangup("Thank you. Goodbye.", Disposition.TRANSFERRED),
    not_reached=Hangup("The caller didn't take the call. We'll try again later. Goodbye.", Disposition.FAILED),
    pass_on=Do(pass_offer, on={Done.DONE: "passed_on"}, unavailable="passed_on"),
    put_off=Do(pass_offer, on={Done.DONE: "closed"}, unavailable="closed"),
    closed=Hangup(
        "We've closed by now, so we won't ring that caller. They keep their place for when we're open again. Goodbye.",
        Disposition.ABANDONED,
    ),
    passed_on=Hangup("We'll ask somebody else. Goodbye.", Disposition.ABANDONED),
    gone=Hangup("That caller isn't waiting any more. Thank you. Goodbye.", Disposition.ABANDONED),
)
