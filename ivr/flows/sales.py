"""Connect the caller to sales."""

from ivr.actions import Done
from ivr.actions.reach import Reach, join_line, reach_sales
from ivr.call import Disposition
from ivr.flow import AGAIN, Do, Flow, Hangup, Hold, Menu, Option, Transfer

flow = Flow(
    "Sales",
    reach=Do(
        reach_sales,
        on={Reach.AT_ONCE: "ring", Reach.IN_LINE: "queue", Reach.PROMISED: "callback", Reach.CLOSED: "closed"},
        unavailable="ring",
    ),
    ring=Transfer(
        text="I'm connecting you to {sales_title}. Please hold.",
        number="sales",
        ended="goodbye",
        unanswered="queue",
        failed="missed",
    ),
    queue=Do(join_line, on={Done.DONE: "hold"}, unavailable="missed"),
    hold=Hold(
        "I'm sorry, {sales_title} can't take your call just yet. Please hold for the next person who is free.",
        Option("1", "to be called back without losing your place", to="callback"),
        Option("2", "to leave a message", to="voicemail"),
        ended="goodbye",
        expired="missed",
    ),
    closed=Menu(
        "I'm sorry, {sales_title} can't take calls right now. You can reach them {sales_hours}.",
        Option("1", "to hear that again", to=AGAIN),
        Option("2", "to speak to {support_title} instead", to="support"),
        Option("3", "to leave a message", to="voicemail"),
        Option("4", "to be called back", to="callback"),
        announce=("*", "9"),
        place=False,
    ),
    missed=Menu(
        "I'm sorry, nobody in sales could take your call. Their toll-free number is {sales_number:phone}.",
        Option("1", "to try sales again", to="reach"),
        Option("2", "to try {support_title}", to="support"),
        Option("3", "to leave a message", to="voicemail"),
        Option("4", "to be called back", to="callback"),
        announce=("*", "9"),
        place=False,
    ),
    goodbye=Hangup("Thank you for calling. Goodbye.", Disposition.TRANSFERRED),
)
