"""Calls that an application places. Source: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource."""

import threading
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from over_rest import rest
from twiml_app import ACCOUNT, Line, codes

from ivr.simulator.plans import Person, Queue
from ivr.simulator.refused import RefusedError
from ivr.simulator.rest import RestServer

OURS, AGENT, CALLER = "+18005550100", "+15550001", "+14155550123"
BASE = "http://localhost"
OFFER = {
    "/agent": "<Gather numDigits='1' action='/take'><Say>Press 1 to take the call</Say></Gather><Hangup/>",
    "/take": "<Dial action='/done'><Queue url='/told'>q</Queue></Dial>",
    "/told": "<Say>Here is somebody</Say>",
    "/done": "<Say>Thank you</Say>",
    "/voice": "<Enqueue action='/left' waitUrl='/music'>q</Enqueue>",
    "/music": "<Pause length='10'/>",
    "/left": "<Say>Good bye</Say>",
    "/s": "",
}
WAITING = {"queues": {"*": Queue()}}
ALL = ("initiated", "ringing", "answered", "completed")


def told(phone, path="/s"):
    return [seen.form for seen in phone.app.seen if seen.path == path]


def test_a_placed_call_runs_its_document_once_it_is_answered(line):
    """The webhook comes after the answer: in-progress, Direction outbound-api, without what only callers have."""
    phone = line(OFFER)
    call = phone.phone.place(AGENT, OURS, "/agent")
    form = phone.app.last("/agent").form
    assert (form["CallStatus"], form["Direction"], form["From"], form["To"], form["CallSid"]) == (
        "in-progress", "outbound-api", OURS, AGENT, call.call_sid
    )  # fmt: skip
    assert not {"CallToken", "StirVerstat", "ParentCallSid"} & set(form)
    assert phone.app.last("/take").form["Digits"] == "1"


@pytest.mark.parametrize(
    ("word", "status", "seconds", "ring"),
    [
        ("busy", "busy", "0", 1),
        ("no-answer", "no-answer", "0", 25),
        ("failed", "failed", "0", 1),
        ("canceled", "canceled", "0", 4),
        ("declines", "completed", "2", 4),
    ],
)
def test_how_it_ends_is_told_at_the_end(line, word, status, seconds, ring):
    """`completed` covers each final status; five seconds are added to the timeout; nobody's document is asked for."""
    phone = line(OFFER, people={AGENT: word})
    call = phone.phone.place(AGENT, OURS, "/agent", status_callback="/s", timeout_s=20)
    assert [(f["CallStatus"], f["CallDuration"], f["SequenceNumber"]) for f in told(phone)] == [(status, seconds, "0")]
    assert (call.ended.status, call.ended.by) == (status, "callee")
    assert call.time_s == ring + int(seconds)
    assert ("/agent" in phone.app.paths()) == (word == "declines")


def test_each_step_is_told_if_that_is_wanted(line):
    """Four events at most, counted from 0; CallDuration comes with the last."""
    phone = line(OFFER | {"/agent": "<Pause length='9'/>"}, people={AGENT: Person(rings_s=3)})
    phone.phone.place(AGENT, OURS, "/agent", status_callback="/s", events=ALL)
    forms = told(phone)
    assert [(f["CallStatus"], f["SequenceNumber"]) for f in forms] == [
        ("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")
    ]  # fmt: skip
    assert {(f["Direction"], f["CallbackSource"]) for f in forms} == {("outbound-api", "call-progress-events")}
    assert ["CallDuration" in f for f in forms] == [False, False, False, True]
    assert (forms[3]["CallDuration"], forms[3]["Duration"]) == ("9", "1")


def test_a_time_limit_ends_the_call(line):
    """It counts from the answer."""
    phone = line(OFFER | {"/agent": "<Pause length='99'/>"}, people={AGENT: Person(rings_s=3)})
    call = phone.phone.place(AGENT, OURS, "/agent", time_limit_s=7)
    assert (call.time_s, call.ended.duration_s, call.ended.by) == (10, 7, "application")


