"""Every setting of the line: one frozen dataclass, filled from the environment or a `.env` file.

Light on purpose: the simulator and every command import it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from ivr.local_secrets import GENERATED, PREVIOUS, ROTATED, local_secret
from ivr.setting_rules import COUNTRIES, PARTS, RANGES, SettingsError, is_private, problems

ROOT = Path(__file__).resolve().parent.parent
TWILIO = "https://api.twilio.com"
DEMO_NUMBER = "+18005550100"  # what the browser's telephone dials


def setting(default: Any, help_text: str, shown: str | None = None, *, secret: bool = False) -> Any:
    """Declare a setting: its default, one line of help, and how the default is shown in `docs/settings.md`.

    secret: never printed, not even in an error.
    """
    metadata = {"help": help_text, "shown": str(default) if shown is None else shown}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """What an operator can set. The environment's names are the field names in capitals."""

    host: str = setting("127.0.0.1", "address that `make run` serves on")
    port: int = setting(5000, "port that `make run` serves on")
    database_url: str = setting(
        "", "any SQLAlchemy URL; SQLite and PostgreSQL are tested", "an SQLite file in `instance/`", secret=True
    )
    database_replica_url: str = setting(
        "", "a read replica of PostgreSQL, for what staff look at (docs/database.md)", "none", secret=True
    )
    database_replica_lag_s: int = setting(5, "a replica further behind than so many seconds is not read")
    database_pool: int = setting(8, "connections to PostgreSQL that a process keeps beside those of webhooks")
    database_pooler: str = setting(
        "", "`pgbouncer` where one in transaction mode stands before PostgreSQL (docs/database.md)", "none"
    )
    database_lock_ms: int = setting(1000, "longest wait of a webhook for a lock of PostgreSQL, in milliseconds")
    database_statement_ms: int = setting(1500, "longest statement of a webhook on PostgreSQL, in milliseconds")
    database_connect_s: int = setting(2, "longest wait for a connection to PostgreSQL, in seconds")
    database_deadline_ms: int = setting(
        2000, "longest time that a webhook waits for the database in all; then it is answered without, in milliseconds"
    )
    spool_dir: str = setting(
        "", "where turns wait on disk while the database is away (docs/operations.md)", "`instance/spool/`"
    )
    public_base_url: str = setting(
        "", "the address the carrier calls; signatures are checked against it", "`http://HOST:PORT`"
    )
    twilio_account_sid: str = setting("", "your Twilio account", "generated, kept in `instance/`")
    twilio_auth_token: str = setting("", "signs and checks webhooks", "generated, kept in `instance/`", secret=True)
    twilio_api_base: str = setting(
        TWILIO, "another base for the REST API, such as a mock (docs/carrier.md)", "Twilio's own"
    )
    secret_key: str = setting("", "signs web sessions", "generated, kept in `instance/`", secret=True)
    pin_pepper: str = setting(
        "", "key of the PIN hashes; losing it voids every PIN", "generated, kept in `instance/`", secret=True
    )
    twilio_auth_token_previous: str = setting(
        "", "the other token of the account while it is changed (docs/secrets.md)", "none", secret=True
    )
    secret_key_previous: str = setting("", "the last `SECRET_KEY`, while it is changed", "none", secret=True)
    pin_pepper_previous: str = setting("", "the last `PIN_PEPPER`, until no PIN needs it", "none", secret=True)
    accounts_backend: str = setting(
        "", "`package.module:factory` of another account system (docs/accounts.md)", "the database"
    )
    prompt_mode: str = setting(
        "play",
        "`play`: rendered or recorded audio, `<Say>` where a clip is missing; `say`: every prompt as `<Say>`",
    )
    prompts_dir: Path = setting(  # noqa: RUF009 a setting is a field
        ROOT / "prompts", "recordings, pronunciation, and the clips built of them (docs/audio.md)", "`prompts/`"
    )
    voice_model: str = setting("", "path of another piper voice, an `.onnx` file with its `.json`", "an American man")
    say_voice: str = setting("Polly.Joanna-Neural", "voice of `<Say>`")
    say_language: str = setting(
        "en-US", "language that is spoken; one that is not English needs `prompts/LANGUAGE.toml`"
    )
    time_zone: str = setting("America/Los_Angeles", "whose calendar decides when a trial or a paid period ends")
    secret_floor_ms: int = setting(
        250, "least time an answer about a secret takes, in milliseconds, so that timing tells nothing"
    )
    company_name: str = setting("GoToMeeting", "who answers the telephone")
    company_website: str = setting("gotomeeting.com", "web address in text messages")
    sales_number: str = setting("+18886460014", "sales, E.164")
    support_number: str = setting("+18002636317", "global customer support, toll-free, E.164")
    support_direct_number: str = setting("+18056177000", "global customer support, direct dial, E.164")
    caller_id: str = setting(
        "",
        "number that those we ring see, one of the account's own; also sends text messages; E.164",
        "the one the caller dialled",
    )
    allowed_countries: str = setting(
        COUNTRIES, "countries whose numbers may be called back or texted, ISO codes (docs/carrier.md)"
    )
    departments_file: Path = setting(  # noqa: RUF009 a setting is a field
        ROOT / "ivr" / "departments.toml", "who takes calls, and when (docs/departments.md)", "`ivr/departments.toml`"
    )
    voicemail_storage: str = setting(
        "",
        "where messages are kept: a folder, or an address that fsspec knows, like `s3://bucket/voicemail`",
        "`instance/voicemail/`",
    )
    voicemail_days: int = setting(90, "how long a message is kept, in days (docs/voicemail.md)")
    text_days: int = setting(90, "how long numbers and words of texts are kept, in days (docs/texts.md)")
    call_days: int = setting(
        396, "how long calls are kept with all that was heard, keyed and noted, in days (docs/desk.md)"
    )
    pin_try_days: int = setting(
        30,
        "how long PIN tries are kept after an account's or a caller's last, in days; "
        "failures that close an account for good count for a year",
    )
    ledger_days: int = setting(2557, "how long the ledger of changes is kept, in days")
    audit_days: int = setting(2557, "how long the audit log and receipts are kept, in days")
    serve: str = setting(
        ",".join(PARTS),
        "what this server does, any of these: the carrier's webhooks, the console, the simulator, "
        "and the processes that call people back, send texts, fetch messages and keep house (docs/operations.md)",
    )
    workers: int = setting(0, "processes that answer requests", "2; 1 for a demo, and for a server without `voice`")
    threads: int = setting(0, "requests that each of them answers at once", "16")
    trusted_proxies: int = setting(
        0, "proxies before the line, each of which writes `X-Forwarded-For`: who signs in is told apart by it"
    )
    log_format: str = setting("", "`json` or `text`", "text at a terminal, JSON elsewhere")
    log_level: str = setting(
        "info", "`debug`, `info`, `warning` or `error`; at `info` there is a line for each webhook"
    )
    metrics_token: str = setting(
        "", "who shows it (`Authorization: Bearer ...`) may read `/metrics`", "`METRICS_ALLOW` decides", secret=True
    )
    metrics_allow: str = setting(
        "127.0.0.1,::1",
        "addresses and networks that may read `/metrics` where no token is set; never through a proxy",
    )
    events_url: str = setting(
        "", "addresses that are told what happens on the line, one or several (docs/events.md)", "nobody is told"
    )
    events_secret: str = setting(
        "", "`whsec_...`, signs events; two, the new one first, while receivers change over", "none", secret=True
    )
    events_private: str = setting("no", "`yes`: addresses of private networks may be told, too")
    events_numbers: str = setting("yes", "`no`: events hold no telephone numbers")
    events_simulated: str = setting("", "`yes` or `no`: whether simulated calls are told of", "only by a demo")
    event_days: int = setting(30, "how long events that were sent, or given up, are kept to be sent again, in days")
    instance_dir: Path = setting(None, "where the local database and generated secrets live", "`instance/`")  # noqa: RUF009 from_env fills it

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings; generate and keep local secrets where none are given.

        environ: what to read. Left out: the process environment over the project's `.env` file.
        Raises: SettingsError with every problem on one line.
        """
        env = _environment() if environ is None else environ
        given: dict[str, Any] = {
            f.name: env[f.name.upper()].strip() for f in fields(cls) if env.get(f.name.upper(), "").strip()
        }
        for name in (name for name, *_ in RANGES):
            if name in given:
                given[name] = _whole_number(name, given[name])
        given["instance_dir"] = Path(given.get("instance_dir", ROOT / "instance"))
        for name in ("prompts_dir", "departments_file"):
            if name in given:
                given[name] = Path(given[name])
        on_server = not given.get("database_url", "sqlite:").startswith("sqlite:")
        if on_server:
            missing = [n for n in (*GENERATED, "PUBLIC_BASE_URL") if n.lower() not in given]
            if missing:
                raise SettingsError(
                    f"DATABASE_URL names a server, so this is production: set {', '.join(missing)} as well"
                )
        for name in GENERATED:
            if name.lower() not in given:
                given[name.lower()] = local_secret(name, given["instance_dir"])
                previous = name.lower() + PREVIOUS
                if name in ROTATED and (given["instance_dir"] / previous).exists():
                    given.setdefault(previous, local_secret(previous, given["instance_dir"]))
        given.setdefault("database_url", f"sqlite:///{given['instance_dir']}/answerline.db")
        settings = cls(**given)
        settings = replace(settings, **settings._followed())
        settings.check()
        return settings

    def _followed(self) -> dict[str, Any]:
        """Settings that were not given, and follow from others."""
        found: dict[str, Any] = {}
        if not self.public_base_url:
            host = f"[{self.host.strip('[]')}]" if ":" in self.host else self.host
            found["public_base_url"] = f"http://{host}:{self.port}"
        if self.is_demo and not self.has_carrier and not self.caller_id:
            found["caller_id"] = DEMO_NUMBER
        return found

    def check(self) -> None:
        """Refuse settings that cannot work.

        Raises: SettingsError naming each.
        """
        if wrong := problems(self):
            raise SettingsError("; ".join(wrong))

    @property
    def parts(self) -> frozenset[str]:
        """What this server does."""
        return frozenset(part.strip() for part in self.serve.split(",") if part.strip())

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Tokens that webhooks may be signed with: two while the token is changed."""
        return tuple(filter(None, (self.twilio_auth_token, self.twilio_auth_token_previous)))

    @property
    def event_endpoints(self) -> tuple[str, ...]:
        """Addresses that are told what happens."""
        return tuple(self.events_url.split())

    @property
    def tells_simulated(self) -> bool:
        """Whether calls that nobody made are told of: a demo has no others."""
        return self.events_simulated == "yes" or (self.is_demo and not self.events_simulated)

    def environment(self) -> dict[str, str]:
        """Return the settings as variables for a process of ours; secrets are among them."""
        return {f.name.upper(): str(value) for f in fields(self) if (value := getattr(self, f.name)) not in {"", None}}

    @property
    def is_demo(self) -> bool:
        """Whether the database is the local one of a clone, which is filled with invented accounts."""
        return self.database_url == f"sqlite:///{self.instance_dir}/answerline.db"

    @property
    def demo_rest_base(self) -> str:
        """Where a demo is its own carrier: base of the REST interface for a client on this machine."""
        host = self.host.strip("[]")
        local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 that is not listened on, but called
        return f"http://{f'[{local}]' if ':' in local else local}:{self.port}/simulator/rest"

    def shows_simulator(self, host: str) -> bool:
        """Say whether whoever opens this line as `host` (a name or an address, with a port or not) may see its phone.

        Only where nobody but the operator can be: a demo, or a line without a public address, opened by this machine's
        name or by an address of a private network (docs/decisions.md, 15).
        """
        local = self.is_demo or is_private(urlsplit(self.public_base_url).hostname)
        return local and is_private(urlsplit(f"//{host}").hostname)

    @property
    def voicemail_address(self) -> str:
        """Where messages are kept."""
        return self.voicemail_storage or str(self.instance_dir / "voicemail")

    @property
    def spool_folder(self) -> Path:
        """Where turns wait on disk."""
        return Path(self.spool_dir) if self.spool_dir else self.instance_dir / "spool"

    @property
    def has_carrier(self) -> bool:
        """Whether an account of a carrier is set; one that was generated here fetches no messages from Twilio."""
        own = self.instance_dir / "twilio_account_sid"
        generated = own.exists() and own.read_text().strip() == self.twilio_account_sid
        return not generated or self.twilio_api_base != TWILIO

    @property
    def rest_base(self) -> str:
        """Base of the REST interface that calls and texts go through; '' where there is none.

        A demo without an account is its own carrier: the browser's telephone is rung.
        """
        if self.has_carrier:
            return self.twilio_api_base
        return self.demo_rest_base if self.is_demo else ""

    @property
    def countries(self) -> frozenset[str]:
        """Countries whose numbers may be called back or texted, ISO codes."""
        return frozenset(name.strip().upper() for name in self.allowed_countries.split(","))

    @property
    def scrapers(self) -> tuple[str, ...]:
        """Addresses and networks that may read the metrics."""
        return tuple(part.strip() for part in self.metrics_allow.split(",") if part.strip())

    @property
    def translation(self) -> Path:
        """What the line says in its language, where that is not the one the flows are written in."""
        return self.prompts_dir / f"{self.say_language}.toml"

    @property
    def clips_dir(self) -> Path:
        """Folder of the built audio."""
        return self.prompts_dir / "built" / self.say_language

    @property
    def base_path(self) -> str:
        """Path part of the public address, without a trailing slash: '' or '/ivr'."""
        return urlsplit(self.public_base_url).path.rstrip("/")


def carrier_credentials() -> tuple[str, str]:
    """Return the account SID and the token that this clone's webhooks are signed with: set, or generated here."""
    environ = _environment()
    folder = Path(environ.get("INSTANCE_DIR", "") or ROOT / "instance")
    sid, token = (environ.get(name, "").strip() or local_secret(name, folder) for name in GENERATED[:2])
    return sid, token


def _environment() -> Mapping[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 the simulator starts without it

    return {**{k: v for k, v in dotenv_values(ROOT / ".env").items() if v}, **os.environ}


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name.upper()} must be a whole number, not {text!r}") from None
