"""Connect the caller to sales."""

from ivr.actions import Addressed, message_for_sales
from ivr.call import Disposition
from ivr.flow import Do, Flow, Hangup, Menu, Option, Transfer

flow = Flow(
    "Sales",
    ring=Transfer(
        text="I'm connecting you to our sales team. Please hold.",
        number="sales",
        ended="goodbye",
        unanswered="missed",
    ),
    missed=Menu(
        "I'm sorry, nobody in sales could take your call. Their toll-free number is {sales_number:phone}.",
        Option("1", "to try sales again", to="ring"),
        Option("2", "to try global customer support", to="support"),
        Option("3", "to leave a message", to="message"),
        announce=("*", "9"),
        place=False,
    ),
    message=Do(message_for_sales, on={Addressed.DONE: "voicemail"}),
    goodbye=Hangup("Thank you for calling. Goodbye.", Disposition.TRANSFERRED),
)
