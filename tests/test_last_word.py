"""When the application fails altogether: words that were written beforehand, by what each webhook may be told."""

import pytest
from carrier import Carrier

from ivr.web.last_word import LastWord


def fails(*_):
    raise MemoryError


@pytest.fixture
def said(app):
    word = LastWord(fails, app.extensions["answerline"])

    def ask(path, method="POST"):
        answered = []
        path, _, query = path.partition("?")
        environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}
        (body,) = word(environ, lambda status, _headers: answered.append(status))
        assert answered == ["200 OK"]
        return body.decode()

    return ask


# A caller is connected to a person, each time to the next; who waits in a queue leaves it; whoever was rung is let go.
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/voice", "+18002636317"),
        ("/voice/main/menu?turn=3", "+18002636317"),
        ("/voice/fallback?failed=1", "+18056177000"),
        ("/voice/fallback?failed=2", "Please dial"),
        ("/voice/support/wait/hold?turn=3", "<Leave"),
        ("/voice/leg/agent?offer=x", "<Hangup"),
        ("/voice/agent/offer?turn=2", "<Hangup"),
    ],
)
def test_every_webhook_of_a_call_has_a_word(said, path, expected):
    assert expected in said(path)


@pytest.mark.parametrize(
    "path", ["/voice/status", "/voice/recording", "/voice/text", "/console", "/healthz", "/voices"]
)
def test_what_nobody_listens_to_fails_as_it_does(said, path):
    with pytest.raises(MemoryError):
        said(path)


def test_it_stands_around_the_application(app, monkeypatch):
    monkeypatch.setattr("ivr.web.voice.signed", fails)
    monkeypatch.setattr("ivr.web.voice._person", fails)
    assert "technical problem" in Carrier(app).post("/voice").text
