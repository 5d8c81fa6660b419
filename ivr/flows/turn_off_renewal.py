"""Cancel a paid plan by turning off its renewal; runs only for a caller who has proved whose account it is."""

from ivr.actions import Done
from ivr.actions.changes import Changed, Renewal, review_renewal, turn_off_renewal
from ivr.actions.proof import forget_account
from ivr.call import Disposition, Proof
from ivr.flow import Do, Flow, Option, Say, answer, confirm

flow = Flow(
    "Turn off renewal of a paid plan",
    needs=Proof.PIN,
    review=Do(
        review_renewal,
        on={
            Renewal.ON: "confirm",
            Renewal.OFF: "already",
            Renewal.OFF_ELSEWHERE: "elsewhere",
            Renewal.LAPSED: "lapsed",
            Renewal.NONE: "no_plan",
        },
    ),
    confirm=confirm(
        "Your {plan:plan} plan is paid through {ends_on:date}. If you turn off renewal, you can use it until then. "
        "After that it ends, and it won't renew.",
        keep=Option("1", "to change nothing", to="kept"),
        do=Option("2", "to turn off renewal", to="turn_off"),
        unchanged="unchanged",
    ),
    turn_off=Do(turn_off_renewal, on={Changed.DONE: "turned_off", Changed.REFUSED: "review"}),
    turned_off=answer(
        "Done. Renewal is off. Your plan goes on until {ends_on:date}, and then it ends. "
        "Your confirmation code is {code:digits}. Once more: {code:digits}.",
        Option("2", "to turn renewal back on", to="undo"),
        marks=Disposition.RESOLVED,
    ),
    kept=answer(
        "All right, nothing has changed. Your plan goes on and renews as before.",
        written="To cancel your plan online, log in at {website}. On the My Account page, click Turn Off Renewal, and "
        "on the next page once more. Service goes on to the end of the time you have paid for.",
        offer="to get the steps for cancelling online as a text message",
    ),
    unchanged=Say("Nothing has been changed on your account. Let me get someone to help you.", to="support"),
    already=answer(
        "Renewal is already off. Your plan goes on until {ends_on:date}, and then it ends. "
        "Your confirmation code is {code:digits}.",
        Option("2", "to turn renewal back on", to="undo"),
    ),
    elsewhere=answer(
        "Renewal is already off. Your plan goes on until {ends_on:date}, and then it ends. "
        "To turn it on again, log in and open the My Account page, or ask a person.",
    ),
    lapsed=answer(
        "Your plan ended on {ends_on:date}, so there is nothing left to cancel. "
        "If you see a charge that you didn't expect, our support team will look into it.",
        Option("2", "to speak to support about a charge", to="support"),
    ),
    no_plan=answer(
        "That account is on a free trial, not on a paid plan.",
        Option("2", "to cancel the free trial", to="cancel_trial"),
        Option("3", "to use another account", to="other_account"),
    ),
    other_account=Do(forget_account, on={Done.DONE: "review"}),
)
