"""Putting the line together: another account system, and what happens when it cannot be had."""

from dataclasses import replace
from datetime import UTC, date

import pytest
from carrier import BASE, TOKEN

from ivr.accounts import Account, Plan
from ivr.bootstrap import build
from ivr.memory_accounts import MemoryAccounts
from ivr.setting_rules import SettingsError
from ivr.simulator import Phone
from ivr.web import create_app

ANN = Account("a1", "88000010", "Ann", Plan.TRIAL, trial_ends_on=date(2027, 3, 13))


def billing(_settings):
    """The factory that an operator would name in ACCOUNTS_BACKEND."""
    return MemoryAccounts([(ANN, "482913")])


def test_another_account_system_serves_the_same_calls(settings, clock):
    app = create_app(replace(settings, accounts_backend=f"{__name__}:billing"), clock)
    parts = app.extensions["answerline"]
    call = Phone(app, auth_token=TOKEN, base_url=BASE).dial("/voice")
    for keys in ["3", "1", "88000010", "111999", "88000010", "482913", "2#"]:
        call.press(keys)
    assert "Your confirmation code is" in " ".join(call.heard)
    assert parts.accounts.get("a1").cancels_at_trial_end
    parts.database.dispose()


@pytest.mark.parametrize("name", ["nowhere:connect", "ivr.memory_accounts:connect", "ivr.memory_accounts", ":"])
def test_an_account_system_that_cannot_be_loaded_is_one_line(settings, name):
    with pytest.raises(SettingsError, match=r"^ACCOUNTS_BACKEND=.* cannot be loaded: [^\n]*$"):
        build(replace(settings, accounts_backend=name))


def test_today_is_the_companys_day(settings):
    clock = build(replace(settings, time_zone="Pacific/Kiritimati")).clock
    assert clock.now().tzinfo is UTC
    assert (clock.today() - clock.now().date()).days in {0, 1}


def test_another_language_is_spoken_where_it_is_translated(settings, clock, tmp_path):
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "de-DE.toml").write_text(
        '["welcome.greeting"]\nenglish = "Thanks for calling {company} support."\ntext = "Hier ist {company}."\n'
    )
    app = create_app(replace(settings, say_language="de-DE", prompts_dir=folder), clock)
    call = Phone(app, auth_token=TOKEN, base_url=BASE).dial("/voice")
    assert call.heard[0] == "Hier ist GoToMeeting."
    app.extensions["answerline"].database.dispose()


def test_a_language_that_is_not_translated_is_refused_and_another_english_is_not(settings, tmp_path):
    with pytest.raises(SettingsError, match=r"^SAY_LANGUAGE=de-DE: .*de-DE\.toml: [^\n]*`flask prompts translate`"):
        build(replace(settings, say_language="de-DE", prompts_dir=tmp_path))
    build(replace(settings, say_language="en-GB", prompts_dir=tmp_path)).database.dispose()