def test_an_agent_takes_who_waits_in_the_queue(line):
    """The member hears what the Queue has for them; both talk until the agent hangs up; each side's webhooks follow."""
    phone = line(OFFER, people={AGENT: Person(rings_s=4, talks_s=60, script="1")}, **WAITING)
    caller = phone.dials().wait()
    agent = phone.phone.place(AGENT, OURS, "/agent", status_callback="/s")
    assert phone.app.last("/told").form["DequeingCallSid"] == agent.call_sid
    assert (caller.all_heard, caller.ended.status) == (["Here is somebody", "Good bye"], "completed")
    assert phone.app.last("/left").form["QueueResult"] == "bridged"
    assert (agent.ended.status, agent.ended.by, "/done" in phone.app.paths()) == ("completed", "callee", False)


def test_the_times_of_two_calls_meet_when_one_takes_the_other(line):
    """A call begins when the phone's latest has come that far; who is taken out of a queue is taken at that time."""
    phone = line(OFFER, people={AGENT: Person(rings_s=4, talks_s=60, script="1")}, **WAITING)
    caller = phone.dials().wait()
    assert caller.time_s == 20
    agent = phone.phone.place(AGENT, OURS, "/agent")
    taken = 20 + 4 + 2.25 + 0.5  # it rings, the offer is heard, the key is pressed
    assert int(phone.app.last("/left").form["QueueTime"]) == int(taken)
    assert caller.time_s == pytest.approx(taken + 1.125 + 60 + 0.75)
    assert agent.time_s == pytest.approx(taken - 20 + 1.125 + 60)


def test_an_agent_whose_caller_has_gone_waits_and_is_told(line):
    """Nobody is in the queue: the Dial rings on, the next caller is put through at once, or it ends with no-answer."""
    phone = line(OFFER, people={AGENT: "completed"}, **WAITING)
    phone.dials().hang_up()
    agent = phone.phone.place(AGENT, OURS, "/agent")
    assert agent.listening.kind == "queue"
    caller = phone.dials()
    assert (caller.heard[-2:], agent.ended.status) == (["Here is somebody", "Good bye"], "completed")
    late = phone.phone.place(AGENT, OURS, "/agent").wait()
    assert phone.app.last("/done").form["DialCallStatus"] == "no-answer"
    assert late.ended.status == "completed"


def test_a_caller_who_hangs_up_leaves_the_agent(line):
    """The agent's Dial is over, and its action is asked for."""
    phone = line(OFFER, people={AGENT: Person(rings_s=4, talks_s=60, script="1")}, **WAITING)
    caller = phone.dials(stops=lambda call: call.listening.kind == "talking")
    agent = phone.phone.place(AGENT, OURS, "/agent")
    assert (caller.listening.kind, agent.listening.kind) == ("talking", "talking")
    caller.hang_up()
    form = phone.app.last("/done").form
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallSid"]) == ("completed", "true", caller.call_sid)
    assert (agent.heard[-1], agent.ended.by) == ("Thank you", "application")


def test_a_person_in_a_placed_call_is_busy(line):
    """One telephone takes one call."""
    phone = line(OFFER, people={"*": "completed"}, **WAITING)
    first = phone.phone.place(AGENT, OURS, "/agent")
    assert phone.phone.place(AGENT, OURS, "/agent").ended.status == "busy"
    assert phone.phone.place("+15550002", OURS, "/agent").ended is None
    first.update(status="completed")
    assert phone.phone.place(AGENT, OURS, "/agent").ended is None


@pytest.mark.parametrize("key", ["1", "2"])
def test_somebody_who_is_called_back_decides(line, key):
    """A number that is held rings until it is picked up; its document runs there, and so do its keys."""
    pages = OFFER | {
        "/take": f"<Dial action='/done'><Number url='/back'>{CALLER}</Number></Dial>",
        "/back": "<Gather numDigits='1' action='/key'><Say>You asked us to call you</Say></Gather>",
        "/key": "" if key == "1" else "<Say>Sorry</Say><Hangup/>",
    }
    phone = line(pages, people={AGENT: "completed"})
    held = phone.phone.hold(CALLER)
    agent = phone.phone.place(AGENT, OURS, "/agent")
    assert (agent.listening.kind, [call.listening.kind for call in held.calls]) == ("ringing", ["rung"])
    caller = held.calls[0].pick_up()
    assert (caller.heard, caller.listening.kind) == (["You asked us to call you"], "gather")
    form = phone.app.last("/back").form
    assert (form["Direction"], form["ParentCallSid"], form["To"]) == ("outbound-dial", agent.call_sid, CALLER)
    caller.press(key)
    assert caller.ended.status == agent.ended.status == "completed"
    if key == "1":
        assert (agent.ended.by, agent.dialled, "/done" in phone.app.paths()) == (
            "callee",
            [(CALLER, "completed")],
            False,
        )
    else:
        assert caller.heard == ["Sorry"]
        assert phone.app.last("/done").form["DialBridged"] == "false"


