"""Where the parts are put together, once per process. Nothing here touches the database yet."""

import importlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

import sqlalchemy
from flask import current_app

from ivr import flows, written
from ivr.accounts import Accounts
from ivr.announced_accounts import AnnouncedAccounts
from ivr.audio.reader import Reader
from ivr.audio.shelf import Shelf
from ivr.clock import Clock, SystemClock
from ivr.config import Settings
from ivr.conversation import Conversation
from ivr.db.accounts import SqlAccounts
from ivr.db.calls import SqlCallLog
from ivr.db.catch_up import CatchUp
from ivr.db.console.staff import SqlStaff
from ivr.db.database import open_database, probe
from ivr.db.event_outbox import SqlEvents
from ivr.db.ledger import Ledger
from ivr.db.pins import SqlPins
from ivr.db.postgresql import Waits
from ivr.db.replica import Reads
from ivr.db.voicemails import SqlMailbox
from ivr.db.waiting_room import SqlWaitingRoom
from ivr.degraded.breaker import Breaker
from ivr.degraded.late import Books
from ivr.degraded.seal import Seal
from ivr.degraded.spool import Spool
from ivr.degraded.steady import Steady, catch_up
from ivr.department_file import DepartmentError, DepartmentFile
from ivr.departments import Department, Departments
from ivr.diagram import version
from ivr.engine import Engine
from ivr.flow import Transfer
from ivr.line import Line
from ivr.numbers import Numbers
from ivr.pin_hash import PinHasher
from ivr.prompts import prompts
from ivr.services import Services
from ivr.setting_rules import SettingsError
from ivr.speech import Speech, texts
from ivr.telemetry import watched
from ivr.telemetry.watched import CountedPins, watch_database
from ivr.texts.desk import TextDesk
from ivr.translation import SOURCE, TranslationError, read
from ivr.twiml import Voice

log = logging.getLogger("answerline")


@dataclass(frozen=True)
class Answerline:
    """Everything that web pages and commands are built on; kept at `app.extensions["answerline"]`."""

    settings: Settings
    line: Line
    database: sqlalchemy.Engine
    reads: Reads
    accounts: Accounts
    pins: SqlPins
    calls: SqlCallLog
    mailbox: SqlMailbox
    departments: Departments
    waiting: SqlWaitingRoom
    desk: TextDesk
    staff: SqlStaff
    clock: Clock
    clips: Shelf
    reader: Reader
    voice: Voice
    conversation: Conversation
    ledger: Ledger
    steady: Steady

    @property
    def people(self) -> tuple[str, ...]:
        """Numbers of the people who take a call when nothing else works, in the order they are tried."""
        return self.settings.support_number, self.settings.support_direct_number


def answerline() -> Answerline:
    """Return the parts of the running application, for views and commands."""
    return cast("Answerline", current_app.extensions["answerline"])


def build(settings: Settings, clock: Clock | None = None) -> Answerline:
    """Put the line together from its settings.

    Raises: SettingsError for an accounts backend that cannot be loaded.
    """
    clock = clock or SystemClock(ZoneInfo(settings.time_zone))
    line = flows.line()
    for flow, why in line.unloaded.items():
        log.error("flow %s is left out, and callers who come to it are connected to a person: %s", flow, why)
    engine = open_database(settings.database_url, Waits.of(settings))
    hasher = PinHasher(settings.pin_pepper, settings.pin_pepper_previous)
    ledger = Ledger.of(settings, clock)
    desk = TextDesk.of(settings, engine, clock)
    events = SqlEvents(
        engine.dialect.name, settings.event_endpoints, settings.events_numbers == "yes", settings.tells_simulated
    )
    if settings.accounts_backend:
        accounts: Accounts = AnnouncedAccounts(_backend(settings), desk.put_change, partial(events.put_change, engine))
    else:
        accounts = SqlAccounts(engine, hasher, clock, desk.write_change).telling(events.changed).telling(ledger.changed)
    pins = SqlPins(engine, accounts, clock, settings.pin_pepper, events, previous=settings.pin_pepper_previous)
    words = {
        "company": settings.company_name,
        "sales_number": settings.sales_number,
        "support_number": settings.support_number,
        "support_direct_number": settings.support_direct_number,
    }
    directory: dict[str, str] = {}  # flows ring departments only, so far
    speech = Speech(words, _translated(settings, line))
    departments = _departments(settings, words, speech)
    if missing := _rung(line) - directory.keys() - departments.current().keys():
        raise SettingsError(f"{settings.departments_file}: there is no [{min(missing)}], which the flows ring")
    clips = Shelf(settings.clips_dir)
    played = clips if settings.prompt_mode == "play" else None
    voice = Voice(
        settings.say_voice, settings.say_language, settings.public_base_url, speech, played, settings.caller_id or None
    )
    reader = Reader(settings.instance_dir / "speech", settings.voice_model, settings.prompts_dir / "pronunciation.toml")
    calls = SqlCallLog(engine, _in_words(line, speech), version(line), events)
    watch_database(engine, calls.quick)
    staff = SqlStaff(engine, clock, settings.secret_key, previous=settings.secret_key_previous)
    mailbox = SqlMailbox(engine, calls, clock, settings.voicemail_days)
    waiting = SqlWaitingRoom(engine, calls, clock, departments, events)
    services = Services(
        accounts,
        CountedPins(pins),
        clock,
        directory,
        departments,
        mailbox=mailbox,
        waiting=waiting,
        numbering=Numbers(settings.countries),
        outbox=desk.outbox,
        written=written.answers(line, desk.words),
    )
    conversation = Conversation(Engine(line, services), calls, voice, settings.secret_floor_ms / 1000)
    books = Books(calls, waiting, mailbox, CatchUp(engine, version(line), events), desk.outbox, engine)
    return Answerline(
        settings,
        line,
        engine,
        _reads(settings, engine),
        accounts,
        pins,
        calls,
        mailbox,
        departments,
        waiting,
        desk,
        staff,
        clock,
        clips,
        reader,
        voice,
        conversation,
        ledger,
        _steady(settings, engine, books),
    )


