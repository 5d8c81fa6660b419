"""Calls to an ASGI application in this process."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr.simulator.asgi import AsgiTransport, is_asgi
from ivr.simulator.phone import Phone
from ivr.simulator.transport import Limits, WireError

LIMITS = Limits(1, 1, 0.2, 100)
URL = "https://line.example.com:8443/a%20b?x=1"


async def echo(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("no lifespan here")
    body = (await receive())["body"]
    headers = [(b"Content-Type", b"text/plain"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    told = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} {dict(scope['headers'])[b'host']}"
    await send({"type": "http.response.body", "body": told.encode() + body})


async def silent(_scope, _receive, _send):
    return


async def slow(scope, _receive, _send):
    if scope["type"] == "http":
        await asyncio.sleep(5)


async def broken_start(_scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


@pytest.fixture
def wire(request):
    transport = AsgiTransport(request.param)
    yield transport
    transport.close()


@pytest.mark.parametrize("wire", [echo], indirect=True)
def test_a_request_arrives_whole_and_the_answer_comes_back(wire):
    answer = wire.send("POST", URL, {"X-One": "1"}, b"!", LIMITS)
    assert (answer.status, answer.cookies) == (201, ("a=1", "b=2"))
    assert answer.headers["content-type"] == "text/plain"
    assert answer.body == b"POST /a b x=1 b'line.example.com:8443'!"


@pytest.mark.parametrize(("wire", "code"), [(slow, 11200), (silent, 11206)], indirect=["wire"])
def test_an_application_that_does_not_answer_is_a_failure_of_the_wire(wire, code):
    with pytest.raises(WireError) as failed:
        wire.send("POST", URL, {}, b"", LIMITS)
    assert failed.value.code == code


def test_an_application_that_does_not_start_says_so():
    transport = AsgiTransport(broken_start)
    with pytest.raises(RuntimeError, match="startup failed: no database"):
        transport.send("POST", URL, {}, b"", LIMITS)
    transport.close()


def test_a_test_that_is_a_coroutine_can_call_too():
    async def calls():
        with Phone(echo, auth_token="x") as phone:
            return phone.dial("/voice")

    # A browser driven by other tests may keep a loop of its own running in this thread.
    with ThreadPoolExecutor(1) as thread:
        call = thread.submit(asyncio.run, calls()).result(timeout=60)
    assert "POST /voice" in call.all_heard[0]


def test_the_two_kinds_of_application_are_told_apart():
    class Framework:
        async def __call__(self, scope, receive, send):
            pass

    assert [is_asgi(app) for app in (echo, Framework(), lambda _environ, _start: [])] == [True, True, False]
