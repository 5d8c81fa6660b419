"""The plugin on three applications that share nothing with this project."""

import subprocess
import sys
from pathlib import Path

import phone_tree
import pytest
import voicemail
import waiting_line

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def address():
    command = [sys.executable, "-u", HERE / "waiting_line.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.terminate()


def test_a_phone_tree_in_flask(phone):
    call = phone.dial(phone_tree.app, "/voice")
    call.hears("For Dagobah, press 2.").press("9").hears("There is no such planet.").hears("Welcome")
    call.waits().hears("We didn't hear you.").press("2").hears("Dagobah it is.").lacks("Brodo").ends("completed")


@pytest.mark.parametrize(("status", "heard"), [("completed", "Good to talk"), ("busy", "Nobody is there")])
def test_a_person_behind_a_phone_tree(phone, status, heard):
    call = phone.dial(phone_tree.app, "/voice", people={phone_tree.PERSON: status}).press("0")
    call.rings(phone_tree.PERSON).hears("One moment. ... " + heard).ends(by="application")


def test_a_voicemail_in_an_asgi_framework(phone):
    log = []
    app = voicemail.create_app(log)
    call = phone.dial(app, "/mail/voice?owner=Eve").hears("This is Eve's voicemail.")
    call.says("please call me back when you can").waits().hears("seconds. To record again, press 1.")
    call.press("1").hears("This is Ann's voicemail.").says("it is me").waits().press("2").hears("You are caller 1.")
    call.ends("completed")
    phone.dial(app, "/mail/voice").says("hello").waits().press("2").hears("You are caller 2.")
    assert log == ["opened"], "the application lives as long as the telephone"
    phone.close()
    assert log == ["opened", "closed"]


def test_a_waiting_line_over_http_in_another_process(phone, address):
    first = phone.dial(address).hears("All our agents are busy. ... You are number 2 in line.")
    second = phone.dial(address).hears("You are number 2 in line.").press("1").hears("We will call you back.")
    second.ends("completed", by="application")
    first.waits().hears("You are number 1 in line.").waits().hears("It is your turn.")
    first.is_transferred_to(waiting_line.AGENT).hears("Goodbye.").ends()


def test_a_caller_leaves_the_waiting_line(phone, address):
    call = phone.dial(address, people={"*": "no-answer"}).waits().waits().rings(waiting_line.AGENT)
    call.hears("The agent has gone. All our agents are busy.").hangs_up().ends("completed", by="caller")
