"""Wherever a transfer ends, the caller ends up with somebody, in line, or at a menu that leads on: the whole table."""

import re
from itertools import product

import pytest
from carrier import BASE, SID

from ivr.db.offers import Offers
from ivr.service_errors import ServiceError

AGENT, TALKER, EARLIER = ("CA" + letter * 32 for letter in "abc")
OUTCOMES = ("taken", "mailbox", "busy", "no-answer", "failed", "canceled")
DEPARTMENT = (
    "free",
    "somebody waits",
    "at capacity",
    "closed",
    "closed meanwhile",
    "out of reach",
    "out of reach meanwhile",
)
TALKED, LINE, MENU = "has talked", "in line", "menu"
EXPECTED = {
    **dict.fromkeys(product(OUTCOMES, DEPARTMENT), LINE),
    **{(outcome, "free"): MENU for outcome in ("failed", "canceled")},  # who cannot be rung now, cannot be waited for
    **{("taken", department): TALKED for department in DEPARTMENT},
    **{(outcome, "closed"): MENU for outcome in OUTCOMES},
    **{(outcome, "closed meanwhile"): MENU for outcome in OUTCOMES if outcome != "taken"},
    **{(outcome, "out of reach"): MENU for outcome in OUTCOMES if outcome not in {"taken", "mailbox"}},
    **{(outcome, "out of reach meanwhile"): MENU for outcome in OUTCOMES},  # nobody knows whether they have talked
    ("mailbox", "out of reach"): TALKED,  # nobody can be asked first, so the mailbox has the caller
}
ROOM = "enter wait hold leave left_by was_taken book promised rejoin cancel offered take reach drop finish".split()


@pytest.fixture
def act(carrier):
    """Go on where an answer says, with what the carrier found; returns the next answer."""

    def acted(answer, attribute="action", sid=SID, **form):
        address = re.search(rf'{attribute}="([^"]+)"', answer)
        assert address, answer
        return carrier.post(address[1].replace("&amp;", "&").removeprefix(BASE), sid, **form).text

    return acted


@pytest.fixture
def becomes(demo, carrier, monkeypatch):
    """Bring the department into a state, with webhooks of other callers, or in its file."""

    def edited(old, new):
        before, head, after = demo.settings.departments_file.read_text().partition("[support]")
        demo.settings.departments_file.write_text(before + head + after.replace(old, new, 1))

    def another(sid):
        carrier.post("/voice", sid, From="+14155550111")
        return carrier.post("/voice/main/menu?turn=1", sid, From="+14155550111", Digits="0").text

    def become(state):
        if state == "closed":
            edited('"always"', '["Sun 09:00-17:00"]')
        elif state == "out of reach":
            for name in ROOM:
                monkeypatch.setattr(demo.waiting, name, _away, raising=True)
        elif state in {"somebody waits", "at capacity"}:
            edited('hours = "always"', 'hours = "always"\ncapacity = 1')
            talker = another(TALKER)
            offer = re.search(r"offer=(\w+)", talker)[1]
            assert demo.waiting.take(offer, "+18002636317")
            if state == "somebody waits":
                assert "<Enqueue" in another(EARLIER)
                demo.waiting.hold(EARLIER)

    return become


def _away(*_):
    raise ServiceError("the database does not answer")


@pytest.fixture
def land(carrier, act, becomes, demo):  # noqa: C901 one function for each way to be rung
    """Ask for support; return the answer with which it ends, and whether the caller has talked to somebody."""

    def rings(answer, outcome):
        """People whom the caller's own call rings; with `mailbox`, something answers and presses no key."""
        talked = False
        while "<Dial" in answer:
            if outcome == "taken" and "url=" in answer:
                asked = act(answer, "url", AGENT, To="+18002636317")
                talked = "<Gather" in asked and "<Hangup" not in act(asked, sid=AGENT, Digits="1")
            elif outcome in {"taken", "mailbox"}:
                talked = True
            status = "completed" if outcome in {"taken", "mailbox"} else outcome
            answer = act(answer, DialCallStatus=status)
        return answer, talked

    def in_line(answer, outcome):
        """Callers before this one go, and a dispatcher rings somebody: as `outcome` says."""
        assert "<Gather" in act(answer, "waitUrl")
        for sid in (TALKER, EARLIER):
            carrier.post("/voice/status", sid, CallStatus="completed", CallDuration="9")
        offer = Offers(demo.waiting.lines).next()
        talked = False
        if outcome in {"taken", "mailbox"}:
            asked = carrier.post(f"/voice/leg/agent?offer={offer.id}", AGENT, To=offer.number).text
            keys = "1" if outcome == "taken" else ""
            talked = f"<Queue>{SID}</Queue>" in act(asked, sid=AGENT, Digits=keys)
        if not talked:
            status = "completed" if outcome == "mailbox" else outcome
            carrier.post(f"/voice/status?offer={offer.id}", AGENT, CallStatus=status)
            return answer, False
        return act(answer, QueueResult="bridged"), True

    def landed(outcome, department):
        meanwhile = department.endswith(" meanwhile")
        if not meanwhile:
            becomes(department)
        carrier.post("/voice")
        answer = carrier.post("/voice/main/menu?turn=1", Digits="0").text
        if "<Enqueue" in answer:
            return in_line(answer, outcome)
        if meanwhile:
            if outcome == "taken":  # before that happens
                act(act(answer, "url", AGENT, To="+18002636317"), sid=AGENT, Digits="1")
                becomes(department.removesuffix(" meanwhile"))
                return act(answer, DialCallStatus="completed"), True
            becomes(department.removesuffix(" meanwhile"))
        return rings(answer, outcome)

    return landed


def kind_of(answer, act, *, talked):
    """Say what an answer is to its caller; blank where it is of no use."""
    if "<Enqueue" in answer:
        held = act(answer, "waitUrl")
        if "<Leave" not in held:
            return LINE if "<Say" in held and "<Gather" in held else ""
        answer = act(answer, QueueResult="leave")
    if "<Gather" in answer:
        leads_on = "leave a message" in answer and "called back" in answer
        return MENU if leads_on else ""
    return TALKED if talked and "Thank you" in answer else ""


@pytest.mark.parametrize("department", DEPARTMENT)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_in_every_state_leads_somewhere(land, act, outcome, department):
    """See EXPECTED. Who is closed is not rung, so there is nothing to take, whatever would have come of it."""
    answer, talked = land(outcome, department)
    assert kind_of(answer, act, talked=talked) == EXPECTED[outcome, department], answer
