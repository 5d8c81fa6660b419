"""The paid plan: turn off its renewal, take that back, and questions about money."""

from ivr.flow import Flow, Menu, Option, Say

flow = Flow(
    "Paid plan, billing and refunds",
    menu=Menu(
        "",
        Option("1", "to cancel your paid plan", to="cancel"),
        Option("2", "for billing questions and refunds", to="support"),
        Option("3", "to take back a cancellation", to="undo"),
    ),
    cancel=Say(
        "You can do this online, too: log in on the {company} website, and on the My Account page, "
        "click Turn Off Renewal. On the next page, click it once more. Or let's do it now.",
        to="turn_off_renewal",
    ),
)
