"""The carrier's webhooks: who is let in, what is answered, and what happens when something breaks."""

import logging
import urllib.error
from dataclasses import replace

import pytest
from carrier import BASE, SID, TOKEN
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from ivr.db.history import list_calls, list_voicemails, show_call


@pytest.fixture
def parts(app):
    return app.extensions["answerline"]


def calls(parts):
    return list_calls(parts.database)


def turns(parts, sid=SID):
    return show_call(parts.database, sid, parts.calls.speak)["turns"]


class TestSignature:
    """Nothing that the carrier did not sign is answered, or leaves a trace."""

    @pytest.mark.parametrize(
        "path",
        ["/voice", "/voice/main/menu?turn=1", "/voice/status", "/voice/recording", "/voice/fallback", "/voice/text"],
    )
    @pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "☃", "x" * 5000])
    def test_a_bad_one_is_refused_on_every_webhook(self, carrier, parts, path, signature):
        answer = carrier.post(path, signature=signature.encode("utf-8").decode("latin-1"), Digits="1")
        assert answer.status_code == 403
        assert b"<" not in answer.data
        assert calls(parts) == []

    def test_it_covers_the_query(self, carrier):
        carrier.post("/voice")
        signature = RequestValidator(TOKEN).compute_signature(f"{BASE}/voice/main/menu?turn=1", {})
        assert carrier.post("/voice/main/menu?turn=2", signature=signature).status_code == 403

    def test_it_is_checked_against_the_public_address_behind_a_proxy(self, carrier):
        headers = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
        assert carrier.post("/voice", headers=headers).status_code == 200

    def test_blank_and_unknown_fields_are_part_of_it(self, carrier):
        assert carrier.post("/voice", ForwardedFrom="", SomethingNew="☃ 1+1=2").status_code == 200

    def test_the_wrong_token_is_refused(self, carrier):
        assert replace(carrier, token="another").post("/voice").status_code == 403


class TestIncoming:
    def test_a_call_is_greeted_and_logged(self, carrier, parts):
        answer = carrier.post("/voice", CallStatus="ringing")
        assert answer.mimetype == "text/xml"
        assert "Thanks for calling GoToMeeting support." in answer.text
        (call,) = calls(parts)
        assert (call["from"], call["to"], call["status"]) == ("+14155550123", "+18005550100", "in-progress")

    @pytest.mark.parametrize(
        "caller", ["anonymous", "", "client:bob", "sip:a@b.example", "☎" * 300, "+266696687", "\0"]
    )
    def test_withheld_and_odd_callers_are_served(self, carrier, caller):
        assert "press 1" in carrier.post("/voice", From=caller, To=caller).text
        assert "70" not in carrier.post("/voice/main/menu?turn=1", From=caller, Digits="3").text

    @pytest.mark.parametrize("sid", [None, "", "a b", "x" * 65, "<xml>", "☃"])
    def test_a_missing_or_malformed_call_sid_is_a_400_in_one_line(self, carrier, sid):
        answer = carrier.post("/voice", sid=sid)
        assert (answer.status_code, answer.text) == (400, "CallSid is missing or malformed.\n")

    @pytest.mark.parametrize("query", ["turn=x", "turn=-1", "turn=1&silent=%C2%BD", "turn=99999999999", "silent=1"])
    def test_counts_in_the_address_must_be_numbers(self, carrier, query):
        answer = carrier.post(f"/voice/main/menu?{query}")
        assert answer.status_code == 400
        assert "must be a whole number" in answer.text

    def test_only_post_is_taken(self, app):
        assert app.test_client().get("/voice").status_code == 405

    def test_a_body_over_64_kb_is_refused(self, carrier):
        assert carrier.post("/voice", Rubbish="x" * 70_000).status_code in {400, 413}


