"""Slow answers, files and their copies, and a webhook sent again.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, .../voice/twiml/play
"""

import struct

import pytest
from twilio.request_validator import RequestValidator
from twiml_app import TOKEN, Reply, codes, events, wav

from ivr.simulator import Phone
from ivr.simulator.media import aiff_seconds, mp3_seconds


def slow(seconds, body="<Say>A</Say>"):
    return Reply(body, headers=(("Simulated-Delay", str(seconds)),))


@pytest.mark.row(75)
def test_an_answer_of_sixteen_seconds_is_cut_at_fifteen(line):
    """The fallback is asked after 15 s of call time, and the slow answer is not tried again."""
    phone = line({"/voice": slow(16), "/f": "<Say>Sorry</Say>"})
    call = phone.dials(fallback="/f")
    assert (events(call, "request")[-1]["at"], codes(call, "error"), call.heard) == (15, [11200], ["Sorry"])
    assert phone.app.paths() == ["/voice", "/f"]


def test_a_slow_answer_takes_call_time(line):
    """An application in this process says how slow it would be."""
    assert events(line(slow(14)).dials(), "say")[0]["at"] == 14


def test_delays_can_come_from_the_test(line):
    """By method and address."""
    call = line("<Say>A</Say>", delay=lambda method, url: 3 if (method, url[-6:]) == ("POST", "/voice") else 0).dials()
    assert events(call, "say")[0]["at"] == 3


@pytest.mark.parametrize(
    ("fragment", "asked", "at"),
    [
        ("#rc=2&rp=rt&rt=4000", 3, 12),
        ("#rc=5&rp=all&rt=4000", 4, 15),
        ("#rc=1&rp=rt&rt=4000&tt=6000", 2, 6),
        ("#rc=2&rp=5xx&rt=4000", 1, 4),
    ],
)
def test_tries_share_one_budget_of_time(line, fragment, asked, at):
    """Each may take as long as rt, all together as long as tt, which is 15 s at most; rp says what is tried again."""
    phone = line({"/voice": slow(10), "/f": "<Say>Sorry</Say>"})
    call = phone.dials("/voice" + fragment, fallback="/f")
    assert phone.app.paths().count("/voice") == asked
    assert events(call, "say")[0]["at"] == at


@pytest.mark.parametrize("delay", ["soon", "-3"])
def test_a_delay_that_is_no_time_is_none(line, delay):
    """The header is only read as far as it makes sense."""
    assert events(line(slow(delay)).dials(), "say")[0]["at"] == 0


class Library:
    """Serves one file with these headers; says 304 to who has its ETag."""

    def __init__(self, *headers):
        self.headers, self.asked = headers, []

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] != "/a":
            start_response("200 OK", [("Content-Type", "text/xml")])
            return [b"<Response><Play>/a</Play><Pause/><Play>/a</Play></Response>"]
        tag = environ.get("HTTP_IF_NONE_MATCH") or environ.get("HTTP_IF_MODIFIED_SINCE")
        self.asked.append(tag)
        start_response("304 Not Modified" if tag else "200 OK", [("Content-Type", "audio/wav"), *self.headers])
        return [] if tag else [wav(3)]


@pytest.mark.row(92)
@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ((), [None, None]),
        ((("Cache-Control", "no-store"), ("ETag", '"1"')), [None, None]),
        ((("ETag", '"1"'),), [None, '"1"']),
        ((("Last-Modified", "Mon, 01 Mar 2027 00:00:00 GMT"),), [None, "Mon, 01 Mar 2027 00:00:00 GMT"]),
        ((("ETag", '"1"'), ("Cache-Control", "no-cache, max-age=60")), [None, '"1"']),
        ((("Cache-Control", "max-age=60"),), [None]),
        ((("ETag", '"1"'), ("Cache-Control", "max-age=3")), [None, '"1"']),
    ],
)
def test_a_file_is_fetched_again_unless_its_headers_allow_a_copy(headers, asked):
    """Fresh copies are played without asking, old ones after a 304; without ETag or Cache-Control there are none."""
    app = Library(*headers)
    call = Phone(app, auth_token=TOKEN).dial("/voice")
    assert (app.asked, call.time_s) == (asked, 7)


def test_copies_serve_all_calls_of_a_phone():
    """As a proxy's do."""
    app = Library(("Cache-Control", "max-age=3600"))
    phone = Phone(app, auth_token=TOKEN)
    phone.dial("/voice")
    phone.dial("/voice")
    assert app.asked == [None]


@pytest.mark.row(93)
def test_a_changed_parameter_does_not_fit_the_old_signature():
    """An application that checks signatures answers the true webhook and refuses the changed one with 403."""

    def app(environ, start_response):
        from urllib.parse import parse_qsl  # noqa: PLC0415 the application's own

        form = dict(parse_qsl(environ["wsgi.input"].read().decode(), keep_blank_values=True))
        signature = environ["HTTP_X_TWILIO_SIGNATURE"]
        good = RequestValidator(TOKEN).validate(f"http://localhost{environ['PATH_INFO']}", form, signature)
        start_response("200 OK" if good else "403 Forbidden", [("Content-Type", "text/xml")])
        return [b"<Response/>"]

    phone = Phone(app, auth_token=TOKEN)
    exchange = phone.dial("/voice").requests[0]
    assert exchange.answer.status == 200
    assert phone.replay(exchange).status == 200
    assert phone.replay(exchange, changed={"From": "+15551234567"}).status == 403
    assert phone.replay(exchange, changed={"Admin": "1"}).status == 403


def test_the_length_of_an_mp3_comes_from_its_first_frame():
    """From the bit rate, or exactly from the frame count of a Xing header; a tag before it does not count."""
    frame = b"\xff\xfb\x90\x00"  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz
    assert mp3_seconds(frame + b"\0" * 159_996) == pytest.approx(10)
    tag = b"ID3\x04\0\0\0\0\x01\x00" + b"\0" * 128
    assert mp3_seconds(tag + frame + b"\0" * 15_996) == pytest.approx(1)
    xing = frame + b"\0" * 32 + b"Xing" + struct.pack(">II", 1, 1000) + b"\0" * 400
    assert mp3_seconds(xing) == pytest.approx(1000 * 1152 / 44100)
    assert mp3_seconds(b"not sound at all") is None


def test_the_length_of_other_sounds(line):
    """GSM and μ-law have fixed rates; an AIFF counts its frames."""
    comm = b"COMM" + struct.pack(">I", 18) + struct.pack(">hIh", 1, 16000, 16) + b"\x40\x0b\xfa\0\0\0\0\0\0\0"
    aiff = b"FORM" + struct.pack(">I", 4 + len(comm)) + b"AIFF" + comm
    assert aiff_seconds(aiff) == pytest.approx(2)
    for kind, body, seconds in [("gsm", b"\0" * 3300, 2), ("ulaw", b"\0" * 8000, 1), ("aiff", aiff, 2)]:
        pages = {"/voice": "<Play>/a</Play>", "/a": Reply(body, content_type=f"audio/{kind}")}
        assert line(pages).dials().time_s == pytest.approx(seconds)
