"""Connect the caller to a person at Global Customer Support: key 0, and wherever self-service ends."""

from ivr.actions import Done
from ivr.actions.reach import Reach, join_line, reach_support
from ivr.call import Disposition
from ivr.flow import AGAIN, Do, Flow, Hangup, Hold, Menu, Option, Transfer

flow = Flow(
    "Global Customer Support",
    reach=Do(
        reach_support,
        on={Reach.AT_ONCE: "ring", Reach.IN_LINE: "queue", Reach.PROMISED: "callback", Reach.CLOSED: "closed"},
        unavailable="ring",
    ),
    ring=Transfer(
        text="I'm connecting you to {support_title}. Please hold.",
        number="support",
        ended="goodbye",
        unanswered="queue",
        failed="missed",
    ),
    queue=Do(join_line, on={Done.DONE: "hold"}, unavailable="missed"),
    hold=Hold(
        "I'm sorry, {support_title} can't take your call just yet. Please hold for the next person who is free.",
        Option("1", "to be called back without losing your place", to="callback"),
        Option("2", "to leave a message", to="voicemail"),
        ended="goodbye",
        expired="missed",
    ),
    closed=Menu(
        "I'm sorry, {support_title} can't take calls right now. You can reach them {support_hours}.",
        Option("1", "to hear that again", to=AGAIN),
        Option("2", "to leave a message", to="voicemail"),
        Option("3", "to be called back", to="callback"),
        announce=("*", "9"),
        give_up="sorry",
        place=False,
    ),
    missed=Menu(
        "I'm sorry, nobody can take your call right now. You can reach {support_title} at "
        "{support_number:phone}, or directly at {support_direct_number:phone}. "
        "For numbers in other countries, click Contact Us on the support page of our website.",
        Option("1", "to try once more", to="reach"),
        Option("2", "to leave a message", to="voicemail"),
        Option("3", "to be called back", to="callback"),
        announce=("*", "9"),
        give_up="sorry",
        place=False,
    ),
    goodbye=Hangup("Thank you for calling. Goodbye.", Disposition.TRANSFERRED),
    sorry=Hangup(
        "I'm sorry we couldn't reach anyone. Please call again, or dial {support_direct_number:phone}. Goodbye.",
        Disposition.FAILED,
    ),
)
