"""Be called back without losing one's place in line: at a number that is read back first."""

from ivr.actions import Done
from ivr.actions.callback import (
    Booked,
    CallBack,
    Desk,
    MayCall,
    book_callback,
    callback_number,
    cancel_callback,
    rejoin_line,
    review_callback,
)
from ivr.call import Disposition
from ivr.flow import Ask, Do, Flow, Hangup, Menu, Option

flow = Flow(
    "Be called back",
    start=Do(
        review_callback,
        on={CallBack.PROMISED: "promised", CallBack.KNOWN: "offer", CallBack.ASK: "number"},
        unavailable="away",
    ),
    offer=Menu(
        "We can call you at {number:phone}.",
        Option("1", "if that's the right number", to="book"),
        Option("2", "to give us another one", to="number"),
        place=False,
    ),
    number=Ask(
        text="Please enter the number we should call, with its area code, and then press pound.",
        digits=(10, 15),
        check=callback_number,
        on={MayCall.YES: "offer", MayCall.NO: "refused"},
        help="We'll call this number when it's your turn. Begin with the area code. "
        "For a number outside North America, begin with 0 1 1.",
        timeout_s=10,
    ),
    refused=Menu(
        "I'm sorry, that's not a number we can call.",
        Option("1", "to enter another one", to="number"),
        Option("2", "to leave a message", to="voicemail"),
        place=False,
    ),
    book=Do(
        book_callback,
        on={Booked.SOON: "booked", Booked.LATER: "booked_later", Booked.TOO_MANY: "too_many"},
        unavailable="away",
    ),
    booked=Menu(
        "Thank you. You keep your place in line. We'll call you at {number:phone}, and ask you to press 1.",
        announce=("9",),
        tries=1,
        give_up="goodbye",
        place=False,
    ),
    booked_later=Menu(
        "Thank you. When our {department:department} team is back, we'll call you at {number:phone}.",
        announce=("9",),
        tries=1,
        give_up="goodbye",
        place=False,
    ),
    too_many=Menu(
        "I'm sorry, we can't arrange another call to that number today.",
        Option("1", "to leave a message", to="voicemail"),
        place=False,
    ),
    promised=Menu(
        "You're in line already, and we'll call you at the number ending in {ending:digits}.",
        Option("1", "to keep it that way", to="kept"),
        Option("2", "to wait on the line instead, in the same place", to="rejoin"),
        Option("3", "to cancel that call", to="cancel"),
        announce=("*", "9"),
        give_up="kept",
        place=False,
    ),
    kept=Hangup("Thank you. We'll call you. Goodbye.", Disposition.CALLBACK),
    rejoin=Do(rejoin_line, on={Desk.SALES: "sales", Desk.SUPPORT: "support"}, unavailable="away"),
    cancel=Do(cancel_callback, on={Done.DONE: "cancelled"}, unavailable="away"),
    cancelled=Menu(
        "We won't call you back.",
        Option("1", "to leave a message instead", to="voicemail"),
        announce=("9", "0"),
        place=False,
    ),
    away=Menu(
        "I'm sorry, we can't arrange that right now.",
        Option("1", "to leave a message", to="voicemail"),
        place=False,
    ),
    goodbye=Hangup("Thank you for calling. Goodbye.", Disposition.CALLBACK),
)
