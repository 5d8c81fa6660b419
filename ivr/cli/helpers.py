"""`flask helpers`: all that goes on beside the server and is no burden to it, in one process.

Each is a thread; starting a process for each would load the program each time. Fetching messages is not among them: to
write down what was said takes all of a processor, and a recognizer may take its process with it.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import click
from flask.cli import with_appcontext

from ivr.bootstrap import Answerline, answerline
from ivr.cli.common import in_one_line
from ivr.cli.data import night_loop
from ivr.cli.events import event_loops
from ivr.cli.go_on import Loop, go_on
from ivr.cli.texts import text_loops
from ivr.cli.waiting import waiting_loops
from ivr.config import Settings
from ivr.helpers import FORGET, RING, SEND, TELL, Helper, helpers_of

Opens = Callable[[Answerline], AbstractContextManager[list[Loop]]]


@click.command("helpers")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
@with_appcontext
@in_one_line
def helpers(*, parent: int | None) -> None:
    """Ring people, send texts and events, and purge at night, as far as the settings have use for it, until stopped."""
    line = answerline()
    with ExitStack() as stack:
        loops = [loop for opens in wanted(line.settings) for loop in stack.enter_context(opens(line))]
        go_on(*loops, parent=parent)


def wanted(settings: Settings) -> list[Opens]:
    """Return what goes on with these settings."""
    return [_OPENS[helper] for helper in helpers_of(settings) if not helper.alone]


@contextmanager
def _night(line: Answerline) -> Generator[list[Loop]]:
    yield [night_loop(line)]


_OPENS: dict[Helper, Opens] = {RING: waiting_loops, SEND: text_loops, TELL: event_loops, FORGET: _night}