class TestTurns:
    def test_a_key_leads_on_and_the_visit_is_logged_with_what_was_heard(self, carrier, parts):
        carrier.post("/voice")
        assert "change your password" not in carrier.post("/voice/main/menu?turn=1", Digits="2").text
        first, waiting = turns(parts)
        assert (first["flow"], first["node"], first["kind"], first["input"]) == ("main", "menu", "menu", "2")
        assert first["heard"].startswith("Thanks for calling GoToMeeting support. To try or buy GoToMeeting, press 1.")
        assert (waiting["flow"], waiting["input"], waiting["outcome"]) == ("audio", "", "")

    def test_a_repeated_webhook_gets_the_stored_answer_and_changes_nothing(self, carrier):
        carrier.post("/voice")
        first = carrier.post("/voice/main/menu?turn=1", Digits="2")
        log = carrier.log()
        assert carrier.post("/voice/main/menu?turn=1", Digits="2").data == first.data
        assert carrier.post("/voice").data == first.data, "asked from the start again, the call goes on where it was"
        assert carrier.log() == log

    @pytest.mark.parametrize(
        ("path", "sorry"),
        [
            ("/voice/gone/menu?turn=1", "I lost my place"),
            ("/voice/main/gone?turn=1", "Sorry, that took a moment"),
            ("/voice/main/menu?turn=7", "I lost my place"),
        ],
    )
    def test_a_place_that_a_deploy_removed_leads_to_a_menu_with_an_apology(self, carrier, path, sorry):
        carrier.post("/voice")
        answer = carrier.post(path, Digits="1").text
        assert sorry in answer
        assert "To try or buy GoToMeeting, press 1." in answer

    def test_a_call_the_database_does_not_know_starts_again_at_the_main_menu(self, carrier):
        assert "I lost my place" in carrier.post("/voice/audio/menu?turn=4", Digits="1").text

    def test_secrets_are_dots_in_the_log(self, carrier, parts):
        carrier.post("/voice")
        for turn, (path, digits) in enumerate(
            [("main/menu", "3"), ("trial/menu", "1"), ("verify/account", "70000099")]
        ):
            carrier.post(f"/voice/{path}?turn={turn + 1}", Digits=digits)
        assert [turn["input"] for turn in turns(parts)] == ["3", "1", "••••••••", ""]

    def test_an_answer_about_a_secret_takes_its_least_time_whatever_was_typed(self, app, carrier, parts):
        pauses = []
        conversation = replace(parts.conversation, secret_floor_s=60.0, pause=pauses.append)
        app.extensions["answerline"] = replace(parts, conversation=conversation)
        carrier.post("/voice")
        for turn, (path, digits) in enumerate(
            [("main/menu", "3"), ("trial/menu", "1"), ("verify/account", "70000099")]
        ):
            carrier.post(f"/voice/{path}?turn={turn + 1}", Digits=digits)
        assert len(pauses) == 1
        assert 50 < pauses[0] < 60


class TestTrouble:
    """A caller never hears silence, nor the carrier's error voice."""

    def test_a_failure_inside_is_answered_with_an_apology_and_a_person(self, carrier, parts, monkeypatch, caplog):
        def broken(*_given):
            raise ValueError("a mistake of ours")

        monkeypatch.setattr(type(parts.conversation), "turn", broken)
        answer = carrier.post("/voice/verify/pin?turn=3", Digits="204816")
        assert answer.status_code == 200
        assert "technical problem" in answer.text
        assert "+18002636317" in answer.text
        assert SID in caplog.text
        assert "204816" not in caplog.text

    @pytest.mark.parametrize(("status", "heard"), [("completed", "Thank you for calling"), ("busy", "+18056177000")])
    def test_a_failure_after_a_transfer_does_not_ring_the_same_people_again(self, app, carrier, parts, status, heard):
        app.extensions["answerline"] = replace(parts, conversation=None)
        answer = carrier.post("/voice/support/ring?turn=2", DialCallStatus=status).text
        assert heard in answer
        assert "+18002636317" not in answer

    def test_an_error_of_an_account_system_is_never_taken_for_an_http_answer(self, carrier, parts, monkeypatch):
        def redirecting(*_given):
            raise urllib.error.HTTPError("https://billing.example.com", 302, "Found", {}, None)

        monkeypatch.setattr(type(parts.conversation), "incoming", redirecting)
        assert "technical problem" in carrier.post("/voice").text

    def test_the_fallback_answers_without_a_database(self, app, carrier, parts, caplog):
        app.extensions["answerline"] = replace(parts, calls=None, conversation=None, database=None)
        with caplog.at_level(logging.ERROR):
            answer = carrier.post("/voice/fallback", ErrorCode="11200", ErrorUrl="https://line.example.com/voice")
        assert "+18002636317" in answer.text
        assert "error 11200" in caplog.text

    @pytest.mark.parametrize("direction", ["outbound-api", "outbound-dial"])
    def test_the_fallback_sends_nobody_to_a_person_whom_we_ring(self, app, carrier, parts, direction):
        app.extensions["answerline"] = replace(parts, calls=None, conversation=None, database=None)
        answer = carrier.post("/voice/fallback", Direction=direction).text
        assert "technical problem" in answer
        assert "<Hangup" in answer
        assert "<Dial" not in answer

    def test_the_fallback_tries_the_next_number_and_in_the_end_says_it(self, carrier):
        assert "+18056177000" in carrier.post("/voice/fallback?failed=1", DialCallStatus="busy").text
        last = carrier.post("/voice/fallback?failed=2", DialCallStatus="no-answer").text
        assert "1, 8 0 5, 6 1 7, 7 0 0 0" in last
        assert "<Hangup" in last

    def test_the_fallback_says_goodbye_after_a_talk(self, carrier):
        assert "Thank you for calling" in carrier.post("/voice/fallback?failed=1", DialCallStatus="completed").text


