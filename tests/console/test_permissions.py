"""Every page of the console, and the least role that may open it. A page that is not in this table fails the test."""

import re
from urllib.parse import quote

import pytest

from ivr.console.desk import NEEDS
from ivr.staff import Role

ANYBODY, STAFF, LEAD, ADMIN = None, Role.STAFF, Role.LEAD, Role.ADMIN
# method, an address of that page, least role
MATRIX = {
    "console.sign_in": [("GET", "/console/sign-in", ANYBODY), ("POST", "/console/sign-in", ANYBODY)],
    "console.static": [("GET", "/console/static/console.css", ANYBODY)],
    "console.sign_in_code": [("GET", "/console/sign-in/code", ANYBODY), ("POST", "/console/sign-in/code", ANYBODY)],
    "console.sign_out": [("POST", "/console/sign-out", STAFF)],
    "console.nowhere": [("GET", "/console/nowhere/at-all", STAFF)],
    "console.home": [("GET", "/console", STAFF)],
    "console.calls": [("GET", "/console/calls", STAFF)],
    "console.call": [("GET", "/console/calls/CA1", STAFF)],
    "console.call_replay": [("GET", "/console/calls/CA1.call", STAFF)],
    "console.call_message": [("GET", "/console/calls/CA1/messages/1.wav", LEAD)],
    "console.call_peaks": [("GET", "/console/calls/CA1/messages/1/peaks", LEAD)],
    "console.call_correct": [("POST", "/console/calls/CA1/disposition", LEAD)],
    "console.call_assign": [("POST", "/console/calls/CA1/assign", STAFF)],
    "console.call_flag": [("POST", "/console/calls/CA1/follow-up", STAFF)],
    "console.call_note": [("POST", "/console/calls/CA1/notes", STAFF)],
    "console.call_note_change": [("POST", "/console/calls/CA1/notes/1", STAFF)],
    "console.carrier_errors": [("GET", "/console/carrier-errors", LEAD)],
    "console.live": [("GET", "/console/live", STAFF)],
    "console.live_now": [("GET", "/console/live/now", STAFF)],
    "console.work": [("GET", "/console/work", STAFF)],
    "console.work_missed": [("GET", "/console/work/missed", STAFF)],
    "console.work_missed_seen": [("POST", "/console/work/missed/CA1/seen", STAFF)],
    "console.work_follow_ups": [("GET", "/console/work/follow-ups", STAFF)],
    "console.work_follow_up_done": [("POST", "/console/work/follow-ups/CA1/done", STAFF)],
    "console.work_mine": [("GET", "/console/work/mine", STAFF)],
    "console.work_mine_done": [("POST", "/console/work/mine/CA1/done", STAFF)],
    "console.work_messages": [("GET", "/console/work/messages", LEAD)],
    "console.message_audio": [("GET", "/console/messages/1/audio", LEAD)],
    "console.work_message_done": [("POST", "/console/work/messages/1/done", LEAD)],
    "console.work_message_delete": [("POST", "/console/work/messages/1/delete", LEAD)],
    "console.work_message_retry": [("POST", "/console/work/messages/1/retry", LEAD)],
    "console.work_callbacks": [("GET", "/console/work/callbacks", LEAD)],
    "console.work_callback_end": [("POST", "/console/work/callbacks/1/end", LEAD)],
    "console.work_locks": [("GET", "/console/work/locks", LEAD)],
    "console.work_lock_release": [("POST", "/console/work/locks/1/release", LEAD)],
    "console.work_texts": [("GET", "/console/work/texts", LEAD)],
    "console.work_text_retry": [("POST", "/console/work/texts/1/retry", LEAD)],
    "console.work_text_done": [("POST", "/console/work/texts/1/done", LEAD)],
    "console.work_events": [("GET", "/console/work/events", LEAD)],
    "console.work_event_retry": [("POST", "/console/work/events/1/retry", LEAD)],
    "console.work_event_done": [("POST", "/console/work/events/1/done", LEAD)],
    "console.profile": [("GET", "/console/profile", STAFF)],
    "console.change_password": [("POST", "/console/profile/password", STAFF)],
    "console.change_zone": [("POST", "/console/profile/zone", STAFF)],
    "console.factor": [("GET", "/console/profile/factor", STAFF), ("POST", "/console/profile/factor", STAFF)],
    "console.remove_factor": [("POST", "/console/profile/factor/remove", STAFF)],
    "console.staff_list": [("GET", "/console/staff", ADMIN)],
    "console.staff_add": [("POST", "/console/staff/add", ADMIN)],
    "console.staff_one": [("GET", "/console/staff/1", ADMIN)],
    "console.staff_change": [("POST", "/console/staff/1/change", ADMIN)],
    "console.staff_password": [("POST", "/console/staff/999/password", ADMIN)],
    "console.staff_factor": [("POST", "/console/staff/1/factor", ADMIN)],
    "console.audit": [("GET", "/console/audit", ADMIN)],
    "console.audit_csv": [("GET", "/console/audit.csv", ADMIN)],
    "console.accounts": [("GET", "/console/accounts", STAFF)],
    "console.account": [("GET", "/console/accounts/70000011", STAFF)],
    "console.account_unlock": [("POST", "/console/accounts/70000011/unlock", LEAD)],
    "console.account_undo": [
        ("GET", "/console/accounts/70000017/undo/000000", ADMIN),
        ("POST", "/console/accounts/70000017/undo/000000", ADMIN),
    ],
    "console.account_pin": [
        ("GET", "/console/accounts/70000011/pin", ADMIN),
        ("POST", "/console/accounts/70000011/pin", ADMIN),
    ],
    "console.calls_csv": [("GET", "/console/calls.csv", STAFF)],
    "console.calls_newer": [("GET", "/console/calls/newer", STAFF)],
    "console.calls_json": [("GET", "/console/calls.json", STAFF)],
    "console.save_filter": [("POST", "/console/filters", STAFF)],
    "console.delete_filter": [("POST", "/console/filters/1/delete", STAFF)],
    "console.prompts": [("GET", "/console/prompts", ADMIN)],
    "console.prompt": [("GET", "/console/prompts/common.lost", ADMIN)],
    "console.prompt_try": [("POST", "/console/prompts/common.lost/try", ADMIN)],
    "console.prompt_draft": [("GET", "/console/prompts/common.lost/draft/x.wav", ADMIN)],
    "console.prompt_put": [("POST", "/console/prompts/common.lost/put", ADMIN)],
    "console.prompt_discard": [("POST", "/console/prompts/common.lost/discard", ADMIN)],
    "console.prompt_reset": [("POST", "/console/prompts/common.lost/reset", ADMIN)],
    "console.data": [("GET", "/console/data", ADMIN)],
    "console.data_erase": [("POST", "/console/data/erase", ADMIN)],
    "console.data_hold": [("POST", "/console/data/holds", ADMIN)],
    "console.data_release": [("POST", "/console/data/holds/1/release", ADMIN)],
    "console.insight": [("GET", "/console/insight", STAFF)],
    "console.insight_part": [("GET", "/console/insight/part/calls", STAFF)],
    "console.insight_plotly": [("GET", "/console/insight/plotly-0.js", STAFF)],
}


