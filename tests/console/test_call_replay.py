"""A logged call as a file: the simulator plays it, and today's line says what the log says."""

import pytest
from desks import leaves_a_message

from ivr import flows
from ivr.console import replay_file
from ivr.simulator.callfile import ACTS, play

ANN, PIN = "70000011", "204816"
PATHS = {
    "a menu, an answer and back": ["5", "9", "4", "*"],
    "silences and wrong keys": [None, "7", None, "5"],
    "a known caller, a PIN and a change": ["3", "1", "1", PIN, "2#"],
    "a wrong PIN": ["3", "1", "2", ANN, "000000", "1", PIN, "1#"],
    "too few digits and help": ["3", "1", "2", "123#", "*#", "1", "0#"],
    "a person": ["0"],
}


@pytest.fixture
def is_demo(monkeypatch):
    monkeypatch.setattr("ivr.config.Settings.is_demo", True)


def placed(phone, acts, **options):
    call = phone.dial(from_="+14155550111", **options)
    for act in acts:
        if call.ended:
            break
        call.waits() if act is None else call.press(act)
    if not call.ended:
        call.hangs_up()
    return call.call_sid


@pytest.fixture
def again(phone, call_acts, tmp_path):
    """Play a file."""

    def played(text):
        (tmp_path / "again.call").write_text(text)
        play(tmp_path / "again.call", phone, {**ACTS, **call_acts})

    return played


def undone(staffed):
    """Let the account be as it was before the call."""
    from sqlalchemy import text  # noqa: PLC0415

    with staffed.database.begin() as connection:
        connection.execute(text("update accounts set cancels_at_trial_end = false"))


# What was heard and pressed is heard and pressed again; in a demo, with the PIN of the demo account.
@pytest.mark.parametrize("acts", PATHS.values(), ids=PATHS)
@pytest.mark.usefixtures("is_demo")
def test_a_call_replays(desk, staffed, phone, again, acts):
    sid = placed(phone, acts)
    undone(staffed)
    again(desk("lead").get(f"/console/calls/{sid}.call").text)


def test_a_message_replays(desk, phone, again):
    call = leaves_a_message(phone, from_="+14155550111")
    again(desk("lead").get(f"/console/calls/{call.call_sid}.call").text)


# Where the flows have changed, the replay says in which line.
def test_the_first_difference(desk, phone, again):
    sid = placed(phone, ["5"])
    text = desk("lead").get(f"/console/calls/{sid}.call").text
    with pytest.raises(AssertionError, match=r"again\.call:\d+: hears"):
        again(text.replace("log in", "look out").replace("My Account", "Our Account"))


# Nobody wrote the PIN down, so outside a demo the replay ends where it was typed.
def test_secrets_end_the_replay(desk, staffed, phone):  # noqa: ARG001
    sid = placed(phone, PATHS["a known caller, a PIN and a change"])
    text = desk("lead").get(f"/console/calls/{sid}.call").text
    assert PIN not in text
    assert text.endswith("which is written nowhere: the replay ends.\nhangs    up\n")


def test_a_wrong_key_is_one_that_means_nothing():
    for _, node in flows.line().nodes():
        if isinstance(node, replay_file.Menu):
            assert set("87654321") - {option.key for option in node.options}


def test_only_what_a_caller_heard_is_replayed(desk, phone, staffed):
    placed(phone, ["0"])
    from ivr.db.models.calls import CallRow  # noqa: PLC0415

    with staffed.database.begin() as connection:
        leg = connection.scalar(CallRow.__table__.select().where(CallRow.leg.is_not(None)))
    assert desk("lead").get(f"/console/calls/{leg}.call").status_code == 404