class TestStatus:
    def test_a_call_that_ends_is_closed_once(self, carrier, parts, clock):
        carrier.post("/voice")
        clock.passes(seconds=42)
        assert carrier.post("/voice/status", CallStatus="completed", CallDuration="42").status_code == 204
        (call,) = calls(parts)
        assert (call["status"], call["duration_s"], call["disposition"]) == ("completed", 42, "abandoned")
        clock.passes(seconds=10)
        carrier.post("/voice/status", CallStatus="completed", CallDuration="99")
        assert calls(parts) == [call]
        assert turns(parts)[-1]["outcome"] == "hang-up"

    def test_a_caller_who_heard_an_answer_was_informed(self, carrier, parts):
        carrier.post("/voice")
        carrier.post("/voice/main/menu?turn=1", Digits="5")
        carrier.post("/voice/status", CallStatus="completed", CallDuration="30")
        assert calls(parts)[0]["disposition"] == "informed"

    def test_a_caller_who_hangs_up_while_talking_to_a_person_was_transferred(self, carrier, parts):
        carrier.post("/voice")
        carrier.post("/voice/main/menu?turn=1", Digits="0")
        child = {"ParentCallSid": SID, "To": "+18002636317"}
        carrier.post("/voice/status", "CA00000000000000000000000000000002", CallStatus="in-progress", **child)
        carrier.post("/voice/status", CallStatus="completed", CallDuration="300")
        (call,) = calls(parts)
        assert (call["disposition"], call["transferred_to"]) == ("transferred", "+18002636317")

    def test_a_call_that_was_never_answered_is_logged_too(self, carrier, parts):
        carrier.post("/voice/status", CallStatus="no-answer", CallDuration="0")
        assert calls(parts)[0]["status"] == "no-answer"

    @pytest.mark.parametrize("state", ["ringing", "queued", "", "nonsense"])
    def test_what_is_no_end_changes_nothing(self, carrier, parts, state):
        assert carrier.post("/voice/status", CallStatus=state).status_code == 204
        assert calls(parts) == []

    @pytest.mark.parametrize("duration", ["½", "9" * 30, "-1", ""])
    def test_a_duration_that_is_no_number_is_left_out(self, carrier, parts, duration):
        carrier.post("/voice/status", CallStatus="completed", CallDuration=duration)
        assert calls(parts)[0]["duration_s"] is None


class TestRecording:
    """The carrier's callback about a recording."""

    TOLD = {"RecordingSid": "RE" + "a" * 32, "RecordingStatus": "completed", "RecordingDuration": "7"}  # noqa: RUF012

    def test_it_makes_a_message_however_often_it_comes(self, carrier, parts):
        for _ in range(2):
            assert carrier.post("/voice/recording", **self.TOLD).status_code == 204
        (message,) = list_voicemails(parts.database)
        assert (message["call_sid"], message["seconds"], message["state"]) == (SID, 7, "recorded")

    @pytest.mark.parametrize("status", ["in-progress", "", "nonsense", "absent"])
    def test_what_is_no_recording_makes_none(self, carrier, parts, status):
        assert carrier.post("/voice/recording", **{**self.TOLD, "RecordingStatus": status}).status_code == 204
        assert list_voicemails(parts.database, discarded=True) == []

    @pytest.mark.parametrize("sid", [None, "", "../x", "RE☃"])
    def test_one_without_a_name_is_a_400(self, carrier, sid):
        answer = carrier.post("/voice/recording", **{**self.TOLD, "RecordingSid": sid})
        assert (answer.status_code, answer.text) == (400, "RecordingSid is missing or malformed.\n")

    def test_a_failure_is_no_apology_to_nobody(self, app, carrier, parts):
        app.extensions["answerline"] = replace(parts, mailbox=None)
        answer = carrier.post("/voice/recording", **self.TOLD)
        assert (answer.status_code, answer.text) == (500, "Not noted.\n")


class TestPages:
    def test_the_home_page_says_what_this_is_and_links_to_what_is_there(self, app):
        page = app.test_client().get("/").text
        assert "https://line.example.com/voice/fallback" in page
        assert 'href="/readyz"' in page
        assert 'href="/metrics"' in page
        stranger = app.test_client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).text
        assert "/metrics" not in stranger

    def test_alive_and_ready(self, app):
        assert app.test_client().get("/healthz").text == "ok\n"
        assert app.test_client().get("/readyz").text == "ready\n"

    def test_not_ready_without_tables_and_it_says_what_to_run(self, app, parts):
        with parts.database.connect() as connection:
            connection.execute(text("drop table alembic_version"))
            connection.commit()
        answer = app.test_client().get("/readyz")
        assert (answer.status_code, answer.text) == (503, "database: not migrated; run `flask db upgrade`\n")

    def test_not_ready_without_a_database(self, app, parts, tmp_path):
        parts.database.dispose()
        (tmp_path / "line.db").unlink()
        (tmp_path / "line.db").mkdir()
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503
        assert answer.text.startswith("database: ")
