"""Everything that is planted: what is wrong, how it is done here, what must be found, and what mends it."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from proxied import HOST, Proxy
from sqlalchemy import create_engine, event, text
from ward import DESK, OURS, STRANGE, Ward

from ivr.audio.recipe import COMPOSED, RENDERED, Sources
from ivr.clip import HOLD_SOUND
from ivr.config import DEMO_NUMBER
from ivr.db.database import writing
from ivr.db.demo import load_demo
from ivr.db.migrate import downgrade, head
from ivr.db.models.accounts import AccountRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.demo_staff import DEMO_PASSWORD, DEMO_STAFF
from ivr.helpers import FETCH, FORGET, RING, SEND
from ivr.messages import MessageState
from ivr.pin_hash import PinHasher
from ivr.prompts import prompts
from ivr.staff import Role
from ivr.text import Purpose, TextState


@dataclass(frozen=True)
class Fault:
    """plant: makes it so. found: by this name. mended: by what the doctor says, or as it says; None for a command.

    says: a part of what it says. also: what else is wrong then.
    """

    wrong: str
    plant: object
    found: str
    says: str
    mended: object = None
    also: frozenset[str] = field(default_factory=frozenset)


def proxy(wrong, found, says, *also, **faults):
    """Plant a fault of the proxy; it is mended at the proxy."""

    def plant(ward):
        for name, value in faults.items():
            setattr(ward.proxy.faults, name, value)

    return Fault(wrong, plant, found, says, Ward.recover, frozenset(also))


def certificate(wrong, found, says, which):
    return Fault(wrong, lambda ward: ward.proxy.has(which), found, says, Ward.recover)


def setting(wrong, found, says, *also, **changes):
    """Plant a setting, and put back the good one."""
    return Fault(wrong, lambda ward: ward.start(**changes), found, says, Ward.start, frozenset(also))


def number(wrong, found, **fields):
    """Plant a field of the number at the carrier; the command that the doctor names mends it."""
    return Fault(wrong, lambda ward: ward.number.update(fields), found, f"flask numbers connect {OURS}")


def helper(which):
    what = f"`flask {which.command}` has stopped"
    found = f"helpers.{which.command.replace(' ', '_')}"
    return Fault(what, lambda ward: ward.late(which), found, f"flask {which.command} --forever", Ward.recover)


def departments(wrong, found, says, *, change, files=()):
    """Plant a line of the departments' file."""

    def plant(ward):
        for name, content in files:
            (ward.folder / name).write_text(content)
        file = ward.folder / "departments.toml"
        good = file.read_text()
        file.write_text(good.replace(*change))
        ward.start()
        file.write_text(file.read_text())
        ward.good = good

    def mend(ward):
        (ward.folder / "departments.toml").write_text(ward.good)
        ward.start()

    return Fault(wrong, plant, found, says, mend)


def rewrite(ward, name, content):
    (ward.folder / name).write_text(content)


def calendar(year):
    event = (
        f"BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:{year}0101\nDTEND;VALUE=DATE:{year}0102\nSUMMARY:New Year\nEND:VEVENT"
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\n{event}\nEND:VCALENDAR\n".replace("\n", "\r\n")


def at_revision(revision):
    def plant(ward):
        with ward.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})

    return plant


def only_read(ward):
    ward.stop()
    event.listen(ward.engine, "connect", _query_only)


def _query_only(connection, _record):
    connection.execute("PRAGMA query_only = ON")


def locked(ward):
    ward.holder = sqlite3.connect(ward.folder / "line.db", isolation_level=None, check_same_thread=False)
    ward.holder.execute("BEGIN IMMEDIATE")


