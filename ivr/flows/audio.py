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
        "{company} includes unlimited audio at no extra cost, by phone or over the internet. "
        "Over the internet it's free for everyone: choose Mic and Speakers. If you'll be speaking, use a USB headset. "
        "People who dial a toll number pay their usual long-distance rate. "
        "With Integrated Toll-Free they call for free, and you're charged by the plan you choose.",
        Option("2", "for more about toll-free", to="toll_free"),
        written="Audio is unlimited at no extra cost. Over the internet it's free for everyone: choose Mic and "
        "Speakers (a USB headset is best for speakers). Calls to a toll number cost the usual long-distance rate. "
        "With Integrated Toll-Free they are free, and you pay by your plan.",
    ),
    toll_free=answer(
        "With Integrated Toll-Free, people call in to your meetings without paying for the call. "
        "You're charged by the plan you choose. "
        "Our sales team signs you up, for international service too, with numbers for over 50 countries.",
        Option("2", "to sign up with sales", to="sales"),
        written="With Integrated Toll-Free, people call in to your meetings for free, and you pay by the plan you "
        "choose. To sign up, also for numbers in over 50 countries, call sales: {sales_number}.",
    ),
)
