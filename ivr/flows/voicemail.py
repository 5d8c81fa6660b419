"""Leave a message where nobody could take the call. Nothing that was recorded is lost: decision 30."""

from ivr.actions import Done
from ivr.actions.voicemail import Reply, can_reply, delete_message, keep_message, send_message
from ivr.call import Disposition
from ivr.flow import Do, Flow, Hangup, Menu, Option, Record, Say

flow = Flow(
    "Leave a message",
    start=Do(can_reply, on={Reply.POSSIBLE: "message", Reply.NO_NUMBER: "withheld"}),
    withheld=Say("Your number is withheld, so please say in your message how we can reach you.", to="message"),
    message=Record(
        text="Please leave a message for our {department:department} team after the tone. "
        "When you're done, press pound.",
        to="keep",
        full="full",
        give_up="nothing",
    ),
    full=Say("That's as long as a message can be.", to="keep"),
    keep=Do(keep_message, on={Done.DONE: "review"}),
    review=Menu(
        "Your message is recorded.",
        Option("1", "to send it", to="send"),
        Option("2", "to record it again", to="message"),
        Option("3", "to delete it", to="delete"),
        announce=(),
        give_up="send",  # silence: they have hung up, or put the phone down
        place=False,
    ),
    send=Do(send_message, on={Reply.POSSIBLE: "sent", Reply.NO_NUMBER: "sent_withheld"}),
    sent=Menu(
        "Thank you. Your message is sent. We'll call you back at the number you're calling from.",
        announce=("9",),
        tries=1,
        give_up="goodbye",
        place=False,
    ),
    sent_withheld=Menu(
        "Thank you. Your message is sent.",
        announce=("9",),
        tries=1,
        give_up="goodbye",
        place=False,
    ),
    goodbye=Hangup("Thank you for calling. Goodbye.", Disposition.VOICEMAIL),
    delete=Do(delete_message, on={Done.DONE: "deleted"}),
    deleted=Menu(
        "Your message is deleted.",
        Option("1", "to record another one", to="message"),
        announce=("9", "0"),
        place=False,
    ),
    nothing=Hangup(
        "I'm sorry, I couldn't hear a message. Please call again, or dial {support_direct_number:phone}. Goodbye.",
        Disposition.FAILED,
    ),
)
