"""Why an application refused a webhook, as a tester reads it."""

import pytest
from test_cli import address, app, run
from twiml_app import Reply, codes, events

from ivr.simulator.refusals import LONGEST, reason
from ivr.simulator.transport import Answer

__all__ = ["address", "app"]
PAGE = "<!doctype html>\n<title>403 Forbidden</title><h1>Forbidden</h1>\n<p>The <b>signature</b> doesn&#39;t match.</p>"


def said(body, kind):
    return reason(Answer(403, {"content-type": kind} if kind else {}, body.encode()))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (PAGE, "text/html; charset=utf-8", "The signature doesn't match."),
        ("<head><title>No</title></head><h1>Forbidden</h1>", "text/html", "Forbidden"),
        ("<p>never closed", "text/html", "never closed"),
        ("\n\nnot you\nand more", "text/plain", "not you"),
        ('{"error": "bad signature"}', "application/json", '{"error": "bad signature"}'),
        ("no type", "", "no type"),
        ("", "text/html", ""),
        ("\x89PNG", "image/png", ""),
        ("a" * 500, "text/plain", "a" * LONGEST + " ..."),
    ],
)
def test_the_reason_is_one_line_of_what_the_application_says(body, kind, words):
    assert said(body, kind) == words


def test_the_error_of_a_call_says_why(line):
    call = line(Reply(PAGE, status=403, content_type="text/html", whole=True)).dials()
    assert codes(call, "error") == [11200]
    (error,) = events(call, "error")
    assert error["message"] == "http://localhost/voice answered 403: The signature doesn't match."


@pytest.mark.parametrize("explain", [(), ("--explain",)])
def test_a_wrong_token_is_explained_at_the_command_line(app, address, explain):
    app.pages["/strict"] = Reply(PAGE, status=403, content_type="text/html", whole=True)
    done = run(f"{address}/strict", "--script", "", *explain)
    assert done.returncode == 3
    assert "/strict answered 403: The signature doesn't match." in done.stdout
    assert done.stderr.splitlines()[-1].endswith("sign with their token: --auth-token or TWILIO_AUTH_TOKEN")
