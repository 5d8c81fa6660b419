"""The main menu: what callers want, most wanted first within a group."""

from ivr.flow import Flow, Menu, Option, answer

flow = Flow(
    "Main menu",
    menu=Menu(
        "",
        Option("1", "to try or buy {company}", to="buying"),
        Option("2", "for audio and toll-free numbers", to="audio"),
        Option("3", "for your free trial", to="trial"),
        Option("4", "for your paid plan, billing or refunds", to="plan"),
        Option("5", "to change your password", to="password"),
        announce=("0",),
    ),
    password=answer(
        "On a Mac or PC, log in on the full {company} website, and open the My Account page. "
        "In the Login Info area, click Edit. "
        "Type your new password twice, then your current password, where the page asks for it. "
        "Click Save Changes at the bottom of the page, and you're done.",
        written="To change your password, log in on a Mac or PC at {website}. On the My Account page, in the Login "
        "Info area, click Edit. Type the new password twice, then the current one. Click Save Changes.",
    ),
)
