"""Settings: defaults for a clone, refusals for production, and one line for every mistake."""

import stat

import pytest

from ivr.config import Settings
from ivr.local_secrets import local_secret
from ivr.setting_rules import SettingsError


def read(tmp_path, **environ):
    return Settings.from_env({"INSTANCE_DIR": str(tmp_path), **environ})


def test_a_clone_needs_no_settings(tmp_path):
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/answerline.db"
    assert settings.public_base_url == "http://127.0.0.1:5000"
    assert settings.is_demo
    assert settings.twilio_account_sid.startswith("AC")
    assert len(settings.twilio_account_sid) == 34


def test_generated_secrets_stay_the_same_and_are_their_owners_alone(tmp_path):
    assert read(tmp_path) == read(tmp_path)
    assert stat.S_IMODE((tmp_path / "pin_pepper").stat().st_mode) == 0o600


def test_secrets_differ_from_each_other_and_between_clones(tmp_path):
    settings = read(tmp_path / "one")
    secrets = {settings.secret_key, settings.pin_pepper, settings.twilio_auth_token}
    assert len(secrets) == 3
    assert local_secret("SECRET_KEY", tmp_path / "two") != settings.secret_key


def test_secrets_are_not_printed(tmp_path):
    settings = read(tmp_path, DATABASE_URL="sqlite:////tmp/password-in-url.db")
    shown = repr(settings)
    for secret in (settings.secret_key, settings.pin_pepper, settings.twilio_auth_token, "password-in-url"):
        assert secret not in shown


def test_the_public_address_follows_host_and_port(tmp_path):
    assert read(tmp_path, HOST="0.0.0.0", PORT="8080").public_base_url == "http://0.0.0.0:8080"  # noqa: S104


def test_a_blank_value_is_no_value(tmp_path):
    assert read(tmp_path, PORT=" ", COMPANY_NAME="").company_name == "GoToMeeting"


def test_a_database_server_means_production_and_every_missing_setting_is_named(tmp_path):
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, DATABASE_URL="postgresql://db/line", SECRET_KEY="x")
    message = str(refusal.value)
    assert "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, PIN_PEPPER, PUBLIC_BASE_URL" in message
    assert "SECRET_KEY" not in message
    assert not list(tmp_path.iterdir()), "nothing is generated on the way to a refusal"


def test_production_starts_with_all_of_them(tmp_path):
    names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "PIN_PEPPER")
    given = dict.fromkeys(names, "x") | {"PUBLIC_BASE_URL": "https://line.example.com/ivr/"}
    settings = read(tmp_path, DATABASE_URL="postgresql://db/line", **given)
    assert settings.base_path == "/ivr"
    assert not settings.is_demo


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "http", "PORT must be a whole number, not 'http'"),
        ("PORT", "70000", "PORT must be between 1 and 65535"),
        ("SECRET_FLOOR_MS", "-1", "SECRET_FLOOR_MS must be between 0 and 10000"),
        ("PUBLIC_BASE_URL", "line.example.com", "PUBLIC_BASE_URL must be http(s)://host"),
        ("PUBLIC_BASE_URL", "https://x.example/?a=1", "PUBLIC_BASE_URL must be http(s)://host"),
        ("PROMPT_MODE", "sing", "PROMPT_MODE must be play or say"),
        ("SALES_NUMBER", "1 888 646 0014", "SALES_NUMBER must be E.164"),
        ("SUPPORT_NUMBER", "+1", "SUPPORT_NUMBER must be E.164"),
        ("TIME_ZONE", "California", "TIME_ZONE must be an IANA name"),
        ("TIME_ZONE", "America", "TIME_ZONE must be an IANA name"),
        ("PUBLIC_BASE_URL", "http://[bad", "PUBLIC_BASE_URL must be http(s)://host"),
        ("PUBLIC_BASE_URL", "http://line.example.com:http", "PUBLIC_BASE_URL must be http(s)://host"),
        ("PUBLIC_BASE_URL", "http://line.example.com:70000", "PUBLIC_BASE_URL must be http(s)://host"),
        ("SALES_NUMBER", "+１８８８６４６００１４", "SALES_NUMBER must be E.164"),  # noqa: RUF001 the point
        ("TWILIO_API_BASE", "127.0.0.1:4010", "TWILIO_API_BASE must be http(s)://host"),
        ("CALLER_ID", "18005550100", "CALLER_ID must be E.164"),
        ("ALLOWED_COUNTRIES", "US,UK", "ALLOWED_COUNTRIES must be ISO codes of countries, like US,CA or GB, not 'UK'"),
        ("ALLOWED_COUNTRIES", "US,,CA", "ALLOWED_COUNTRIES must be ISO codes of countries, like US,CA or GB, not ''"),
        ("ALLOWED_COUNTRIES", "+1", "ALLOWED_COUNTRIES must be ISO codes of countries, like US,CA or GB, not '+1'"),
        ("VOICEMAIL_DAYS", "0", "VOICEMAIL_DAYS must be between 1 and 3650"),
        ("VOICEMAIL_DAYS", "ninety", "VOICEMAIL_DAYS must be a whole number, not 'ninety'"),
        ("COMPANY_NAME", "Go\nTo", "COMPANY_NAME must be text that can be printed"),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_its_name(tmp_path, name, value, reason):
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, **{name: value})
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_user_in_the_public_address_is_refused_without_its_password(tmp_path):
    with pytest.raises(SettingsError, match="PUBLIC_BASE_URL must be") as refusal:
        read(tmp_path, PUBLIC_BASE_URL="https://me:hush-hush@line.example.com")
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_a_secret_that_is_kept_as_nothing_is_refused_by_name(tmp_path, content):
    read(tmp_path)
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(SettingsError, match=rf"{tmp_path}/secret_key.*(is empty|not text)"):
        read(tmp_path)


@pytest.mark.parametrize("folder", ["/proc/nope", "/dev/null"])
def test_a_folder_for_secrets_that_cannot_be_used_is_one_line(folder):
    with pytest.raises(SettingsError, match=rf"kept in {folder}: [^\n]*$"):
        Settings.from_env({"INSTANCE_DIR": folder})


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_the_public_address_puts_brackets_around_ipv6(tmp_path, host):
    assert read(tmp_path, HOST=host).public_base_url == "http://[::1]:5000"


def test_several_mistakes_are_named_together(tmp_path):
    with pytest.raises(SettingsError, match=r"PROMPT_MODE.*SALES_NUMBER"):
        read(tmp_path, PROMPT_MODE="sing", SALES_NUMBER="x")


def test_a_generated_account_is_no_carrier_and_a_mock_or_a_real_one_is(tmp_path):
    assert not read(tmp_path).has_carrier
    assert read(tmp_path, TWILIO_API_BASE="http://127.0.0.1:4010").has_carrier
    assert read(tmp_path, TWILIO_ACCOUNT_SID="AC" + "9" * 32).has_carrier


def test_messages_are_kept_beside_the_database_unless_told_otherwise(tmp_path):
    assert read(tmp_path).voicemail_address == str(tmp_path / "voicemail")
    assert read(tmp_path, VOICEMAIL_STORAGE="s3://bucket/mail").voicemail_address == "s3://bucket/mail"


def test_numbers_of_the_united_states_and_canada_may_be_rung_unless_told_otherwise(tmp_path):
    assert read(tmp_path).countries == {"US", "CA"}
    assert read(tmp_path, ALLOWED_COUNTRIES="gb, IE").countries == {"GB", "IE"}
    assert read(tmp_path, CALLER_ID="+18005550100").caller_id == "+18005550100"