@pytest.mark.parametrize(("act", "status"), [("hang_up", "busy"), ("wait", "no-answer")])
def test_somebody_who_is_called_back_may_not_come(line, act, status):
    """Putting the receiver down without an answer declines, which is busy; ringing has an end."""
    pages = OFFER | {"/take": f"<Dial action='/done' timeout='20'>{CALLER}</Dial>"}
    phone = line(pages, people={AGENT: "completed"})
    held = phone.phone.hold(CALLER)
    agent = phone.phone.place(AGENT, OURS, "/agent")
    getattr(held.calls[0], act)()
    assert phone.app.last("/done").form["DialCallStatus"] == status
    assert (held.calls[0].ended.status, agent.ended.status) == (status, "completed")


def test_a_held_number_can_be_called_directly(line):
    """Its document runs once it has been picked up; while it rings, the carrier's status is ringing."""
    phone = line(OFFER)
    held = phone.phone.hold(CALLER)
    call = phone.phone.place(CALLER, OURS, "/agent", status_callback="/s", events=ALL)
    assert held.calls == [call]
    assert (call.status, call.pick_up().heard, call.status) == ("ringing", ["Press 1 to take the call"], "in-progress")
    call.hang_up()
    assert [form["CallStatus"] for form in told(phone)] == ["initiated", "ringing", "in-progress", "completed"]


def test_a_held_telephone_in_a_call_is_busy(line):
    """Also in one that it has made itself."""
    phone = line(OFFER, **WAITING)
    phone.phone.hold(CALLER)
    caller = phone.dials(from_=CALLER)
    assert phone.phone.place(CALLER, OURS, "/agent").ended.status == "busy"
    caller.hang_up()
    assert phone.phone.place(CALLER, OURS, "/agent").listening.kind == "rung"


# ---- over REST


WANTED = {"To": AGENT, "From": OURS, "Url": f"{BASE}/agent"}


def test_an_application_places_a_call_over_rest(line):
    """It is answered 201, queued, before anybody is rung; then the call goes on by itself."""
    phone = line(OFFER, people={AGENT: "declines"})
    more = {"StatusCallback": f"{BASE}/s", "StatusCallbackEvent": ALL, "Method": "GET", "Timeout": "20"}
    with RestServer(phone.phone) as server:
        status, resource = rest(server, "/Calls.json", WANTED | more)
        assert (status, resource["status"], resource["direction"]) == (201, "queued", "outbound-api")
        assert (resource["to"], resource["from"], resource["duration"]) == (AGENT, OURS, None)
        phone.phone.settle()
        assert phone.app.last("/agent").method == "GET"
        assert rest(server, f"/Calls/{resource['sid']}.json")[1]["status"] == "completed"
    assert [form["CallStatus"] for form in told(phone)] == ["initiated", "ringing", "in-progress", "completed"]