SHUT = {"console.sign_in", "console.sign_in_code", "console.sign_out", "console.change_password", "console.factor"}


def rules(app):
    return {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")}


def test_every_page_is_in_the_table(app):
    assert rules(app).keys() == MATRIX.keys() == NEEDS.keys()


def test_every_method_of_every_page_is_in_the_table(app):
    for endpoint, rule in rules(app).items():
        assert rule.methods - {"HEAD", "OPTIONS"} == {method for method, *_ in MATRIX[endpoint]}, endpoint


@pytest.mark.parametrize("role", [None, *Role])
def test_each_page_opens_for_its_roles_and_for_no_other(desk, role):
    wrong, who = [], None
    for endpoint, asked in MATRIX.items():
        for method, address, least in asked:
            who = who or desk(role)
            answer = who.get(address) if method == "GET" else who.post(address)
            if method == "POST" and endpoint in SHUT:
                who = None  # somebody new asks for the next page
            if least is None:
                opened = True
            elif role is None:
                opened = answer.status_code not in {302, 401} or not answer.headers.get("Location", "").startswith(
                    "/console/sign-in"
                )
            else:
                opened = answer.status_code != 403
            may = least is None or (role is not None and role.covers(least))
            if opened is not may or answer.status_code == 500:
                wrong.append((endpoint, method, answer.status_code))
    assert wrong == []


# Whatever is asked of a page, in whatever way, its role is asked for first.
@pytest.mark.parametrize("method", ["HEAD", pytest.param("OPTIONS", marks=pytest.mark.slow)])
def test_other_ways_of_asking_need_the_same_role(desk, method):
    who = {role: desk(role) for role in [None, *Role]}
    wrong = []
    for endpoint, asked in MATRIX.items():
        for how, address, least in asked:
            if method == "HEAD" and how != "GET":
                continue
            for role, someone in who.items():
                may = least is None or (role is not None and role.covers(least))
                answer = someone.client.open(address, method=method, buffered=True)
                refused = answer.status_code == (302 if role is None else 403)
                if endpoint != "console.sign_in_code" and (refused is may or answer.status_code == 500):
                    wrong.append((endpoint, role, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_a_method_of_no_page_is_refused(desk, method):
    ada = desk(Role.ADMIN)
    addresses = {address for asked in MATRIX.values() for _, address, _ in asked}
    answers = {address: ada.client.open(address, method=method, buffered=True).status_code for address in addresses}
    assert set(answers.values()) == {405}, answers


# A page is never opened by an id that somebody made up, and nothing breaks.
FORGED = ("9" * 30, "\0")
MORE = ("0", "' OR 1=1 --", "..", "-1", "1e9", "\N{SNOWMAN}", "a" * 300, "<b>", "None")


@pytest.mark.parametrize("forged", [*FORGED, *(pytest.param(each, marks=pytest.mark.slow) for each in MORE)], ids=ascii)
def test_forged_ids_are_not_found(desk, app, forged):
    ada = desk(Role.ADMIN)
    wrong = []
    for endpoint, rule in rules(app).items():
        if not rule.arguments:
            continue
        address = re.sub("<[^>]+>", lambda _: quote(forged, safe=""), rule.rule)
        for method in rule.methods & {"GET", "POST"}:
            answer = ada.get(address) if method == "GET" else ada.post(address, reason="a test")
            taken_off = answer.status_code == 302 and answer.location.startswith("/console/work/")  # its list says so
            if answer.status_code not in {308, 400, 404, 405, 409} and not taken_off:
                wrong.append((endpoint, method, address, answer.status_code))
    assert wrong == []


# A form without the token of its page changes nothing, on any page.
def test_no_form_is_taken_without_its_token(desk):
    ada = desk(Role.ADMIN)
    posts = [(endpoint, address) for endpoint, asked in MATRIX.items() for how, address, _ in asked if how == "POST"]
    answers = {endpoint: ada.client.post(address, data={"x": "y"}).status_code for endpoint, address in posts}
    assert set(answers.values()) == {400}, answers


# Ten megabytes of anything are refused before they are read.
def test_no_form_is_taken_that_is_too_large(desk):
    answer = desk(Role.STAFF).post("/console/profile/zone", zone="x" * 10_000_000)
    assert answer.status_code == 413
    assert "Too much at once" in answer.text
