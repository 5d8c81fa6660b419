"""Trying and buying: for oneself, for a team, and how to pay."""

from ivr.actions.buying import Team, team_size
from ivr.flow import Ask, Flow, Menu, Option, Say, answer

flow = Flow(
    "Try or buy",
    menu=Menu(
        "",
        Option("1", "to get it just for yourself", to="myself"),
        Option("2", "to get it for several people", to="organizers"),
        Option("3", "for payment types and purchase orders", to="payment"),
    ),
    myself=answer(
        "You can start a free trial right now, or buy a monthly or an annual subscription. "
        "Just go to the {company} website, from a Mac or a PC.",
        written="Start a free trial, or buy a monthly or annual subscription, from a Mac or a PC at {website}.",
    ),
    organizers=Ask(
        text="How many people will organize meetings? Enter the number, then press pound.",
        digits=(1, 5),
        check=team_size,
        on={Team.SMALL: "small_team", Team.LARGE: "large_team", Team.NONE: "no_team"},
        help="An organizer is somebody who starts meetings. People who only join them don't count. "
        "For example, for three organizers, press 3 and then pound.",
    ),
    no_team=Say("I need a number of one or more.", to="organizers"),
    small_team=answer(
        "For up to five organizers, go to the full {company} website. "
        "You can try it free, or buy it right away with a credit card.",
        written="For up to 5 organizers, try it free or buy it with a credit card on the full site, {website}. "
        "For 6 or more accounts in one place, call sales: {sales_number}.",
    ),
    large_team=Say(
        "For six or more organizers, our sales team sets you up with accounts that you administer in one place.",
        to="sales",
    ),
    payment=answer(
        "For up to five organizers, you buy online, with Visa, MasterCard, Discover or American Express. "
        "For six or more, our sales team takes several types of payment, and purchase orders too.",
        Option("2", "to speak to sales", to="sales"),
        written="Up to 5 organizers: buy at {website} with Visa, MasterCard, Discover or American Express. 6 or more: "
        "several types of payment, also purchase orders, through sales: {sales_number}.",
    ),
)