def test_a_document_can_come_with_the_order(line):
    """Twiml in place of Url; addresses in it are whole."""
    phone = line(OFFER)
    twiml = f"<Response><Say>Hi</Say><Redirect>{BASE}/done</Redirect></Response>"
    with RestServer(phone.phone) as server:
        sid = rest(server, "/Calls.json", {"To": AGENT, "From": OURS, "Twiml": twiml})[1]["sid"]
        phone.phone.settle()
    assert phone.phone.calls[sid].all_heard == ["Hi", "Thank you"]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_fallback_of_an_order_is_asked_where_its_document_fails(line, method):
    """FallbackUrl and FallbackMethod, with ErrorCode and ErrorUrl."""
    phone = line(OFFER | {"/sorry": "<Say>Sorry</Say>"})
    with RestServer(phone.phone) as server:
        wanted = WANTED | {"Url": f"{BASE}/nowhere", "FallbackUrl": f"{BASE}/sorry", "FallbackMethod": method}
        sid = rest(server, "/Calls.json", wanted)[1]["sid"]
        phone.phone.settle()
    asked = phone.app.last("/sorry")
    assert (asked.method, asked.params["ErrorCode"], asked.params["ErrorUrl"]) == (method, "11200", f"{BASE}/nowhere")
    assert asked.params["Direction"] == "outbound-api"
    assert phone.phone.calls[sid].all_heard == ["Sorry"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"Url": ""}, 21205),
        ({"Url": "/agent"}, 21205),
        ({"To": "5550001"}, 21211),
        ({"To": OURS}, 21211),
        ({"From": "nobody"}, 21212),
        ({"From": "+15559999"}, 21210),
        ({"Method": "PUT"}, 21403),
        ({"FallbackUrl": "/sorry"}, 21205),
        ({"FallbackMethod": "PUT"}, 21403),
        ({"StatusCallback": "/s"}, 21609),
        ({"StatusCallbackEvent": "hungup"}, 21626),
        ({"Timeout": "601"}, 20001),
        ({"TimeLimit": "soon"}, 20001),
        ({"Url": "", "Twiml": "<Response>"}, 12100),
        ({"Url": "", "Twiml": "<Response>" + "<Pause/>" * 1000 + "</Response>"}, 20001),
    ],
)
def test_a_bad_order_is_refused(line, change, code):
    """400, the carrier's code, and nobody is rung."""
    phone = line(OFFER, own_numbers=[OURS])
    with RestServer(phone.phone) as server:
        status, problem = rest(server, "/Calls.json", WANTED | change)
    assert (status, problem["code"], problem["status"], phone.phone.placed) == (400, code, 400, [])
    assert phone.app.seen == []


def test_orders_are_for_who_knows_the_token(line):
    """401 and 20003."""
    phone = line(OFFER)
    with RestServer(phone.phone) as server:
        assert rest(server, "/Calls.json", WANTED, pair=f"{ACCOUNT}:wrong")[0] == 401
        assert rest(server, "/Recordings.json", {})[1]["code"] == 20404
    assert phone.phone.placed == []


@pytest.mark.parametrize(("status", "final"), [("canceled", "canceled"), ("completed", "canceled")])
def test_a_ringing_call_can_be_called_off(line, status, final):
    """Before the answer both words cancel; the callback is told, and whoever is rung hears no more."""
    phone = line(OFFER)
    held = phone.phone.hold(CALLER)
    call = phone.phone.place(CALLER, OURS, "/agent", status_callback="/s")
    with RestServer(phone.phone) as server:
        assert rest(server, f"/Calls/{call.call_sid}.json", {"Status": status})[1]["status"] == final
    assert (held.calls[0].ended.status, [form["CallStatus"] for form in told(phone)]) == (final, [final])


def test_a_queued_call_that_is_called_off_rings_nobody(line):
    """And nobody is told."""
    phone = line(OFFER)
    call = phone.phone.order(_order())
    call.update(status="canceled")
    call.start()
    assert (call.status, phone.app.seen) == ("canceled", [])


def _order():
    from ivr.simulator.orders import order_of  # noqa: PLC0415

    return order_of({name: [value] for name, value in (WANTED | {"StatusCallback": f"{BASE}/s"}).items()})


def test_an_agent_can_be_sent_away_while_they_talk(line):
    """The call that was bridged with theirs goes on with its own document."""
    phone = line(OFFER, people={AGENT: "completed"}, **WAITING)
    caller = phone.dials(stops=lambda call: call.listening.kind == "talking")
    agent = phone.phone.place(AGENT, OURS, "/agent")
    agent.update(url=f"{BASE}/done")
    assert (agent.heard[-1], agent.ended.status) == ("Thank you", "completed")
    assert (caller.heard[-1], phone.app.last("/left").form["QueueResult"]) == ("Good bye", "bridged")


