"""Dial Conference. Source: https://www.twilio.com/docs/voice/twiml/conference."""

import pytest
from twiml_app import Reply, codes, events, wav

from ivr.simulator.acts import Keys, Silence
from ivr.simulator.plans import Conference

MUSIC = Reply(wav(8), content_type="audio/wav")


def page(attributes="", dial=""):
    return {
        "/voice": f"<Dial action='/d' {dial}><Conference {attributes}>room</Conference></Dial>",
        "/d": "<Say>D</Say>",
        "/w": "<Play>/music</Play>",
        "/music": MUSIC,
        "/p": Reply(status=204, content_type=None),
    }


def test_a_conference_ends_with_the_others(line):
    """The action is told answered, without a child's CallSid or duration."""
    phone = line(page())
    call = phone.dials(conferences={"room": Conference(talks_s=90)})
    form = phone.app.last("/d").form
    assert (form["DialCallStatus"], "DialCallSid" in form, call.heard) == ("answered", False, ["D"])
    assert events(call, "conference")[0]["seconds"] == 90


def test_the_waiting_music_is_asked_for_once(line):
    """Unlike a queue's it does not come again; it stops as soon as the conference starts."""
    phone = line(page("waitUrl='/w'"))
    call = phone.dials(conferences={"*": Conference(starts_after_s=30, talks_s=10)})
    assert phone.app.paths() == ["/voice", "/w", "/music", "/d"]
    assert events(call, "conference")[0]["seconds"] == 40
    assert phone.app.last("/w").form["FriendlyName"] == "room"


def test_a_conference_that_never_starts_is_left_by_the_caller(line):
    """Nobody comes, so the caller is asked whether they wait on."""
    call = line(page("waitUrl=''")).dials(conferences={"room": Conference(starts_after_s=None)})
    assert call.listening.kind == "conference"
    assert call.hang_up().ended.by == "caller"


def test_its_progress_is_told_in_order(line):
    """Join, start, leave, end; numbered."""
    phone = line(page("statusCallback='/p' statusCallbackEvent='start end join leave' endConferenceOnExit='true'"))
    phone.dials(conferences={"room": Conference(starts_after_s=5)})
    forms = [s.form for s in phone.app.seen if s.path == "/p"]
    assert [f["StatusCallbackEvent"] for f in forms] == [
        "participant-join", "conference-start", "participant-leave", "conference-end"
    ]  # fmt: skip
    assert [f["SequenceNumber"] for f in forms] == ["1", "2", "3", "4"]
    assert len({f["ConferenceSid"] for f in forms}) == 1


def test_star_leaves_a_conference(line):
    """As it leaves any Dial that asks for it."""

    class Star:
        def act(self, listening):
            return Keys("*", after_s=3) if listening.kind == "talking" else Silence()

    call = line(page(dial="hangupOnStar='true'")).dials(caller=Star())
    assert events(call, "conference")[0]["seconds"] == 3


def test_a_full_conference_cannot_be_joined(line):
    """The action is told failed."""
    phone = line(page("maxParticipants='2'"))
    call = phone.dials(conferences={"room": Conference(participants=2)})
    assert (phone.app.last("/d").form["DialCallStatus"], codes(call)) == ("failed", [0])


@pytest.mark.parametrize("verb", ["Gather", "Dial"])
def test_waiting_music_has_few_verbs(line, verb):
    """Another one is 13238, and the wait goes on in silence."""
    call = line(page("waitUrl='/w'") | {"/w": f"<{verb}/>"}).dials(conferences={"room": Conference(starts_after_s=9)})
    assert (codes(call, "error"), call.heard) == ([13238], ["D"])
