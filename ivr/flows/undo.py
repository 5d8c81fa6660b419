"""Take back a cancellation made by telephone, as long as it has not taken effect."""

from ivr.actions.changes import Changed, Undo, keep_trial, review_undo, turn_on_renewal
from ivr.call import Disposition, Proof
from ivr.flow import Do, Flow, Option, Say, answer, confirm

flow = Flow(
    "Take back a cancellation",
    needs=Proof.PIN,
    review=Do(
        review_undo,
        on={Undo.TRIAL: "confirm_trial", Undo.RENEWAL: "confirm_renewal", Undo.NOTHING: "nothing"},
    ),
    confirm_trial=confirm(
        "Your free trial is set to end on {ends_on:date}. If you take the cancellation back, "
        "your account goes on after that day, and you may be charged for the monthly plan.",
        keep=Option("1", "to change nothing", to="kept"),
        do=Option("2", "to take the cancellation back", to="keep_trial"),
        unchanged="unchanged",
    ),
    keep_trial=Do(keep_trial, on={Changed.DONE: "trial_back", Changed.REFUSED: "review"}),
    trial_back=answer(
        "Done. Your trial is no longer cancelled. It runs through {ends_on:date}, "
        "and after that you may be charged for the monthly plan. "
        "Your confirmation code is {code:digits}. Once more: {code:digits}.",
        marks=Disposition.RESOLVED,
    ),
    confirm_renewal=confirm(
        "Your {plan:plan} plan is set to end on {ends_on:date}. If you turn renewal back on, "
        "it renews then, and you'll be charged for the next period.",
        keep=Option("1", "to change nothing", to="kept"),
        do=Option("2", "to turn renewal back on", to="turn_on"),
        unchanged="unchanged",
    ),
    turn_on=Do(turn_on_renewal, on={Changed.DONE: "renewal_back", Changed.REFUSED: "review"}),
    renewal_back=answer(
        "Done. Renewal is on again, and your plan renews after {ends_on:date}. "
        "Your confirmation code is {code:digits}. Once more: {code:digits}.",
        marks=Disposition.RESOLVED,
    ),
    kept=answer("All right, nothing has changed. The cancellation stands."),
    unchanged=Say("Nothing has been changed on your account. Let me get someone to help you.", to="support"),
    nothing=answer(
        "I found no cancellation by phone that can still be taken back. "
        "If you cancelled online, you can see it on the My Account page. For anything else, a person can help.",
    ),
)
