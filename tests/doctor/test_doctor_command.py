"""`flask doctor` as an operator sees it."""

import json
import os
import shutil
import time

import pytest
from fake_carrier import TOKEN
from forked import run
from server import environment

from ivr.doctor import round as rounds
from ivr.doctor.findings import Severity, SkipError, warning
from ivr.doctor.round import examine
from ivr.service_errors import ServiceError


def doctor(ward, *words):
    result = ward.app.test_cli_runner().invoke(args=["doctor", *words])
    return result.exit_code, result.output


def test_what_is_broken_is_told_with_its_mend_and_an_exit_code(ward):
    ward.number["voice_method"] = "GET"
    code, said = doctor(ward)
    assert code == 1
    assert "broken   numbers.method +14155550100: a call comes in by GET; this line takes POST" in said
    assert "         mend: flask numbers connect +14155550100" in said
    assert "1 broken, 0 to look at." in said


def test_a_warning_is_no_failure_and_the_report_can_be_read_by_programs(ward):
    ward.carrier.account["type"] = "Trial"
    code, said = doctor(ward, "--json")
    report = json.loads(said)
    assert code == 0
    assert [(one["name"], one["severity"]) for one in report["findings"]] == [("carrier.trial", "warning")]
    assert {one["check"] for one in report["skipped"]} == {"prompts.audio", "prompts.recordings"}


# Without a network the rest is looked at, and what could not be says why.
def test_without_a_network_what_was_left_out_is_named(ward):
    ward.start(twilio_api_base="http://127.0.0.1:9", public_base_url="https://line.example.com:9")
    code, said = doctor(ward)
    assert code == 1
    assert "carrier.away" in said
    assert "line.away" in said
    assert "the account's numbers are not known: the carrier does not answer" in said


def test_no_secret_is_shown(ward):
    ward.number["voice_url"] = "https://user:hunter2@old.example.com/voice?key=hunter2"
    secrets = (TOKEN, ward.settings.secret_key, ward.settings.pin_pepper, "hunter2")
    for words in ([], ["--json"]):
        said = doctor(ward, *words)[1]
        assert "old.example.com/voice" in said
        assert not [secret for secret in secrets if secret in said]


def test_a_disk_that_is_nearly_full(ward, monkeypatch):
    usage = type("Usage", (), {"free": 40_000_000})
    monkeypatch.setattr("ivr.doctor.files.shutil.disk_usage", lambda _: usage)
    found = ward.doctor()
    assert found.keys() == {"disk.full"}
    assert found["disk.full"].severity is Severity.BROKEN


def test_turns_that_wait_on_disk_for_long_and_what_nobody_could_write(ward):
    folder = ward.line.settings.spool_folder
    folder.mkdir()
    for name in ("1-1.jsonl", "1-1.unreadable"):
        (folder / name).write_text("{}\n")
        os.utime(folder / name, (0, 0))
    assert ward.doctor().keys() == {"spool.late", "spool.aside"}
    shutil.rmtree(folder)
    folder.write_text("in the way")
    assert ward.doctor().keys() == {"spool.folder"}
    folder.unlink()


# The line does not start, and the doctor says why, a finding for each thing.
@pytest.mark.parametrize(
    ("settings", "names", "mend"),
    [
        ({"TIME_ZONE": "Mars", "CALLER_ID": "12"}, ["settings.value", "settings.value"], "correct CALLER_ID"),
        ({"DATABASE_URL": "postgresql://u:hunter2@h/d"}, ["settings.production"], "set TWILIO_ACCOUNT_SID"),
        ({"DEPARTMENTS_FILE": "/nowhere/departments.toml"}, ["departments.file"], "flask line hours"),
    ],
)
def test_a_line_that_does_not_start(tmp_path, settings, names, mend):
    result = run("doctor", "--json", env=environment(INSTANCE_DIR=str(tmp_path), **settings), text=True)
    assert result.returncode == 1, result.stderr
    report = json.loads(result.stdout)
    assert [one["name"] for one in report["findings"]] == names
    assert mend in report["findings"][0]["mend"]
    assert "hunter2" not in result.stdout + result.stderr
    assert {one["why"] for one in report["skipped"]} == {"the line does not start: its settings come first"}


# One check that fails, or never ends, does not stop the others; what it found before that is kept.
def test_checks_do_not_wait_for_each_other(monkeypatch):
    monkeypatch.setattr(rounds, "LIMIT_S", 0.2)

    def fails(_):
        yield warning("a.b", "one thing", "do")
        raise ValueError("of the check itself")

    def hangs(_):
        yield warning("c.d", "never told", "do")
        time.sleep(2)

    def away(_):
        raise ServiceError("the database is away")

    def skips(_):
        raise SkipError("not here")

    def good(_):
        yield warning("e.f", "another thing", "do")

    report = examine([hangs, fails, away, skips, good], None)
    assert [one.name for one in report.findings] == ["a.b", "doctor.check", "e.f"]
    assert "of the check itself" in report.findings[1].what
    whys = {one.check.rpartition(".")[2]: one.why for one in report.skipped}
    assert whys == {"hangs": "not done within 0 s", "away": "the database is away", "skips": "not here"}
