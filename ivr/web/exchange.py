"""The telephone exchange of a demo: one simulated carrier for all pages of this process, and for its own dispatcher.

Who is rung by the line, over the REST interface or in a Dial, reacts as was last chosen on a page, or is a page that
stands by at that number. It is one process's, so a demo is served by one worker (`ivr/cli/serve.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from threading import BoundedSemaphore, Lock, Thread
from typing import Any, cast

from flask import Flask, current_app

from ivr.bootstrap import answerline
from ivr.config import Settings
from ivr.simulator.line import LONGEST_CALL_S
from ivr.simulator.phone import DEFAULT_FROM, Phone
from ivr.simulator.plans import Queue, person_of
from ivr.simulator.rest import Form, RestAnswer, answer
from ivr.simulator.transport import WsgiApp
from ivr.web.browser_caller import Message
from ivr.web.standby import Standby

PLACED = BoundedSemaphore(8)
"""Calls of the line at once: each keeps a thread, and time passes in it as on a telephone."""
TOO_MANY = 20429
KEPT = 200
NUMBER_MAX = 64
_making = Lock()


class Exchange:
    """One phone, its people, and the pages that can be rung."""

    def __init__(self, settings: Settings, app: WsgiApp) -> None:
        self.phone = Phone(
            under(settings.base_path, app),
            auth_token=settings.twilio_auth_token,
            account_sid=settings.twilio_account_sid,
            base_url=settings.public_base_url,
            queues={"*": Queue()},
            real_time=True,
        )
        self.phone.switchboard.held_talk_s = float(LONGEST_CALL_S)
        self._words: dict[str, str] = {}
        self._pages: list[Standby] = []
        self._lock = Lock()

    def choose(self, people: Mapping[str, str]) -> None:
        """Let people react so from now on; what was chosen before, and is again, changes nothing."""
        with self._lock:
            new = {number: word for number, word in people.items() if self._words.get(number) != word}
            self.phone.know(new)
            self._words |= new

    def stand_by(self, page: Standby, number: str) -> None:
        """Have a page answer a number; of two pages at one, the later is rung."""
        with self._lock:
            self._let_go(page)
            self._pages.append(page)
            page.number = number
            self.phone.hold(number, page)

    def leave(self, page: Standby) -> None:
        """Have a page answer no more."""
        with self._lock:
            self._let_go(page)

    def rest(self, method: str, path: str, form: Form, authorization: str) -> RestAnswer:
        """Answer a request for the carrier; a call that is placed begins in a thread of its own."""
        calls = method == "POST" and path.endswith("/Calls.json")
        if calls and not PLACED.acquire(blocking=False):
            problem = {"code": TOO_MANY, "message": "Too many calls at once", "status": 429, "more_info": ""}
            return RestAnswer(429, problem)
        before = len(self.phone.messages)
        reply = answer(self.phone, method, path, form, authorization)
        if reply.then is not None:
            Thread(target=_released(reply.then), daemon=True).start()
        elif calls:
            PLACED.release()
        self._deliver(before)
        return reply

    def _deliver(self, before: int) -> None:
        """Show new text messages at the pages they are for, and forget what is long over."""
        for message in self.phone.messages[before:]:
            for page in list(self._pages):
                if page.number == message.to:
                    page.tell("text", from_=message.from_, to=message.to, body=message.body)
        del self.phone.messages[:-KEPT]
        over = [call for call in self.phone.placed if call.ended is not None]
        for call in over[:-KEPT]:
            self.phone.placed.remove(call)

    def _let_go(self, page: Standby) -> None:
        if page not in self._pages:
            return
        self._pages.remove(page)
        if self.phone.held.get(page.number) is page:
            self.phone.let_go(page.number)
            if others := [other for other in self._pages if other.number == page.number]:
                self.phone.hold(page.number, others[-1])


def exchange() -> Exchange:
    """Return the exchange of this process."""
    with _making:
        extensions: dict[str, Any] = current_app.extensions
        if "exchange" not in extensions:
            app: Flask = current_app
            extensions["exchange"] = Exchange(answerline().settings, cast("WsgiApp", app.wsgi_app))
        return cast("Exchange", extensions["exchange"])


def reactions() -> list[tuple[str, str]]:
    """Return the words for people that a page offers, each with what it means."""
    words = {
        "completed": "answers and takes the call",
        "declines": "answers and declines",
        "mailbox": "a mailbox answers",
        "no-answer": "does not answer",
        "busy": "is busy",
        "busy until 60": "is busy for a minute",
        "failed": "cannot be reached",
        "canceled": "call canceled",
    }
    for word in words:
        person_of(word)
    return list(words.items())


def number_of(text: object, name: str) -> str:
    """Read a telephone number that a page sends. Raises: ValueError."""
    number = str(text or "").strip()
    if not number or len(number) > NUMBER_MAX or not number.isprintable():
        raise ValueError(f"{name} is a telephone number, like {DEFAULT_FROM}")
    return number


def chosen(message: Message, settings: Settings) -> dict[str, str]:
    """Read how people are to react, by number. Raises: ValueError."""
    given: object = message.get("people") or {}
    people = cast("dict[str, object]", given) if isinstance(given, dict) else {"": given}
    known = {number for _, number in people_known(settings)} | {"*"}
    words = {number: word for number, word in people.items() if isinstance(word, str)}
    if words.keys() != people.keys() or not known.issuperset(words):
        raise ValueError("people are known by their numbers, and react with a word")
    for word in words.values():
        person_of(word)
    return words


def people_known(settings: Settings) -> list[tuple[str, str]]:
    """Return who can be rung, each by name and number."""
    return [
        ("Sales", settings.sales_number),
        ("Support", settings.support_number),
        ("Support, direct", settings.support_direct_number),
    ]


def under(prefix: str, app: WsgiApp) -> WsgiApp:
    """Take off the path that a proxy in front of the line takes off."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        inner = {**environ, "PATH_INFO": environ["PATH_INFO"].removeprefix(prefix)}
        return app(inner, start_response)

    return answer


def _released(start: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            start()
        finally:
            PLACED.release()

    return run
