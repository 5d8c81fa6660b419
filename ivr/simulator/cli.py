"""`python -m ivr.simulator URL`: one call from the command line."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ivr.simulator.acts import FAULTS, Break
from ivr.simulator.caller import Caller, ScriptedCaller, ScriptError, TerminalCaller
from ivr.simulator.events import Event, Failed
from ivr.simulator.plans import WORDS, person_of
from ivr.simulator.recorder import RecordedCaller, Recorder
from ivr.simulator.show import json_printer, print_load, printer, tally

if TYPE_CHECKING:
    from ivr.simulator.phone import PhoneCall
    from ivr.simulator.swarm import Load

FORBIDDEN = 403
NORMAL, TROUBLE, FAILED = 0, 1, 3  # argparse exits with 2 for wrong usage
EPILOG = """script words: 1234# keys pressed together; wait says nothing until the line moves on; say:"..." speaks;
hangup; fault:error breaks the next webhook. Exit code: 0 the call ended normally, 3 the application failed it, 1 it
could not be reached, 2 wrong usage."""


def main(argv: Sequence[str] | None = None) -> int:
    """Place one call and return the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        people = dict(_reaction(text) for text in options.dial)
        caller = _caller(options)
        _check_address(options.url)
        _check_together(options)
    except ValueError as error:
        parser.error(str(error))
    if options.load:
        return _load(options, people)
    return _call(options, people, caller)


def _call(options: argparse.Namespace, people: dict[str, str], caller: Caller) -> int:
    from ivr.simulator.faults import Faults  # noqa: PLC0415 --help answers at once
    from ivr.simulator.phone import Phone  # noqa: PLC0415 the same

    try:
        token, account = _credentials(options.auth_token)
    except ValueError as error:
        return _trouble(f"the local token cannot be read or made: {error}")
    show = json_printer() if options.json else printer(verbose=options.verbose, explain=options.explain)
    recorder = _recorder(options, people)

    def happened(event: Event) -> None:
        recorder.hear(event)
        show(event)

    with Phone(options.url, auth_token=token, account_sid=account) as phone:
        call = phone.dial(
            from_=options.from_,
            to=options.to,
            people=people,
            method=options.method,
            fallback=options.fallback,
            status_callback=options.status_callback,
            real_time=options.real_time,
            on_event=happened,
            caller=RecordedCaller(caller, recorder),
            faults=Faults(options.fault),
        )
    if options.record:
        _record(options.record, recorder, call)
    failures = [event for event in call.events if isinstance(event, Failed)]
    if failures and not any(exchange.answer for exchange in call.requests):
        return _trouble(failures[0].message)
    if any(exchange.answer and exchange.answer.status == FORBIDDEN for exchange in call.requests):
        hint = "403 is how applications refuse a signature; sign with their token: --auth-token or TWILIO_AUTH_TOKEN"
        sys.stderr.write(f"simulator: {hint}\n")
    return FAILED if failures else NORMAL


def _recorder(options: argparse.Namespace, people: dict[str, str]) -> Recorder:
    from ivr.simulator.phone import DEFAULT_FROM, DEFAULT_TO  # noqa: PLC0415 --help answers at once

    from_ = options.from_ if options.from_ != DEFAULT_FROM else ""
    return Recorder(from_, options.to if options.to != DEFAULT_TO else "", people, options.fault)


def _record(path: Path, recorder: Recorder, call: "PhoneCall") -> None:
    status = call.ended.status if call.ended else ""
    title = f"{path.stem.replace('_', ' ').capitalize()}."
    path.write_text(recorder.text("" if status == "completed" else status, title), encoding="utf-8")
    sys.stderr.write(f"written: {path}\n")


def _load(options: argparse.Namespace, people: dict[str, str]) -> int:
    from ivr.simulator.swarm import broken, swarm, times  # noqa: PLC0415 --help answers at once

    try:
        token, account = _credentials(options.auth_token)
    except OSError as error:
        return _trouble(f"the local token cannot be read or made: {error}")
    calls = swarm(
        _swarm_of(options),
        options.url,
        options.script,
        token,
        account,
        progress=tally(options.load),
        from_=options.from_,
        to=options.to,
        people=people,
        method=options.method,
        fallback=options.fallback,
        status_callback=options.status_callback,
    )
    failed = broken(calls)
    print_load(times(calls), len(calls), failed, as_json=options.json)
    if not any(exchange.answer for call in calls for exchange in call.requests):
        return _trouble(f"{options.url} does not answer")
    return FAILED if failed else NORMAL


