"""Send the answer that a caller has just heard as a text message, and go back to its choices. See docs/texts.md."""

from ivr.flow import BACK, Do, Flow, Menu, Option, Say
from ivr.text import Texting
from ivr.texting import can_text, send_answer

WHY_NOT = {
    Texting.OFF: "off",
    Texting.WITHHELD: "withheld",
    Texting.ABROAD: "abroad",
    Texting.LANDLINE: "landline",
    Texting.STOPPED: "stopped",
    Texting.ENOUGH: "enough",
}

flow = Flow(
    "Get an answer as a text message",
    aside=True,
    start=Do(can_text, on={Texting.POSSIBLE: "confirm", **WHY_NOT}),
    confirm=Menu(
        "I'll send one text message to {text_to:phone}. Message rates may apply.",
        Option("1", "to send it", to="send"),
        place=False,
    ),
    send=Do(send_answer, on={Texting.POSSIBLE: "sent", **WHY_NOT}),
    sent=Say("It's on its way.", to=BACK),
    off=Say("I'm sorry, I can't send text messages at the moment.", to=BACK),
    withheld=Say("Your number is withheld, so I can't send it a text message.", to=BACK),
    abroad=Say("I'm sorry, I can't send text messages to numbers of your country.", to=BACK),
    landline=Say("I'm sorry, the number you're calling from can't get text messages.", to=BACK),
    stopped=Say(
        "Somebody has replied STOP to our text messages on your number. "
        "To get them again, reply START, and then ask me once more.",
        to=BACK,
    ),
    enough=Say("Your number has had as many text messages from us as we send in a day.", to=BACK),
)
