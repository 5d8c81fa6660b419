"""The free trial: cancel it, go on after it, or take a cancellation back."""

from ivr.flow import Flow, Menu, Option, Say, answer

flow = Flow(
    "Free trial",
    menu=Menu(
        "",
        Option("1", "to cancel your free trial", to="cancel"),
        Option("2", "to keep your service after the trial", to="subscribe"),
        Option("3", "to take back a cancellation", to="undo"),
    ),
    cancel=Say(
        "You can do this online, too: log in on the {company} website, and on the My Account page, "
        "click Cancel After Trial. On the next page, click it once more. Or let's do it now.",
        to="cancel_trial",
    ),
    subscribe=answer(
        "Log in on the {company} website. On the My Account page, go to Subscribe after Trial. "
        "Click the plan you want, and fill in your billing details. "
        "Your first charge comes at the end of the trial, and your service just goes on.",
        written="To go on after your trial, log in at {website}. On the My Account page, go to Subscribe after Trial. "
        "Click a plan and fill in your billing details. The first charge comes when the trial ends.",
    ),
)
