"""Every setting of the line: one frozen dataclass, filled from the environment or a `.env` file.

Light on purpose: the simulator and every command import it.
"""

import os
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parent.parent
_GENERATED = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "PIN_PEPPER")

TWILIO = "https://api.twilio.com"
_E164 = (r"\+[0-9]{7,15}", "E.164, like +18002636317")
_FORMS = {
    "prompt_mode": ("play|say", "play or say"),
    "database_pooler": ("(pgbouncer)?", "pgbouncer, or empty"),
    "say_language": (r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", "a language tag, like en-US"),
    "sales_number": _E164,
    "support_number": _E164,
    "support_direct_number": _E164,
    "caller_id": (rf"({_E164[0]})?", _E164[1]),
    "log_format": ("(json|text)?", "json or text"),
    "log_level": ("debug|info|warning|error", "debug, info, warning or error"),
    "events_private": ("yes|no", "yes or no"),
    "events_numbers": ("yes|no", "yes or no"),
    "events_simulated": ("(yes|no)?", "yes or no"),
}
COUNTRIES = "US,CA"
PARTS = ("voice", "console", "simulator", "helpers")
TOKEN_MIN = 16
_SECRET_BYTES = range(24, 65)  # by the specification of Standard Webhooks
DEMO_NUMBER = "+18005550100"  # what the browser's telephone dials

_RANGES = (
    ("port", 1, 65535),
    ("workers", 0, 64),
    ("threads", 0, 128),
    ("secret_floor_ms", 0, 10_000),
    ("voicemail_days", 1, 3650),
    ("text_days", 2, 3650),  # a day's texts to a number are counted in what is kept
    ("call_days", 30, 36_500),  # a caller who calls again within seven days is counted
    ("pin_try_days", 2, 3650),  # a day's tries are counted in what is kept
    ("ledger_days", 365, 36_500),
    ("audit_days", 365, 36_500),
    ("event_days", 4, 3650),  # they are tried for three
    ("database_replica_lag_s", 1, 3600),
    ("database_pool", 1, 1000),
    ("database_lock_ms", 10, 60_000),
    ("database_statement_ms", 10, 600_000),
    ("database_connect_s", 2, 60),  # libpq knows no less
)


class SettingsError(ValueError):
    """A setting is missing or cannot be understood; the message is one line and says what to do."""


def setting(default: Any, help_text: str, shown: str | None = None, *, secret: bool = False) -> Any:
    """Declare a setting: its default, one line of help, and how the default is shown in the README.

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
    pin_try_days: int = setting(30, "how long PIN tries are kept after an account's or a caller's last, in days")
    ledger_days: int = setting(2557, "how long the ledger of changes is kept, in days")
    audit_days: int = setting(2557, "how long the audit log and receipts are kept, in days")
    serve: str = setting(
        ",".join(PARTS),
        "what this server does, any of these: the carrier's webhooks, the console, the simulator, "
        "and the processes that call people back, send texts, fetch messages and keep house (docs/operations.md)",
    )
    workers: int = setting(0, "processes that answer requests", "2; 1 for a demo")
    threads: int = setting(0, "requests that each of them answers at once", "16")
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
        for name in (name for name, *_ in _RANGES):
            if name in given:
                given[name] = _whole_number(name, given[name])
        given["instance_dir"] = Path(given.get("instance_dir", ROOT / "instance"))
        for name in ("prompts_dir", "departments_file"):
            if name in given:
                given[name] = Path(given[name])
        on_server = not given.get("database_url", "sqlite:").startswith("sqlite:")
        if on_server:
            missing = [n for n in (*_GENERATED, "PUBLIC_BASE_URL") if n.lower() not in given]
            if missing:
                raise SettingsError(
                    f"DATABASE_URL names a server, so this is production: set {', '.join(missing)} as well"
                )
        for name in _GENERATED:
            if name.lower() not in given:
                given[name.lower()] = local_secret(name, given["instance_dir"])
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
        wrong: list[str] = []
        for name in ("public_base_url", "twilio_api_base"):
            if not _web_address(address := getattr(self, name)):
                shown = "one with a user in it" if "@" in address else repr(address)
                wrong.append(f"{name.upper()} must be http(s)://host[:port][/path], not {shown}")
        if not self.company_name.isprintable():
            wrong.append("COMPANY_NAME must be text that can be printed, on one line")
        wrong += self._ill_formed()
        if not self.parts or self.parts - set(PARTS):
            wrong.append(f"SERVE must be one or more of {', '.join(PARTS)}, not {self.serve!r}")
        if self.is_demo and "simulator" in self.parts and self.workers > 1:
            wrong.append("WORKERS must be 1 for a demo, which is its own carrier, or SERVE must leave out simulator")
        wrong += self._unknown_places() + self._open_metrics() + self._wrong_events()
        if wrong:
            raise SettingsError("; ".join(wrong))

    def _ill_formed(self) -> list[str]:
        wrong: list[str] = []
        for name, least, most in _RANGES:
            if not least <= getattr(self, name) <= most:
                wrong.append(f"{name.upper()} must be between {least} and {most}")
        for name, (pattern, what) in _FORMS.items():
            if not re.fullmatch(pattern, getattr(self, name)):
                wrong.append(f"{name.upper()} must be {what}, not {getattr(self, name)!r}")
        return wrong

    @property
    def parts(self) -> frozenset[str]:
        """What this server does."""
        return frozenset(part.strip() for part in self.serve.split(",") if part.strip())

    def _unknown_places(self) -> list[str]:
        wrong: list[str] = []
        if self.allowed_countries != COUNTRIES:
            from ivr.numbers import unknown_countries  # noqa: PLC0415 28 ms, for who asks for others

            if unknown := unknown_countries(self.countries):
                named = ", ".join(map(repr, unknown))
                wrong.append(f"ALLOWED_COUNTRIES must be ISO codes of countries, like US,CA or GB, not {named}")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder
            wrong.append(f"TIME_ZONE must be an IANA name, like Europe/London, not {self.time_zone!r}")
        return wrong

    def _open_metrics(self) -> list[str]:
        wrong: list[str] = []
        if self.metrics_token and len(self.metrics_token) < TOKEN_MIN:
            wrong.append(f"METRICS_TOKEN must have at least {TOKEN_MIN} characters, such as of `openssl rand -hex 16`")
        for network in self.scrapers:
            try:
                ip_network(network, strict=False)
            except ValueError:
                wrong.append(f"METRICS_ALLOW must be addresses or networks, like 10.0.0.0/8, not {network!r}")
        return wrong

    def _wrong_events(self) -> list[str]:
        wrong: list[str] = []
        for address in self.event_endpoints:
            parts = urlsplit(address)
            if not _web_address(address):
                wrong.append("EVENTS_URL must be https://host[:port][/path], without a user or a query; or several")
            elif parts.scheme != "https" and not is_loopback(parts.hostname):
                wrong.append("EVENTS_URL must begin with https://; http:// is only for this machine itself")
        if len(set(self.event_endpoints)) < len(self.event_endpoints):
            wrong.append("EVENTS_URL names an address twice")
        if any(not _signs(secret) for secret in self.events_secret.split()):
            wrong.append("EVENTS_SECRET must be whsec_ and 24 to 64 random bytes in base64; or two of them")
        elif self.event_endpoints and not self.events_secret:
            wrong.append('EVENTS_URL needs EVENTS_SECRET; echo "whsec_$(openssl rand -base64 32)" makes one')
        return wrong

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
    sid, token = (environ.get(name, "").strip() or local_secret(name, folder) for name in _GENERATED[:2])
    return sid, token


def local_secret(name: str, instance_dir: Path) -> str:
    """Return this clone's own value of a secret, made at first use and readable by its owner only."""
    path = instance_dir / name.lower()
    try:
        return _kept(path) if path.exists() else _made(name, path)
    except (OSError, UnicodeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not text"
        raise SettingsError(f"the secrets of this line are kept in {instance_dir}: {path}: {reason}") from None


def _kept(path: Path) -> str:
    value = path.read_text().strip()
    if not value:
        raise SettingsError(f"{path} is empty: put its value back, or remove it to have a new one made")
    return value


def _made(name: str, path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = "AC" + secrets.token_hex(16) if name == "TWILIO_ACCOUNT_SID" else secrets.token_hex(16)
    # Written aside and linked, so that two processes starting at once agree on one value.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        value = _kept(path)
    finally:
        draft.unlink()
    return value


def _environment() -> Mapping[str, str]:
    from dotenv import dotenv_values  # noqa: PLC0415 the simulator starts without it

    return {**{k: v for k, v in dotenv_values(ROOT / ".env").items() if v}, **os.environ}


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name.upper()} must be a whole number, not {text!r}") from None


def _signs(secret: str) -> bool:
    kind, _, key = secret.partition("_")
    try:
        return kind == "whsec" and len(b64decode(key + "==", validate=False)) in _SECRET_BYTES
    except ValueError:
        return False


def is_loopback(host: str | None) -> bool:
    """Say whether a host, by name or address, is this machine itself."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_private(host: str | None) -> bool:
    """Say whether a host is this machine, or an address of a private network."""
    try:
        return host == "localhost" or ip_address(host or "").is_private
    except ValueError:
        return False
