"""Digits typed at a PIN or account prompt are never written anywhere; and if they were, this would find them."""

import base64
import logging
import re
from urllib.parse import quote

import pytest

from ivr import conversation
from ivr.call import Keys
from ivr.db.history import show_call

# Entries nobody else uses, so that finding one means it was typed: right, wrong, too short, too long, with other keys.
ACCOUNTS = ["83650274", "8365027", "83650274#", "836*0274", "70000012"]
PINS = ["918273", "91827", "918273#", "91*273", "9182736455"]


# Names of calls, requests and offers are random: one in a hundred runs, five digits of them would be those of an entry.
RANDOM = re.compile(rb"CA[0-9a-f]{32}|(?<![0-9a-f])(?=[0-9]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-f])")


def variants(digits: str) -> set[bytes]:
    plain = digits.strip("#").encode()
    return {
        plain,
        plain[::-1],
        plain.hex().encode(),
        base64.b64encode(plain).rstrip(b"="),
        quote(digits).encode(),
        b" ".join(bytes([byte]) for byte in plain),
    }


def call_with_secrets(phone) -> str:
    """Type every account number, each with every PIN, in as many calls as that takes; return what was sent back."""
    answers = []
    for account in ACCOUNTS:
        for pin in PINS:
            call = phone.dial("/voice", from_="+14155550199", to="+18005550100", status_callback="/voice/status")
            for keys in ["3", "1", account, pin, "*"]:
                if not call.ended:
                    call.press(keys)
            if not call.ended:
                call.hang_up()
            answers += [f"{exchange.url} {exchange.answer}" for exchange in call.requests]
    return "\n".join(answers)


def everything_written(folder, *texts: str) -> bytes:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    return RANDOM.sub(b"", b"\n".join([*(path.read_bytes() for path in files), *(text.encode() for text in texts)]))


def found(written: bytes) -> set[str]:
    known = {"70000012"}  # the account exists, so its number is in the database anyway
    return {
        digits
        for digits in {*ACCOUNTS, *PINS} - known
        for variant in variants(digits)
        if len(variant) > 4 and variant in written
    }


@pytest.fixture
def written(phone, demo, tmp_path, caplog, capfd):
    def write() -> bytes:
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "answerline"):
            answers = call_with_secrets(phone)
        demo.engine.dispose()
        return everything_written(tmp_path, answers, caplog.text, *capfd.readouterr())

    return write


def test_no_typed_secret_is_in_the_database_the_logs_or_the_output(written):
    assert found(written()) == set()


@pytest.mark.parametrize(
    ("path", "node"),
    [
        (["3", "1", "70000011", "*#"], "verify.pin_help"),
        (["3", "1", "*#"], "verify.account_help"),
        (["3", "1", "70000011", "204816"], "cancel_trial.confirm"),
    ],
)
def test_a_pin_typed_where_a_menu_waits_is_dots_key_by_key(phone, demo, path, node):
    call = phone.dial("/voice", from_="+14155550199", to="+18005550100")
    for keys in path:
        call.press(keys)
    for key in "85":
        call.press(key)
    turns = show_call(demo.engine, call.call_sid)["turns"]
    typed = [turn["input"] for turn in turns if f"{turn['flow']}.{turn['node']}" == node and turn["input"]]
    assert typed
    assert not set("".join(typed)) & set("0123456789")


def test_a_leak_into_the_call_log_would_be_found(written, monkeypatch):
    monkeypatch.setattr(conversation, "_shown", lambda heard, _node: getattr(heard, "digits", ""))
    assert {"918273", "83650274"} <= found(written())


def test_a_leak_into_the_logs_would_be_found(written, monkeypatch):
    labels = conversation._labels
    monkeypatch.setattr(conversation, "_labels", lambda turn: labels(turn) + f" {turn.call.facts}")
    monkeypatch.setattr(Keys, "__repr__", lambda self: self.digits)
    answer = conversation.Engine.answer

    def noted(self, call, at, tries, heard):
        logging.getLogger("answerline").debug("heard %r", heard)
        return answer(self, call, at, tries, heard)

    monkeypatch.setattr(conversation.Engine, "answer", noted)
    assert "918273" in found(written())


def test_a_failure_while_a_pin_is_checked_does_not_print_it(demo, phone, monkeypatch, caplog):
    def explode(*_):
        raise RuntimeError("bug")

    monkeypatch.setattr(type(demo.pins), "check", explode)
    call = phone.dial("/voice", from_="+14155550199", to="+18005550100")
    for keys in ["3", "1", "70000011", "918273"]:
        call.press(keys)
    assert "technical problem" in " ".join(call.heard)
    assert "RuntimeError: bug" in caplog.text
    assert not {digits for digits in ("918273", "70000011") if digits in caplog.text}
