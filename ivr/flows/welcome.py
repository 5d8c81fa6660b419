"""What every caller hears first, once."""

from ivr.flow import Flow, Say

flow = Flow(
    "Welcome",
    greeting=Say("Thanks for calling {company} support.", to="main"),
)