def _swarm_of(options: argparse.Namespace) -> "Load":
    from ivr.simulator.swarm import Load  # noqa: PLC0415 --help answers at once

    return Load(options.load, options.rate, options.think)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ivr.simulator", description="Call any TwiML application.", epilog=EPILOG
    )
    add = parser.add_argument
    add("url", metavar="URL", help="the number's 'a call comes in' webhook")
    add("--from", dest="from_", default="+14155550123", metavar="NUMBER", help="who calls (default %(default)s)")
    add("--to", default="+18005550100", metavar="NUMBER", help="the number called (default %(default)s)")
    add("--script", metavar="WORDS", help="what the caller does; without it, you are asked")
    add("--dial", action="append", default=[], metavar="[NUMBER=]WORD", help=f"who is dialled: {WORDS}")
    add("--fallback", default="", metavar="URL", help="asked when the application fails; relative to URL")
    add("--status-callback", default="", metavar="URL", help="told when the call is over; relative to URL")
    add("--method", choices=("GET", "POST"), default="POST", help="of the first webhook (default %(default)s)")
    add("--fault", type=_fault, metavar="FAULT", help=f"the first webhook fails: {', '.join(FAULTS)}")
    add("--auth-token", metavar="TOKEN", help="signs the webhooks (default TWILIO_AUTH_TOKEN, else the local one)")
    add("-v", "--verbose", action="store_true", help="show the webhooks, too")
    add("--explain", action="store_true", help="show the webhooks, and the TwiML that causes each step")
    add("--record", type=Path, metavar="FILE.call", help="write the call down as a test")
    add("--load", type=int, default=0, metavar="N", help="place N calls, and print how long each webhook took")
    add("--rate", type=float, default=10.0, metavar="R", help="calls begun a second, with --load (default 10)")
    add("--think", type=float, default=1.0, metavar="S", help="seconds before each act, with --load (default 1)")
    add("--json", action="store_true", help="one JSON object a line")
    add("--real-time", action="store_true", help="let call time pass as clock time")
    return parser


def _reaction(text: str) -> tuple[str, str]:
    number, _, word = text.rpartition("=")
    try:
        person_of(word)
    except ValueError as error:
        raise ValueError(f"--dial {text}: {error}") from None
    return number or "*", word


def _fault(words: str) -> Break:
    try:
        return Break.read(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not an http(s) address: {url}")


def _check_together(options: argparse.Namespace) -> None:
    if options.load and options.script is None:
        raise ValueError("--load needs a --script")
    if options.load and (options.record or options.real_time or options.explain or options.fault):
        raise ValueError("--load goes with neither --record, --explain, --fault nor --real-time")
    if options.load:
        _swarm_of(options)
    if options.record and options.record.suffix != ".call":
        raise ValueError(f"--record: the name of a test ends in .call, unlike {options.record.name!r}")
    if options.record and not options.record.absolute().parent.is_dir():
        raise ValueError(f"--record: there is no folder {options.record.parent}")


def _caller(options: argparse.Namespace) -> Caller:
    if options.script is not None:
        try:
            return ScriptedCaller(options.script)
        except ScriptError as error:
            raise ValueError(f"--script: {error}") from None
    at_terminal = sys.stdin.isatty() and not options.json
    return TerminalCaller(prompt=sys.stdout if at_terminal else None, live=options.real_time)


def _credentials(token: str | None) -> tuple[str, str]:
    from ivr.config import carrier_credentials  # noqa: PLC0415 --help answers at once

    account, local = carrier_credentials()
    return token or local, account


def _trouble(message: str) -> int:
    sys.stderr.write(f"simulator: {' '.join(message.split())}\n")
    return TROUBLE