def no_wal(ward):
    """Open a copy of the database by locks that are files, as some network disks need; WAL is beyond those."""
    ward.stop()
    path = shutil.copy(ward.folder / "line.db", ward.folder / "copy.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    line = replace(ward.line, database=create_engine(f"sqlite:///file:{path}?vfs=unix-dotfile&uri=true"))
    ward.app.extensions["answerline"] = line


def open_files(mode, *names):
    def plant(ward):
        for name in names:
            path = ward.folder / name
            path.parent.chmod(0o755 if mode else 0o700)
            if not path.exists():
                path.write_text("content")
            path.chmod(0o644)

    return plant


def unwritable_messages(ward):
    (ward.folder / "a file").write_text("in the way")
    ward.start(voicemail_storage=str(ward.folder / "a file" / "messages"))


def demo_accounts(ward):
    load_demo(ward.engine, PinHasher(ward.settings.pin_pepper), ward.line.clock)


def own_accounts(ward):
    with writing(ward.engine) as session:
        session.execute(text("DELETE FROM account_changes"))
        session.execute(AccountRow.__table__.delete())


def demo_colleague(ward):
    (ward.folder / "instance" / DEMO_PASSWORD.lower()).write_text("the demo's password\n")
    (ward.folder / "instance" / DEMO_PASSWORD.lower()).chmod(0o600)
    ward.line.staff.add(DEMO_STAFF, "Demo", Role.ADMIN, "the demo's password", "tests")


def another_password(ward):
    found = next(one for one in ward.line.staff.everybody() if one.name == DEMO_STAFF)
    ward.line.staff.set_password(found.id, "a long password of her own", "tests")


def nobody(ward):
    with ward.engine.begin() as connection:
        connection.execute(text("UPDATE staff SET role = 'lead'"))


def an_admin(ward):
    ward.flask("staff", "add", "bea", "--role", "admin", "--generate")


def dead_text(ward):
    row = {"key": "CA1/x", "to_number": DESK, "body": "hello", "purpose": Purpose.ANSWER, "call_sid": "CA1"}
    dead = {"state": TextState.DEAD, "error": "the carrier refuses: CALLER_ID (21606)"}
    with writing(ward.engine) as session:
        session.add(TextRow(**row, **dead, created_at=datetime.now(UTC)))


def retried(ward):
    with ward.engine.connect() as connection:
        number = connection.execute(text("SELECT max(id) FROM texts")).scalar()
    ward.flask("texts", "retry", str(number))


def late_message(ward):
    long_ago = datetime(2026, 1, 2, tzinfo=UTC)
    row = {"recording_sid": "RE1", "call_sid": "CA1", "department": "support", "topic": "", "caller": DESK}
    times = {"at": long_ago, "next_try_at": long_ago, "kept_until": datetime(2099, 1, 1, tzinfo=UTC)}
    with writing(ward.engine) as session:
        session.add(VoicemailRow(**row, **times, state=MessageState.RECORDED, error="the carrier answers 503"))


def no_message(ward):
    with ward.engine.begin() as connection:
        connection.execute(text("DELETE FROM voicemails"))


def audio(ward, *, leave_out="", stale="", note=""):
    """Play prompts of which all have audio, as the manifest has it."""
    ward.start(prompt_mode="play")
    here = Sources(ward.settings.prompts_dir, "en-US", None)
    line = ward.line
    jobs = here.jobs([*line.voice.speech.catalogue(prompts(line.line)), HOLD_SOUND])
    sound = here.store.put(HOLD_SOUND, b"RIFF", seconds=1.0, source=COMPOSED, recipe="")
    rows = {}
    spoken = next(job.clip.id for job in jobs if not job.clip.music)
    leave_out = leave_out and spoken
    for job in jobs:
        source = COMPOSED if job.clip.music else RENDERED
        recipe = "old" if job.clip.id == stale else job.rendered_recipe
        told = note if job.clip.id == "hold" else ""
        rows[job.clip.id] = type(sound)(job.clip.text, 1.0, source, recipe, sound.path, told)
    rows.pop(leave_out, None)
    here.store.keep(rows)


def faulty_recording(ward):
    recordings = ward.folder / "prompts" / "recordings" / "en-US"
    recordings.mkdir(parents=True, exist_ok=True)
    ward.recording = recordings / "hold.wav"
    ward.recording.write_bytes(b"not a sound")
    audio(ward, note=f"{ward.recording}: not a WAV, MP3, Ogg, WebM or M4A file")


def better_recording(ward):
    ward.recording.unlink()
    audio(ward)


def two_numbers(ward):
    ward.carrier.numbers["PN" + "2" * 32] = {
        "phone_number": STRANGE,
        "friendly_name": "",
        "voice_url": ward.base + "/voice",
    }


def not_ours(ward):
    ward.carrier.numbers.clear()
    ward.carrier.verified.append(OURS)


def http_only(ward):
    """The public address is http, and leads to where everything is sent on to https."""
    ward.plain = Proxy(None, ward.server.server_port).__enter__()
    ward.plain.faults.redirect = lambda request: ward.base + request.path
    ward.start(public_base_url=f"http://{HOST}:{ward.plain.server_port}")
    pointed(ward)


def https_again(ward):
    ward.plain.__exit__()
    ward.start()
    ward.recover()


def pointed(ward):
    """Have the number at the carrier call where the line is now."""
    for name, value in ward.number.items():
        ward.number[name] = (value or "").replace(ward.base, ward.settings.public_base_url)


def below(ward):
    """The line is below /ivr, which the proxy should take off and does not."""
    ward.start(public_base_url=ward.base + "/ivr")
    pointed(ward)


def other_token(ward):
    here = ward.app
    ward.start(twilio_auth_token="the token of last year")
    ward.served, ward.app = ward.app, here
    ward.settings = ward.well


def other_address(ward):
    here = ward.app
    ward.start(public_base_url="https://old.example.com")
    ward.served, ward.app = ward.app, here
    ward.settings = ward.well


def misspelled(ward):
    rewrite(ward, "env", "PUBLC_BASE_URL=https://line.example.com\n")
    (ward.folder / "env").chmod(0o600)


def spelled(ward):
    rewrite(ward, "env", "PUBLIC_BASE_URL=https://line.example.com\n")


def readable_env(ward):
    spelled(ward)
    (ward.folder / "env").chmod(0o644)


def network_disk(ward):
    row = f"36 35 98:0 / {ward.folder} rw,noatime shared:1 - nfs4 server:/export rw\n"
    rewrite(ward, "mounts", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + row)


HTML = {"Content-Type": "text/html; charset=utf-8"}
NGROK = {**HTML, "Ngrok-Error-Code": "ERR_NGROK_3200"}
FAULTS = [
    Fault("`PUBLC_BASE_URL` in `.env`", misspelled, "settings.unknown", "PUBLIC_BASE_URL", spelled),
    Fault("`.env` can be read by everybody", readable_env, "settings.file", "chmod 600"),
    setting(
        "the public address is this machine's",
        "settings.public_base_url",
        "ngrok start",
        "numbers.elsewhere",
        "line.away",
        "numbers.texts",
        public_base_url="http://127.0.0.1:9",
    ),
    setting("Acme's callers are sent to GoToMeeting", "settings.company", "SALES_NUMBER", company_name="Acme"),
    setting(
        "the demo's number is shown",
        "settings.demo_number",
        "flask numbers list",
        "carrier.caller_id",
        caller_id=DEMO_NUMBER,
    ),
    setting("`SECRET_KEY` is a word", "settings.secret", "token_hex", secret_key="changeme"),
    Fault(
        "demo accounts behind a real number", demo_accounts, "settings.demo_accounts", "accounts import", own_accounts
    ),
    Fault(
        "the clock is ten minutes slow",
        lambda ward: setattr(ward.carrier, "date", datetime.now(UTC).timestamp() + 600),
        "clock.skew",
        "set-ntp",
        Ward.recover,
    ),
    Fault(
        "a migration is missing",
        lambda ward: downgrade(ward.settings.database_url, "0005"),
        "database.behind",
        "flask db upgrade",
        lambda ward: (ward.flask("db", "upgrade"), ward.recover()),
    ),
    Fault("a newer version has migrated", at_revision("9999"), "database.ahead", "version", at_revision(head())),
    Fault("the database can only be read", only_read, "database.readonly", "user write", Ward.start),
    Fault("a process keeps the database locked", locked, "database.locked", "fuser", lambda ward: ward.holder.close()),
    Fault("SQLite without WAL", no_wal, "database.journal", "DATABASE_URL", Ward.start),
    Fault(
        "the database is on NFS",
        network_disk,
        "database.network",
        "PostgreSQL",
        lambda ward: rewrite(ward, "mounts", ""),
    ),
    Fault("a secret can be read by everybody", open_files(0, "instance/pin_pepper"), "files.secret", "chmod 600"),
    Fault("the database can be read by everybody", open_files(1, "line.db"), "database.permissions", "chmod 600"),
    Fault("messages cannot be kept", unwritable_messages, "voicemail.storage", "mkdir", Ward.start),
    Fault(
        "a prompt without audio",
        lambda ward: audio(ward, leave_out="one"),
        "prompts.missing",
        "flask prompts render",
        audio,
    ),
    Fault(
        "audio of an old voice", lambda ward: audio(ward, stale="hold"), "prompts.stale", "flask prompts render", audio
    ),
    Fault(
        "a recording that is no sound",
        faulty_recording,
        "prompts.recording",
        "flask prompts record hold",
        better_recording,
    ),
    departments(
        "a department that never opens",
        "departments.closed",
        "flask line hours",
        change=('hours = "always"\n\n', 'hours = "always"\nholidays = "ever.ics"\n\n'),
        files=[("ever.ics", calendar(2020).replace("DTEND;VALUE=DATE:20200102", "DTEND;VALUE=DATE:20990101"))],
    ),
    departments(
        "holidays of years ago",
        "departments.holidays",
        "replace",
        change=('hours = "always"\n\n', 'hours = "always"\nholidays = "old.ics"\n\n'),
        files=[("old.ics", calendar(2020))],
    ),
    setting("sales is one of the line's own numbers", "departments.loop", "SALES_NUMBER in .env", sales_number=OURS),
    departments(
        "support's number is one that calls this line",
        "departments.loop",
        "[support]",
        change=('["SUPPORT_NUMBER", "SUPPORT_DIRECT_NUMBER"]', f'["{OURS}"]'),
    ),
    Fault("no admin at the console", nobody, "staff.admin", "flask staff add", an_admin),
    Fault("the demo's colleague", demo_colleague, "staff.demo", "flask staff password demo", another_password),
    helper(FETCH),
    helper(RING),
    helper(SEND),
    helper(FORGET),
    Fault("a text that was given up", dead_text, "texts.dead", "flask texts retry", retried),
    Fault("a message that cannot be fetched", late_message, "voicemail.late", "flask voicemail fetch", no_message),
    setting("the carrier cannot be reached", "carrier.away", "curl", twilio_api_base="http://127.0.0.1:9"),
    setting("the account's token is wrong", "carrier.credentials", "TWILIO_AUTH_TOKEN", twilio_auth_token="wrong" * 6),
    Fault(
        "the account is suspended",
        lambda ward: ward.carrier.account.update(status="suspended"),
        "carrier.suspended",
        "Billing",
        Ward.recover,
    ),
    Fault(
        "a trial account",
        lambda ward: ward.carrier.account.update(type="Trial"),
        "carrier.trial",
        "Upgrade",
        Ward.recover,
    ),
    setting("`CALLER_ID` is somebody else's", "carrier.caller_id", "flask numbers list", caller_id=STRANGE),
    Fault("the account has no number", not_ours, "numbers.none", "buy one", Ward.recover),
    number("the number calls another line", "numbers.elsewhere", voice_url="https://old.example.com/voice"),
    number("an application takes the number's calls", "numbers.application", voice_application_sid="AP" + "1" * 32),
    number("a trunk takes the number's calls", "numbers.trunk", trunk_sid="TK" + "1" * 32),
    number("calls come in by GET", "numbers.method", voice_method="GET"),
    number("no fallback address", "numbers.fallback", voice_fallback_url=""),
    number("call status goes elsewhere", "numbers.status", status_callback="https://old.example.com/voice/status"),
    number("replies to texts go nowhere", "numbers.texts", sms_url=""),
    certificate("the certificate ends in five days", "certificate.ending", "certbot renew", "ending"),
    certificate("the certificate is over", "certificate.expired", "certbot renew", "expired"),
    certificate("the certificate is for another host", "certificate.host", "certbot --domain", "other"),
    certificate("nobody vouches for the certificate", "certificate.untrusted", "fullchain", "alone"),
    Fault(
        "nothing listens at the public address",
        lambda ward: ward.start(public_base_url=f"https://{HOST}:9"),
        "line.away",
        "ngrok start",
        Ward.start,
        frozenset({"numbers.elsewhere", "numbers.texts"}),
    ),
    Fault("the line runs with an old token", other_token, "line.token", "make run", Ward.start),
    Fault("the line runs with an old address", other_address, "line.token", "make run", Ward.start),
    Fault(
        "http is sent on to https",
        http_only,
        "proxy.redirect_https",
        "set PUBLIC_BASE_URL",
        https_again,
        frozenset({"settings.public_base_url"}),
    ),
    proxy(
        "a slash is added by a redirect",
        "proxy.redirect_slash",
        "location",
        redirect=lambda request: request.path.replace("/voice", "/voice/"),
    ),
    proxy(
        "calls are sent on to another host",
        "proxy.redirect",
        "PUBLIC_BASE_URL",
        redirect=lambda _: "https://www.example.com/",
    ),
    proxy("https arrives as http", "proxy.scheme", "X-Forwarded-Proto", says_scheme=False),
    proxy("the host is rewritten", "proxy.host", "Host $host", host="127.0.0.1:5000"),
    proxy("a port is added", "proxy.port", "Host $host", host=f"{HOST}:8443"),
    Fault(
        "the path below the address is not taken off",
        below,
        "proxy.prefix",
        "location /ivr/",
        lambda ward: setattr(ward.proxy.faults, "takes_off", "/ivr"),
    ),
    proxy("the path is put below another", "proxy.path", "PUBLIC_BASE_URL", puts_before="/app"),
    proxy("the query is rewritten", "proxy.query", "proxy_pass", rewrites_query=True),
    proxy("fields are trimmed", "proxy.body", "firewall", trims_fields=True),
    proxy("the signature is dropped", "proxy.signature", "X-Twilio-Signature", drops={"x-twilio-signature"}),
    proxy("POST becomes GET", "proxy.method", "method", "proxy.body", by_get=True),
    proxy("a stranger's headers are believed", "proxy.forged", "X-Forwarded-For", believes=True),
    proxy("answers are packed unasked", "proxy.compressed", "gzip off", packs=True),
    proxy("answers are altered", "proxy.altered", "rewrites answers", alters=True),
    proxy(
        "the proxy reaches nobody", "proxy.upstream", "the line answers on this machine", answer=(502, HTML, b"<h1>Bad")
    ),
    proxy("the tunnel is closed", "proxy.upstream", "ngrok start", answer=(404, NGROK, b"<html>")),
    proxy("a web page answers", "line.stranger", "PUBLIC_BASE_URL", answer=(200, HTML, b"<html>Welcome</html>")),
]
# Variants of others, for `make proofs`.
SELDOM = frozenset(
    """
    settings.file settings.secret settings.demo_number settings.demo_accounts database.ahead database.journal
    database.locked prompts.stale departments.holidays staff.demo helpers.voicemail_fetch helpers.waiting_serve
    helpers.data_nightly texts.dead voicemail.late carrier.away carrier.suspended numbers.none numbers.trunk
    numbers.fallback numbers.status certificate.expired certificate.untrusted proxy.redirect proxy.redirect_slash
    proxy.port proxy.path proxy.method proxy.altered proxy.compressed proxy.query proxy.signature proxy.scheme
    settings.company database.network departments.closed carrier.caller_id numbers.application numbers.texts
    certificate.ending line.stranger line.token
    """.split()
)


def table():
    """What docs/doctor.md shows."""
    rows = ["| planted | found as | what mends it speaks of |", "|---|---|---|"]
    return "\n".join(rows + [f"| {fault.wrong} | `{fault.found}` | {fault.says} |" for fault in FAULTS])
