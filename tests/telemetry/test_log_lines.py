"""What stands in a log line, and what never does, whatever a developer writes."""

import io
import json
import logging

import pytest
from carrier import SID

from ivr.telemetry import logs
from ivr.telemetry.masking import hidden

ROOT = logging.getLogger()


@pytest.fixture
def lines():
    """Log as a line in production does; returns what reads the lines written so far."""
    before, stream = (list(ROOT.handlers), ROOT.level, logging.getLogger(logs.OURS).level), io.StringIO()
    logs.configure("json", "info", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    ROOT.handlers[:], ROOT.level = before[0], before[1]
    ROOT.setLevel(before[1])
    logging.getLogger(logs.OURS).setLevel(before[2])
    logging.captureWarnings(False)
    logs.unbind()


def test_a_webhook_is_one_line_with_its_call_its_request_and_what_came_of_it(carrier, lines):
    answer = carrier.post("/voice", headers={"X-Request-Id": "edge-0042"})
    (line,) = lines()
    assert answer.headers["X-Request-Id"] == "edge-0042"
    assert {key: line[key] for key in ("event", "level", "webhook", "outcome", "status", "call_sid", "request_id")} == {
        "event": "webhook",
        "level": "info",
        "webhook": "incoming",
        "outcome": "answered",
        "status": 200,
        "call_sid": SID,
        "request_id": "edge-0042",
    }


@pytest.mark.parametrize("given", ["4155550123", "a b", "x" * 65, "☃", ""])
def test_an_id_that_is_none_is_replaced(carrier, lines, given):
    carrier.post("/voice", headers={"X-Request-Id": given.encode().decode("latin-1")})
    (line,) = lines()
    assert len(line["request_id"]) == 16


def test_a_request_that_nobody_signed_names_no_call(carrier, lines):
    carrier.post("/voice", signature="x")
    carrier.post("/voice", sid="CA2")
    unsigned, next_one = lines()
    assert unsigned["outcome"] == "unsigned"
    assert "call_sid" not in unsigned
    assert next_one["call_sid"] == "CA2"


def test_every_line_of_a_webhook_names_its_call_also_those_of_a_library_and_no_digits(app, carrier, lines, monkeypatch):
    def broken(*_args):
        logging.getLogger("some.library").warning("what is %s?", "204816")
        raise ValueError(f"invalid literal: {'204816'!r}")

    monkeypatch.setattr(type(app.extensions["answerline"].conversation), "turn", broken)
    carrier.post("/voice/verify/pin?turn=3", Digits="204816", From="+14155550123")
    library, error, webhook = lines()
    assert {line["call_sid"] for line in (library, error, webhook)} == {SID}
    assert library["logger"] == "some.library"
    assert (error["level"], webhook["outcome"]) == ("error", "apologised")
    assert "in broken" in error["exception"]
    assert "204816" not in json.dumps([library, error, webhook])
    assert "4155550123" not in json.dumps([library, error, webhook])


def test_the_next_request_in_a_thread_knows_nothing_of_the_one_before(carrier, lines, app):
    carrier.post("/voice/main/menu?turn=1", Digits="204816")
    app.test_client().get("/healthz")
    logging.getLogger("answerline").info("pin 20 48 16 is none, 204816 is any number")
    assert "204816" in lines()[-1]["event"]
    assert "call_sid" not in lines()[-1]


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_shows_lines_of_code_and_no_variables(form):
    def check(pin):
        raise RuntimeError("bug" if pin else "")

    stream, log = io.StringIO(), logging.getLogger("tested")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(as_json=form == "json"))
    log.addHandler(handler)
    try:
        check("20" + "4816")
    except RuntimeError:
        log.exception("call %s", SID)
    log.removeHandler(handler)
    assert "RuntimeError: bug" in stream.getvalue()
    assert "in check" in stream.getvalue()
    assert "204816" not in stream.getvalue()


def test_fields_are_masked_by_their_names_and_by_what_they_hold(lines):
    extra = {
        "pin": "1",
        "Digits": "12",
        "caller": "+14155550123",
        "number": 14155550123,
        "seconds": 42,
        "list": ["+14155550123"],
    }
    logging.getLogger("answerline").info("x", extra=extra)
    (line,) = lines()
    assert (line["pin"], line["Digits"], line["seconds"]) == ("•••", "•••", 42)
    assert (line["caller"], line["number"], line["list"]) == ("…23", "…23", "['…23']")


def test_a_line_that_is_told_at_once_is_the_one_that_the_processors_would_make(lines):
    log = logging.getLogger("answerline")
    logs.bind(call_sid=SID)
    logs.tell(log, "webhook", {"at": "main.menu", "ms": 1.5})
    log.info("webhook", extra={"at": "main.menu", "ms": 1.5})
    at_once, by_processors = lines()
    by_processors.pop("message", None)  # pytest's own handler leaves it in the record
    assert at_once.pop("timestamp")[:10] == by_processors.pop("timestamp")[:10]
    assert at_once == by_processors


def test_it_is_words_where_somebody_reads_along():
    stream, log = io.StringIO(), logging.getLogger("tested.words")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(as_json=False))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    logs.tell(log, "webhook", {"at": "main.menu"})
    log.removeHandler(handler)
    assert "at=main.menu" in stream.getvalue()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("from +14155550123 to +442071838750", "from …23 to …50"),
        ("tel:+14155550123, From=%2B14155550123&To=x", "tel:…23, From=…23&To=x"),
        ("+1 (415) 555-0123, (415) 555-0123, 415-555-0123, 415.555.0123", "…23, …23, …23, …23"),
        ("14155550123 and 4155550123", "…23 and …23"),
        ("Digits=204816&CallSid=CA1", "Digits=•••&CallSid=CA1"),
        ("ImmutableMultiDict([('Digits', '204816')])", "ImmutableMultiDict([('Digits', •••)])"),
        ("{'pin': '204816', \"password\": \"a b\"}", "{'pin': •••, \"password\": •••}"),
        ("Authorization: Bearer abc.def", "Authorization: •••"),
        ("secret = x, token:y", "secret = •••, token:•••"),
    ],
)
def test_what_is_hidden(written, shown):
    assert hidden(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "call CA12345678901234567890123456789012 at 2027-03-01T18:00:00.123456Z took 250 ms, 10.0.0.1:54321",
        "7 texts of 12, error 11200, pid 123456, the digits are wrong, a PIN is checked, 2027-03-01 18:00:00",
        "verify.pin 3f2504e0-4f89-11d3-9a0c-123456789012",
    ],
)
def test_what_is_not(text):
    assert hidden(text) == text
