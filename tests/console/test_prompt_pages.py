"""Prompts at the console: what they say, and which recordings are taken."""

import json
from io import BytesIO

import pytest

from ivr.audio.lock import locked
from ivr.console.recorder import Recorder
from ivr.db.console.audit import entries

LOST = "/console/prompts/common.lost"


@pytest.fixture
def ada(desk):
    return desk("admin")


@pytest.fixture
def found(monkeypatch):
    """What the check of the next recording finds; and every command that was given."""
    told = {"seconds": 2.0, "problems": [], "commands": []}

    def flask(_self, *words):
        told["commands"].append(words[0])
        return json.dumps({"seconds": told["seconds"], "problems": told["problems"]})

    monkeypatch.setattr(Recorder, "_flask", flask)
    return told


def send(who, content=b"RIFF", path=LOST):
    return who.post(f"{path}/try", recording=(BytesIO(content), "a.wav"))


def token(who):
    return who.get(LOST).text.split('name="token" value="')[1].split('"')[0]


def test_every_prompt_is_listed_and_can_be_searched(ada, staffed):
    page = ada.sees("/console/prompts")
    assert "I'm sorry, I lost my place. Let's start again." in page
    assert staffed.settings.company_name in page

    assert "238 sentences" in page
    assert "1 of 238" in ada.sees("/console/prompts?words=LOST+my+place")
    assert "No prompt says that" in ada.sees("/console/prompts?words=%00%F0%9F%92%A9")
    assert "of 238" in ada.sees("/console/prompts?words=press")
    ada.sees("/console/prompts?source=assembled")  # none before they are rendered
    assert "238 sentences" in ada.sees("/console/prompts?source=nonsense")


# Only whole sentences are recorded: a voice must not change in the middle of one.
def test_a_sentence_with_a_value_says_why_it_cannot_be_recorded(ada, found):
    page = ada.sees("/console/prompts/cancel_trial.confirm")
    assert "Your free trial runs through [ends on]. If you cancel" in page
    assert "only whole sentences can be recorded" in page
    assert "New recording" not in page
    answer = send(ada, path="/console/prompts/cancel_trial.confirm")
    assert (answer.status_code, found["commands"]) == (400, [])


@pytest.mark.parametrize("there", ["no.such", "..", "%2e%2e%2fsecret", "common.lost%00", "x" * 5000])
def test_what_is_no_prompt_is_not_there(ada, there):
    assert ada.get(f"/console/prompts/{there}").status_code == 404


# The microphone is for the page that records, and for no other.
def test_only_the_page_that_records_may_use_the_microphone(ada):
    assert "microphone=(self)" in ada.get(LOST).headers["Permissions-Policy"]
    assert "microphone=()" in ada.get("/console/prompts").headers["Permissions-Policy"]
    assert "unsafe" not in ada.get(LOST).headers["Content-Security-Policy"]


def test_a_recording_with_problems_is_told_and_not_put_in_place(ada, found, staffed):
    found["problems"] = ["Too quiet: <speech> at -60 dB."]
    send(ada)
    page = ada.get(LOST).text
    assert "Too quiet: &lt;speech&gt; at -60 dB." in page
    assert "Put in place" not in page
    draft = json.loads((staffed.settings.instance_dir / "drafts" / "common.lost" / "verdict.json").read_text())
    assert ada.post(f"{LOST}/put", token=draft["token"]).status_code == 400
    assert found["commands"] == ["try"]


# A form that was open when somebody else sent another recording puts nothing in place that its sender has not heard.
def test_a_stale_form_puts_nothing_in_place(ada, found):
    send(ada)
    old = token(ada)
    send(ada)
    assert ada.post(f"{LOST}/put", token=old).status_code == 409
    assert ada.post(f"{LOST}/put").status_code == 409
    assert ada.post(f"{LOST}/put", token=token(ada)).status_code == 302
    assert found["commands"] == ["try", "try", "record"]


def test_a_draft_is_discarded(ada, found):  # noqa: ARG001 it finds nothing
    send(ada)
    assert ada.post(f"{LOST}/discard").status_code == 302
    assert "Checked recording" not in ada.sees(LOST)
    assert ada.post(f"{LOST}/discard").status_code == 302


def test_one_recording_is_worked_on_at_a_time(ada, found, staffed):
    with locked(staffed.settings.instance_dir / "drafts" / ".lock", lambda: None):
        answer = send(ada)
    assert (answer.status_code, "Try again in a minute" in answer.text) == (409, True)
    assert found["commands"] == []


def test_nothing_is_reset_that_was_not_recorded(ada, found):
    assert ada.post(f"{LOST}/reset").status_code == 409
    assert found["commands"] == []


def test_no_file_is_told(ada, found):
    assert ada.post(f"{LOST}/try").status_code == 400
    assert ada.post(f"{LOST}/try", recording="text").status_code == 400
    assert found["commands"] == []


# Ten megabytes are taken from who may record, nothing from others; more is refused before it is read.
def test_how_much_may_be_sent(ada, desk, found):
    assert send(ada, b"R" * 200_000).status_code == 302
    form = {"content_type": "multipart/form-data; boundary=x"}
    answer = ada.client.post(f"{LOST}/try", data=b"R" * 10_100_000, **form)
    assert answer.status_code == 413
    assert "10 MB" in answer.text
    assert send(desk("lead")).status_code == 403
    assert desk("lead").post("/console/data/holds", reason="x" * 100_000).status_code in {403, 413}
    assert ada.post("/console/data/holds", reason="x" * 100_000).status_code == 413
    assert found["commands"] == ["try"]


def test_a_check_that_fails_is_told_in_a_sentence(ada, monkeypatch):
    import subprocess  # noqa: PLC0415 to be replaced

    failed = subprocess.CompletedProcess([], 1, "", "warning\nError: numpy not installed\n")
    monkeypatch.setattr("ivr.console.recorder.subprocess.run", lambda *_, **__: failed)
    answer = send(ada)
    assert (answer.status_code, "It could not be done: numpy not installed." in answer.text) == (400, True)

    def hangs(*_, **__):
        raise subprocess.TimeoutExpired("x", 1)

    monkeypatch.setattr("ivr.console.recorder.subprocess.run", hangs)
    assert "was stopped; nothing was changed" in send(ada).text


def test_what_was_put_in_place_is_in_the_audit_log(ada, found, staffed):  # noqa: ARG001 it finds nothing
    send(ada)
    ada.post(f"{LOST}/put", token=token(ada))
    entry = entries(staffed.database)[0]
    assert (entry.act, entry.who, entry.subject) == ("prompt recorded", "ada", "common.lost")
