"""Live updates of a call, in Python and over the local REST interface.

Source: https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
"""

import gc
import threading
import time

import pytest
from over_rest import rest
from twiml_app import ACCOUNT, codes

from ivr.simulator.live_update import UpdateRefusedError
from ivr.simulator.plans import Queue
from ivr.simulator.rest import RestServer
from ivr.simulator.switches import Switches

MENU = {"/voice": "<Gather action='/m'><Say>P</Say></Gather>", "/n": "<Say>N</Say>", "/s": ""}


@pytest.mark.row(88)
def test_an_update_can_end_the_call(line):
    """Status completed hangs up; the status callback follows, and no action."""
    phone = line(MENU)
    call = phone.dials(status_callback="/s").update(status="completed")
    assert (call.ended.status, call.ended.by, phone.app.paths()) == ("completed", "application", ["/voice", "/s"])


@pytest.mark.row(89)
@pytest.mark.parametrize(
    ("verb", "code"),
    [
        ("<Gather action='/m'/>", 15004),
        ("<Redirect>/n</Redirect>", 15004),
        ("<Dial action='/d'>+15550001</Dial>", 15004),
        ("<Record/>", 11100),
    ],
)
def test_twiml_in_an_update_has_no_address_to_start_from(line, verb, code):
    """A relative address in it is 15004, a verb that needs the document's own 11100; the fallback is asked."""
    phone = line(MENU | {"/f": "<Say>Sorry</Say>"})
    call = phone.dials(fallback="/f").update(twiml=f"<Response>{verb}</Response>")
    assert (codes(call, "error"), call.heard) == ([code], ["Sorry"])


@pytest.mark.row(90)
def test_an_update_drops_a_gather(line):
    """The new document runs at once; keys pressed so far are lost, and the action is not requested."""
    phone = line(MENU)
    call = phone.dials().press("12").update(url="http://localhost/n", method="GET")
    assert (call.heard, phone.app.paths(), phone.app.last("/n").method) == (["N"], ["/voice", "/n"], "GET")


def test_twiml_in_an_update_runs(line):
    """With full addresses it does all that a document does."""
    phone = line(MENU)
    call = phone.dials().update(twiml="<Response><Redirect>http://localhost/n</Redirect></Response>")
    assert call.heard == ["N"]


def test_an_update_from_a_webhook_takes_effect_at_the_next_moment(line):
    """An application may update the very call it is answering for."""
    calls = []

    def delay(_method, url):
        if url.endswith("/m"):
            calls[0].update(url="http://localhost/n")
        return 0

    phone = line(MENU | {"/m": "<Say>M</Say>"}, delay=delay)
    calls.append(phone.dials())
    assert calls[0].press("1#").heard == ["M", "N"]


def test_an_update_cuts_a_real_wait_short(line):
    """In real time the other thread's update does not wait for the end of what is being heard."""
    phone = line({"/voice": "<Pause length='600'/><Say>A</Say>", "/n": "<Hangup/>"})
    heard = threading.Event()
    calls = []

    def place():
        calls.append(phone.dials(call_sid="CA1", real_time=True, on_event=lambda _event: heard.set()))

    caller = threading.Thread(target=place)
    caller.start()
    heard.wait()
    while "CA1" not in phone.phone.calls or not phone.phone.calls["CA1"].requests:
        time.sleep(0.01)
    phone.phone.calls["CA1"].update(url="http://localhost/n")
    caller.join()
    assert (calls[0].ended.status, calls[0].heard) == ("completed", [])


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({}, 20001),
        ({"url": "n"}, 21205),
        ({"url": "http://localhost/n", "method": "PUT"}, 21403),
        ({"status": "busy"}, 21218),
        ({"status": "canceled"}, 21220),
        ({"twiml": "<Response>"}, 12100),
        ({"twiml": "<Response>" + "<Pause/>" * 1000 + "</Response>"}, 20001),
    ],
)
def test_a_bad_update_is_refused_and_changes_nothing(line, update, code):
    """The refusal has a code; the call goes on."""
    call = line(MENU).dials()
    with pytest.raises(UpdateRefusedError) as refusal:
        call.update(**update)
    assert (refusal.value.code, call.ended, call.listening.kind) == (code, None, "gather")


def test_a_call_that_is_over_cannot_be_updated(line):
    """It is not in progress."""
    with pytest.raises(UpdateRefusedError) as refusal:
        line("<Hangup/>").dials().update(status="completed")
    assert refusal.value.code == 21220


def test_an_application_updates_a_call_over_rest(line):
    """Read, redirect, end, and be refused: as the carrier's own interface does."""
    phone = line(MENU | {"/hold": "<Gather/>"})
    call = phone.dials()
    path = f"/Calls/{call.call_sid}.json"
    with RestServer(phone.phone) as server:
        assert rest(server, path)[1]["status"] == "in-progress"
        status, resource = rest(server, path, {"Url": "http://localhost/hold", "Method": "POST"})
        assert (status, resource["sid"], phone.app.paths()[-1]) == (200, call.call_sid, "/hold")
        assert rest(server, path, {"Status": "completed"})[1]["status"] == "completed"
        assert rest(server, path, {"Status": "completed"})[1]["code"] == 21220
        assert rest(server, "/Calls/CA0.json")[0] == 404
        assert rest(server, "/Recordings.json", {})[1]["code"] == 20404
        assert rest(server, path, {"Status": "completed"}, pair=f"{ACCOUNT}:wrong")[1]["code"] == 20003


@pytest.mark.parametrize(("accepts", "status"), [(True, 200), (False, 404)])
def test_the_first_member_of_a_queue_is_a_switch(line, accepts, status):
    """Undocumented: `Front` in place of a CallSid. The action is told redirected."""
    pages = {"/voice": "<Enqueue action='/e'>q</Enqueue>", "/n": "<Say>N</Say>", "/e": "<Say>E</Say>"}
    phone = line(pages, switches=Switches(accepts_front_member=accepts))
    call = phone.dials(queues={"q": Queue()})
    sid = phone.phone.switchboard.room("q").sid
    with RestServer(phone.phone) as server:
        assert rest(server, f"/Queues/{sid}/Members/Front.json", {"Url": "http://localhost/n"})[0] == status
        member = f"/Queues/{sid}/Members/{call.call_sid}.json"
        assert rest(server, member, {"Url": "http://localhost/n"})[0] == (404 if accepts else 200)
    assert call.heard == ["N"]
    assert phone.app.last("/e").form["QueueResult"] == "redirected"


def test_calls_nobody_holds_are_forgotten(line):
    """The phone keeps no call alive."""
    phone = line(MENU)
    phone.phone.dial("/voice")
    gc.collect()
    assert not phone.phone.calls
