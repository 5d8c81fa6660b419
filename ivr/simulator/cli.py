"""`python -m ivr.simulator URL`: one call from the command line."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from ivr.simulator.caller import Caller, ScriptedCaller, ScriptError, TerminalCaller
from ivr.simulator.events import Event, Failed

NORMAL, TROUBLE, FAILED = 0, 1, 3  # argparse exits with 2 for wrong usage
STATUSES = ("completed", "busy", "no-answer", "failed", "canceled")
STYLES = {
    "hears": "bold cyan", "presses": "bold yellow", "says": "bold yellow", "dials": "magenta", "records": "magenta",
    "warning": "yellow", "error": "bold red", "ends": "bold green",
}  # fmt: skip
EPILOG = """script words: 1234# keys pressed together; wait says nothing until the line moves on; say:"..." speaks;
hangup. Exit code: 0 the call ended normally, 3 the application failed it, 1 it could not be reached, 2 wrong usage."""


def main(argv: Sequence[str] | None = None) -> int:
    """Place one call and return the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        people = dict(_reaction(text) for text in options.dial)
        caller = _caller(options)
        _check_address(options.url)
    except ValueError as error:
        parser.error(str(error))
    return _call(options, people, caller)


def _call(options: argparse.Namespace, people: dict[str, str], caller: Caller) -> int:
    from ivr.simulator.phone import Phone  # noqa: PLC0415 --help answers at once

    try:
        token, account = _credentials(options.auth_token)
    except ValueError as error:
        return _trouble(f"the local token cannot be read or made: {error}")
    with Phone(options.url, auth_token=token, account_sid=account) as phone:
        call = phone.dial(
            from_=options.from_,
            to=options.to,
            people=people,
            method=options.method,
            fallback=options.fallback,
            status_callback=options.status_callback,
            real_time=options.real_time,
            on_event=_json_printer() if options.json else _printer(verbose=options.verbose),
            caller=caller,
        )
    failures = [event for event in call.events if isinstance(event, Failed)]
    if failures and not any(exchange.answer for exchange in call.requests):
        return _trouble(failures[0].message)
    return FAILED if failures else NORMAL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ivr.simulator", description="Call any TwiML application.", epilog=EPILOG
    )
    add = parser.add_argument
    add("url", metavar="URL", help="the number's 'a call comes in' webhook")
    add("--from", dest="from_", default="+14155550123", metavar="NUMBER", help="who calls (default %(default)s)")
    add("--to", default="+18005550100", metavar="NUMBER", help="the number called (default %(default)s)")
    add("--script", metavar="WORDS", help="what the caller does; without it, you are asked")
    add("--dial", action="append", default=[], metavar="[NUMBER=]STATUS", help=f"who is dialled: {', '.join(STATUSES)}")
    add("--fallback", default="", metavar="URL", help="asked when the application fails; relative to URL")
    add("--status-callback", default="", metavar="URL", help="told when the call is over; relative to URL")
    add("--method", choices=("GET", "POST"), default="POST", help="of the first webhook (default %(default)s)")
    add("--auth-token", metavar="TOKEN", help="signs the webhooks (default TWILIO_AUTH_TOKEN, else the local one)")
    add("-v", "--verbose", action="store_true", help="show the webhooks, too")
    add("--json", action="store_true", help="one JSON object a line")
    add("--real-time", action="store_true", help="let call time pass as clock time")
    return parser


def _reaction(text: str) -> tuple[str, str]:
    number, _, status = text.rpartition("=")
    if status not in STATUSES:
        raise ValueError(f"--dial {text}: the status is one of {', '.join(STATUSES)}")
    return number or "*", status


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not an http(s) address: {url}")


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


def _json_printer() -> Callable[[Event], None]:
    def show(event: Event) -> None:
        sys.stdout.write(json.dumps(event.to_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()

    return show


def _printer(*, verbose: bool) -> Callable[[Event], None]:
    from rich.console import Console  # noqa: PLC0415 --json does without it
    from rich.text import Text  # noqa: PLC0415 the same

    from ivr.simulator.transcript import line_of  # noqa: PLC0415 the same

    console = Console(highlight=False)

    def show(event: Event) -> None:
        who, what = line_of(event)
        if who in STYLES or (who and verbose):
            style, quiet = (STYLES[who], "") if who in STYLES else ("dim", "dim")
            line = Text.assemble((f"{event.at:7.1f}  ", "dim"), (f"{who:<9}", style), (what, quiet))
            console.print(line, soft_wrap=True)

    return show


def _trouble(message: str) -> int:
    sys.stderr.write(f"simulator: {' '.join(message.split())}\n")
    return TROUBLE
