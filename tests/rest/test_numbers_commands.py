"""`flask numbers`, against a carrier that keeps what it is told."""

import json
import stat
from dataclasses import replace

import pytest
from fake_carrier import ACCOUNT, TOKEN
from once import application

OURS, HERE = "+14155550100", "https://line.example.com"
PN = "PN" + "1" * 32
OLD = {
    "phone_number": OURS,
    "friendly_name": "Front desk",
    "voice_url": "https://old.example.com/voice?key=hunter2",
    "voice_method": "GET",
    "voice_application_sid": "AP" + "1" * 32,
    "sms_url": "https://old.example.com/sms",
    "sms_method": "POST",
}


@pytest.fixture
def flask(far, settings, clock):
    """Run a command, as on a line at HERE unless `base` says otherwise; returns its exit code and what it said."""
    far.numbers[PN] = dict(OLD)
    access = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_api_base": far.url}
    engines = []

    def run(*words, base=HERE, **changes):
        app = application(replace(settings, public_base_url=base, **{**access, **changes}), clock)
        engines.append(app.extensions["answerline"].database)
        result = app.test_cli_runner().invoke(args=["numbers", *words])
        return result.exit_code, result.output

    yield run
    for engine in engines:
        engine.dispose()


def test_numbers_are_listed_with_where_they_point(flask, far):
    code, said = flask("list", "--json")
    (row,) = json.loads(said)
    assert (code, row["number"], row["name"], row["here"]) == (0, OURS, "Front desk", "no")
    assert row["voice_url"] == "https://old.example.com/voice?..."
    flask("connect", OURS, "--yes")
    assert json.loads(flask("list", "--json")[1])[0]["here"] == "yes"
    far.numbers[PN]["voice_fallback_url"] = ""
    far.numbers[PN]["status_callback"] = "https://user:hunter2@line.example.com/voice/status?key=hunter2"
    said = flask("list")[1]
    assert "in part" in said
    assert "hunter2" not in said


# However it is written, the number is found; what would change is shown first, and what is right already is left.
@pytest.mark.parametrize("written", [OURS, "(415) 555-0100", "1 415 555 0100", "0014155550100"])
def test_a_number_is_connected(flask, far, written):
    code, said = flask("connect", written, "--yes")
    assert code == 0
    assert "voice_url: https://old.example.com/voice?... -> https://line.example.com/voice" in said
    assert "voice_method: GET -> POST" in said
    assert f"voice_application_sid: AP{'1' * 32} -> (none)" in said
    now = far.numbers[PN]
    assert now["voice_fallback_url"] == f"{HERE}/voice/fallback"
    assert now["status_callback"] == f"{HERE}/voice/status"
    assert now["voice_application_sid"] == ""
    assert now["sms_url"] == OLD["sms_url"]
    assert "TrunkSid" not in far.forms[-1]


def test_texts_are_connected_where_that_is_asked_for(flask, far):
    flask("connect", OURS, "--messages", "--yes")
    assert far.numbers[PN]["sms_url"] == f"{HERE}/voice/text"


def test_connecting_again_changes_nothing(flask, far):
    flask("connect", OURS, "--yes")
    posts = len(far.forms)
    assert flask("connect", OURS) == (0, f"{OURS} points here already.\n")
    assert len(far.forms) == posts


def test_without_a_terminal_and_without_yes_nothing_is_changed(flask, far):
    code, said = flask("connect", OURS)
    assert code == 1
    assert "nothing was changed: this is no terminal to ask at; --yes applies the change" in said
    assert far.numbers[PN] == OLD


# The address of a tunnel changes from day to day; what is put back is what was there before the first of them.
def test_what_was_there_is_put_back(flask, far, settings):
    flask("connect", OURS, "--yes", base="https://monday.example.com")
    flask("connect", OURS, "--messages", "--yes", base="https://tuesday.example.com")
    file = settings.instance_dir / "numbers.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    code, said = flask("restore", OURS, "--yes")
    assert code == 0, said
    assert {name: value for name, value in far.numbers[PN].items() if value} == OLD
    assert flask("restore", OURS, "--yes")[1] == f"Error: {OURS} was not connected from here: nothing to restore\n"


def test_what_was_there_is_kept_before_the_carrier_is_asked(flask, far, settings):
    far.faults = [None, 500, 500, 500]
    assert flask("connect", OURS, "--yes")[0] == 1
    assert "old.example.com" in (settings.instance_dir / "numbers.json").read_text()


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("http://127.0.0.1:5000", "no carrier can reach"),
        ("https://10.1.2.3", "no carrier can reach"),
        ("https://desk.local", "no carrier can reach"),
        ("https://intranet", "no carrier can reach"),
        ("http://line.example.com", "is not https://"),
    ],
)
def test_an_address_that_no_carrier_can_reach_is_refused(flask, far, base, why):
    code, said = flask("connect", OURS, "--yes", base=base)
    assert code == 1
    assert why in said
    assert "ngrok start answerline" in said
    assert far.requests == []


@pytest.mark.parametrize(
    ("number", "why"),
    [("+14155550199", "is no number of this account; `flask numbers list`"), ("front desk", "is no telephone number")],
)
def test_a_number_that_is_not_there(flask, number, why):
    code, said = flask("connect", number, "--yes")
    assert code == 1
    assert why in said


def test_the_carriers_refusal_of_a_list_is_told_in_words(flask):
    code, said = flask("list", twilio_auth_token="wrong")
    assert (code, said) == (1, "Error: the carrier refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (401)\n")