def test_an_application_sends_texts_over_rest(line):
    """201 and queued; they are kept, and can be read."""
    phone = line(OFFER)
    with RestServer(phone.phone) as server:
        status, sent = rest(server, "/Messages.json", {"To": CALLER, "From": OURS, "Body": "We call you at 3"})
        assert (status, sent["status"], sent["direction"], sent["num_segments"]) == (201, "queued", "outbound-api", "1")
        assert rest(server, f"/Messages/{sent['sid']}.json")[1]["body"] == "We call you at 3"
        rest(server, "/Messages.json", {"To": CALLER, "From": OURS, "Body": "Now"})
        bodies = [message["body"] for message in rest(server, "/Messages.json")[1]["messages"]]
        assert bodies == ["Now", "We call you at 3"]
        assert rest(server, "/Messages/SM0.json")[0] == 404
    assert next((m.to, m.from_, m.body) for m in phone.phone.messages) == (CALLER, OURS, "We call you at 3")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"To": "415"}, 21211),
        ({"From": "415"}, 21212),
    ],
)
def test_a_bad_text_is_refused(line, change, code):
    """400, and nothing is sent."""
    phone = line(OFFER)
    with RestServer(phone.phone) as server:
        form = {"To": CALLER, "From": OURS, "Body": "Hello"} | change
        assert rest(server, "/Messages.json", form)[1]["code"] == code
    assert phone.phone.messages == []


def test_who_texts_stop_gets_no_more(line):
    """21610 from then on, from this number; START takes it back."""
    phone = line(OFFER, people={CALLER: Person(replies="STOP")})
    form = {"To": CALLER, "From": OURS, "Body": "Hello"}
    with RestServer(phone.phone) as server:
        assert rest(server, "/Messages.json", form)[0] == 201
        assert rest(server, "/Messages.json", form)[1]["code"] == 21610
        assert rest(server, "/Messages.json", form | {"From": "+18005550101"})[0] == 201
        phone.phone.know({CALLER: "completed"})
        phone.phone.text_back(CALLER, OURS, "start")
        assert rest(server, "/Messages.json", form)[0] == 201


def test_placing_calls_from_python_is_refused_alike(line):
    """With the same codes."""
    with pytest.raises(RefusedError) as refusal:
        line(OFFER).phone.place("nobody", OURS, "/agent")
    assert refusal.value.code == 21211


# ---- nothing is lost

REACTIONS = st.sampled_from(["completed", "declines", "mailbox", "busy", "no-answer", "failed", "busy until 40"])
STEPS = st.lists(st.one_of(st.just("caller"), st.just("gives up"), REACTIONS), max_size=8)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_no_placed_call_is_lost_or_counted_twice(steps):
    """Whatever callers and agents do: each placed call ends once, and nobody is taken out of the queue twice."""
    phone = Line(OFFER, queues={"*": Queue()})
    callers, agents = [], []
    for number, step in enumerate(steps):
        if step == "caller":
            callers.append(phone.dials())
        elif step == "gives up":
            for caller in [caller for caller in callers if caller.ended is None][:1]:
                caller.hang_up()
        else:
            who = f"+1555000{number}"
            phone.phone.know({who: step})
            agents.append(phone.phone.place(who, OURS, "/agent", status_callback="/s", events=ALL))
    for agent in agents:
        while agent.ended is None:
            agent.wait()
    finals = Counter(form["CallSid"] for form in told(phone) if "CallDuration" in form)
    assert finals == Counter(agent.call_sid for agent in agents)
    bridged = Counter(form["CallSid"] for form in told(phone, "/left") if form["QueueResult"] == "bridged")
    served = Counter(form["CallSid"] for form in told(phone, "/told"))
    assert bridged == served
    assert all(count == 1 for count in bridged.values())
    assert sum(bridged.values()) <= sum(step in {"completed", "busy until 40"} for step in steps)
    assert not any(codes(call, "error") for call in callers + agents)
    assert len(phone.phone.placed) == len(agents)


def test_calls_ordered_at_once_all_take_place(line):
    """Many orders over REST, at the same time: each is begun once, and ends once."""
    phone = line(OFFER, people={"*": "declines"})
    with RestServer(phone.phone) as server:
        orders = [
            threading.Thread(
                target=rest,
                args=(server, "/Calls.json", WANTED | {"To": f"+1555100{n}", "StatusCallback": f"{BASE}/s"}),
            )
            for n in range(8)
        ]
        for order in orders:
            order.start()
        for order in orders:
            order.join()
        phone.phone.settle()
    assert sorted(form["To"] for form in told(phone)) == [f"+1555100{n}" for n in range(8)]
    assert {call.status for call in phone.phone.placed} == {"completed"}