def _steady(settings: Settings, engine: sqlalchemy.Engine, books: Books) -> Steady:
    """Let callers be answered without the database, where it does not answer in time."""
    spool = Spool(settings.spool_folder)
    breaker = Breaker(partial(probe, engine), partial(catch_up, spool, books), spool.files)
    breaker.watcher = watched.degraded
    seal = Seal(settings.secret_key, settings.secret_key_previous)
    return Steady(breaker, spool, seal, books, settings.database_deadline_ms / 1000, watched.lost)


def _reads(settings: Settings, engine: sqlalchemy.Engine) -> Reads:
    """Read PostgreSQL for staff over connections of their own, so that webhooks never wait for one that they have."""
    if engine.dialect.name != "postgresql":
        return Reads(engine)
    waits = Waits.of_staff(settings)
    primary = open_database(settings.database_url, waits)
    replica = open_database(settings.database_replica_url, waits) if settings.database_replica_url else None
    return Reads(primary, replica, settings.database_replica_lag_s)


def _backend(settings: Settings) -> Accounts:
    name = settings.accounts_backend
    module, _, factory = name.partition(":")
    try:
        accounts: Accounts = getattr(importlib.import_module(module), factory)(settings)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"ACCOUNTS_BACKEND={name} cannot be loaded: {reason}") from error
    return accounts


def _rung(line: Line) -> set[str]:
    return {node.number for _, node in line.nodes() if isinstance(node, Transfer)}


def _departments(settings: Settings, words: Mapping[str, str], speech: Speech) -> DepartmentFile:
    """Read the departments, and speak of them as their file does, also when it changes while the line runs."""

    def told(departments: Mapping[str, Department]) -> None:
        titles = {f"{name}_title": department.title for name, department in departments.items()}
        hours = {f"{name}_hours": department.hours.in_words() for name, department in departments.items()}
        speech.renew({**words, **titles, **hours})

    numbers = {name.upper(): value for name, value in vars(settings).items() if name.endswith("_number")}
    try:
        departments = DepartmentFile(settings.departments_file, numbers, settings.time_zone, told)
    except DepartmentError as error:
        raise SettingsError(str(error)) from None
    told(departments.current())
    return departments


def _translated(settings: Settings, line: Line) -> Mapping[str, str]:
    english = settings.say_language.split("-")[0] == SOURCE.split("-")[0]
    if english and not settings.translation.exists():
        return {}
    try:
        return read(settings.translation, texts(prompts(line))).texts
    except TranslationError as error:
        raise SettingsError(f"SAY_LANGUAGE={settings.say_language}: {error}") from None


def _in_words(line: Line, speech: Speech) -> Callable[[str, Mapping[str, str]], str]:
    """Turn the id and the values of a logged prompt back into the words the caller heard."""
    spoken = {prompt.id: prompt for prompt in prompts(line)}
    return lambda name, values: speech.words(spoken[name], values) if name in spoken else f"[{name}]"
