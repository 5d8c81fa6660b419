"""Cancel a free trial; runs only for a caller who has proved whose account it is."""

from ivr.actions import Done
from ivr.actions.changes import Changed, Trial, cancel_trial, review_trial
from ivr.actions.proof import forget_account
from ivr.call import Disposition, Proof
from ivr.flow import Do, Flow, Option, Say, answer, confirm

flow = Flow(
    "Cancel a free trial",
    needs=Proof.PIN,
    review=Do(
        review_trial,
        on={
            Trial.RUNNING: "confirm",
            Trial.CANCELLED: "already",
            Trial.CANCELLED_ELSEWHERE: "elsewhere",
            Trial.OVER: "over",
            Trial.NONE: "no_trial",
        },
    ),
    confirm=confirm(
        "Your free trial runs through {ends_on:date}. If you cancel, you can use it until then. "
        "After that your account expires, and nothing is charged.",
        keep=Option("1", "to change nothing", to="kept"),
        do=Option("2", "to cancel the trial", to="cancel"),
        unchanged="unchanged",
    ),
    cancel=Do(cancel_trial, on={Changed.DONE: "cancelled", Changed.REFUSED: "review"}),
    cancelled=answer(
        "Done. Your trial ends on {ends_on:date}, and nothing will be charged. "
        "Your confirmation code is {code:digits}. Once more: {code:digits}.",
        Option("2", "to take the cancellation back", to="undo"),
        marks=Disposition.RESOLVED,
    ),
    kept=answer(
        "All right, nothing has changed. Your trial runs through {ends_on:date}. "
        "After that you may be charged for the monthly plan.",
        written="To cancel your trial online before it ends, log in at {website}. On the My Account page, click Cancel "
        "After Trial, and on the next page once more. Your account expires when the trial ends.",
        offer="to get the steps for cancelling online as a text message",
    ),
    unchanged=Say("Nothing has been changed on your account. Let me get someone to help you.", to="support"),
    already=answer(
        "Your trial is already cancelled. It ends on {ends_on:date}, and nothing will be charged. "
        "Your confirmation code is {code:digits}.",
        Option("2", "to take the cancellation back", to="undo"),
    ),
    elsewhere=answer(
        "Your trial is already cancelled. It ends on {ends_on:date}, and nothing will be charged. "
        "To go on with it after all, log in and go to Subscribe after Trial on the My Account page, or ask a person.",
    ),
    over=answer(
        "Your free trial ended on {ends_on:date}, so there is nothing left to cancel. "
        "If you see a charge that you didn't expect, our support team will look into it.",
        Option("2", "to speak to support about a charge", to="support"),
    ),
    no_trial=answer(
        "That account isn't on a free trial, but on a paid plan.",
        Option("2", "to cancel the paid plan", to="turn_off_renewal"),
        Option("3", "to use another account", to="other_account"),
    ),
    other_account=Do(forget_account, on={Done.DONE: "review"}),
)
