"""Where a caller goes when a flow needs proof, and then back again.

An unknown account, a wrong PIN and a locked account take the same steps and hear the same words.
"""

from ivr.actions.proof import Claim, PinTries, Recognised, check_pin, claim_account, recognise, tries_left
from ivr.call import Proof
from ivr.flow import SECRET_TIMEOUT_S, Ask, Do, Flow, Menu, Option, Resume, Say
from ivr.pins import PinResult

flow = Flow(
    "Check who is calling",
    start=Do(tries_left, on={PinTries.LEFT: "recognise", PinTries.SPENT: "spent"}),
    recognise=Do(recognise, on={Recognised.ONE: "offer", Recognised.NONE: "account"}),
    offer=Menu(
        "This may be about the account ending in {ending:digits}.",
        Option("1", "to use that account", to="pin"),
        Option("2", "to use another account", to="account"),
        place=False,
        secret=True,
    ),
    account=Ask(
        text="Please enter your 8 digit account number. For help, press star and then pound.",
        digits=8,
        secret=True,
        timeout_s=SECRET_TIMEOUT_S,
        check=claim_account,
        on={Claim.TAKEN: "pin"},
        help="Your account number has 8 digits. If you don't have it at hand, a person can help you.",
    ),
    pin=Ask(
        text="Now enter your 6 digit PIN.",
        digits=6,
        secret=True,
        timeout_s=SECRET_TIMEOUT_S,
        check=check_pin,
        on={PinResult.CORRECT: "verified", PinResult.WRONG: "wrong", PinResult.SPENT: "spent"},
        help="Your PIN has 6 digits. If you don't have it at hand, a person can help you.",
    ),
    # Whoever ends a PIN with the pound key, which it does not need, is to hear this all the same.
    wrong=Say("That doesn't match.", to="try_again", barge_in=False),
    try_again=Say("Let's try again.", to="recognise"),
    spent=Say(
        "For your security, I can't check a PIN right now. I'll get a person to help you.",
        to="support",
        barge_in=False,
    ),
    verified=Resume(grants=Proof.PIN),
)
