"""Connect the caller to a person at Global Customer Support: key 0, and wherever self-service ends."""

from ivr.actions import Staffed, support_staffed
from ivr.call import Disposition
from ivr.flow import AGAIN, Do, Flow, Hangup, Menu, Option, Transfer

flow = Flow(
    "Global Customer Support",
    staffed=Do(support_staffed, on={Staffed.OPEN: "ring", Staffed.CLOSED: "closed"}, unavailable="ring"),
    ring=Transfer(
        text="I'm connecting you to {support_title}. Please hold.",
        number="support",
        ended="goodbye",
        unanswered="missed",
    ),
    closed=Menu(
        "I'm sorry, {support_title} can't take calls right now. You can reach them {support_hours}.",
        Option("1", "to hear that again", to=AGAIN),
        Option("2", "to leave a message", to="voicemail"),
        announce=("*", "9"),
        give_up="sorry",
        place=False,
    ),
    missed=Menu(
        "I'm sorry, nobody could take your call there. The direct number is {support_direct_number:phone}.",
        Option("1", "to be connected to that number now", to="direct"),
        Option("2", "to leave a message", to="voicemail"),
        announce=("*", "9"),
        give_up="direct",
        place=False,
    ),
    direct=Transfer(
        text="I'm connecting you to the direct number. Please hold.",
        number="support_direct",
        ended="goodbye",
        unanswered="nobody",
    ),
    nobody=Menu(
        "I'm sorry, nobody can take your call right now. You can reach {support_title} at "
        "{support_number:phone}, or directly at {support_direct_number:phone}. "
        "For numbers in other countries, click Contact Us on the support page of our website.",
        Option("1", "to try once more", to="staffed"),
        Option("2", "to leave a message", to="voicemail"),
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
