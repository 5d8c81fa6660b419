"""Connect the caller to sales."""

from ivr.actions import Staffed, sales_staffed
from ivr.call import Disposition
from ivr.flow import AGAIN, Do, Flow, Hangup, Menu, Option, Transfer

flow = Flow(
    "Sales",
    staffed=Do(sales_staffed, on={Staffed.OPEN: "ring", Staffed.CLOSED: "closed"}, unavailable="ring"),
    ring=Transfer(
        text="I'm connecting you to {sales_title}. Please hold.",
        number="sales",
        ended="goodbye",
        unanswered="missed",
    ),
    closed=Menu(
        "I'm sorry, {sales_title} can't take calls right now. You can reach them {sales_hours}.",
        Option("1", "to hear that again", to=AGAIN),
        Option("2", "to speak to {support_title} instead", to="support"),
        Option("3", "to leave a message", to="voicemail"),
        announce=("*", "9"),
        place=False,
    ),
    missed=Menu(
        "I'm sorry, nobody in sales could take your call. Their toll-free number is {sales_number:phone}.",
        Option("1", "to try sales again", to="staffed"),
        Option("2", "to try {support_title}", to="support"),
        Option("3", "to leave a message", to="voicemail"),
        announce=("*", "9"),
        place=False,
    ),
    goodbye=Hangup("Thank you for calling. Goodbye.", Disposition.TRANSFERRED),
)
