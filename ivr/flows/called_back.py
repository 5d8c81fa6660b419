"""Ring a caller who has asked for it; whoever answers must say that they want to talk, since it may be a machine."""

from ivr.actions import Done
from ivr.call import Disposition
from ivr.flow import Do, Flow, Hangup, Option, Through, ring
from ivr.legs import Stands, accept_callback, callback_stands, drop_callback

flow = Flow(
    "A caller is called back",
    start=Do(callback_stands, on={Stands.YES: "ask", Stands.NO: "gone"}, unavailable="gone"),
    ask=ring(
        "Hello, this is {company}. You asked us to call you back.",
        Option("1", "to talk to us now", to="accept"),
        Option("2", "to cancel the call", to="cancel"),
        nobody="nobody",
    ),
    accept=Do(accept_callback, on={Stands.YES: "through", Stands.NO: "gone"}, unavailable="gone"),
    through=Through(),
    cancel=Do(drop_callback, on={Done.DONE: "cancelled"}, unavailable="gone"),
    cancelled=Hangup("We won't call you again. Thank you. Goodbye.", Disposition.INFORMED),
    nobody=Hangup("We'll try again later. Goodbye.", Disposition.ABANDONED),
    gone=Hangup("I'm sorry, we can't connect you now. Please call us again. Goodbye.", Disposition.FAILED),
)
