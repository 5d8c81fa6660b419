"""SERVE: one application, of which a server serves only the parts that it is there for."""

from dataclasses import replace

import pytest
from once import application

from ivr.config import Settings
from ivr.setting_rules import SettingsError
from ivr.web import server

WEBHOOKS, CONSOLE, PHONE = "/voice", "/console", "/simulator"


@pytest.fixture
def served(settings, clock):
    """Return the addresses that a server of some parts knows; health and prompts' audio are everywhere."""

    def served(parts):
        app = application(replace(settings, serve=parts), clock)
        rules = {rule.rule for rule in app.url_map.iter_rules()}
        assert {"/", "/healthz", "/readyz", "/metrics"} <= rules
        assert app.test_client().get("/healthz").status_code == 200
        app.extensions["answerline"].database.dispose()
        return rules & {WEBHOOKS, CONSOLE, PHONE}

    return served


@pytest.mark.parametrize(
    ("parts", "there"),
    [
        ("voice,console,simulator,helpers", {WEBHOOKS, CONSOLE, PHONE}),
        ("voice", {WEBHOOKS}),
        ("console", {CONSOLE}),
        ("voice, simulator", {WEBHOOKS, PHONE}),
        ("helpers", set()),
    ],
)
def test_a_server_serves_what_it_is_there_for(served, parts, there):
    assert served(parts) == there


# A web node of many needs no helpers: they run once or twice for all of them.
@pytest.mark.parametrize(("parts", "started"), [("voice", []), ("voice,helpers", ["helpers", "voicemail"])])
def test_helpers_start_only_where_they_are_asked_for(settings, monkeypatch, parts, started):
    begun = []
    monkeypatch.setattr(Settings, "from_env", lambda: replace(settings, serve=parts))
    monkeypatch.setattr(server.subprocess, "Popen", lambda command, **_: begun.append(command[3]))
    monkeypatch.setattr(server, "_helpers", [])
    server.when_ready(None)
    assert begun == started


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"serve": "voic"}, "SERVE must be one or more of voice, console, simulator, helpers, not 'voic'"),
        ({"serve": ","}, "SERVE must be one or more of"),
        ({"workers": 99}, "WORKERS must be between 0 and 64"),
    ],
)
def test_what_cannot_be_served_is_said_at_the_start(settings, changed, told):
    with pytest.raises(SettingsError, match=told):
        replace(settings, **changed).check()
