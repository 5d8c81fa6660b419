"""Audio conferencing: what it costs, and toll-free numbers."""

from ivr.flow import Flow, Menu, Option, answer

flow = Flow(
    "Audio and toll-free numbers",
    menu=Menu(
        "",
        Option("1", "to hear what audio costs", to="cost"),
        Option("2", "to sign up for toll-free numbers", to="toll_free"),
    ),
    cost=answer(
        "Audio over the internet, and dialing in to a toll number, come with {company} at no extra cost. "
        "Talking over the internet is free for everyone: choose Mic and Speakers, ideally with a USB headset. "
        "People who dial a toll number pay their phone company's usual long-distance rate. "
        "With Integrated Toll-Free, their calls are free, and you pay by the plan you choose.",
        Option("2", "for more about toll-free", to="toll_free"),
    ),
    toll_free=answer(
        "With Integrated Toll-Free, people call in to your meetings without paying for the call. "
        "You pay by the plan you choose. "
        "Our sales team can also sign you up for the international service, with numbers for over 50 countries.",
        Option("2", "to sign up with sales", to="sales"),
    ),
)
