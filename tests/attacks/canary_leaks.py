"""Leaks that a developer could make: each is planted, and the search has to find it."""

import base64
import hashlib
import logging
from dataclasses import replace

from opentelemetry import trace

from ivr import conversation
from ivr.db.calls import SqlCallLog
from ivr.web import voice, watch
from ivr.webhook_addresses import WebhookAddresses

log = logging.getLogger("answerline")


class Leaks:
    """Plants one leak. folder: where the line keeps its files."""

    def __init__(self, monkeypatch, folder):
        self._patch, self._folder, self._typed = monkeypatch.setattr, folder, ""
        heard = voice.heard

        def overheard(form):
            self._typed = form.get("Digits", "")
            return heard(form)

        self._patch(voice, "heard", overheard)

    def a_stored_turn(self):
        self._patch(conversation, "_shown", lambda heard, *_: getattr(heard, "digits", ""))

    def a_line_of_the_log_that_spells_it(self):
        self._before(conversation.Conversation, "turn", lambda: log.info("heard %s", " ".join(self._typed)))

    def a_hash_without_a_key_in_a_line(self):
        hashed = lambda: hashlib.sha256(self._typed.encode()).hexdigest()  # noqa: E731
        self._before(conversation.Conversation, "turn", lambda: log.debug("heard %s", hashed()))

    def a_label_of_a_metric(self):
        self._patch(watch, "_place", lambda: ("verify", self._typed or "-"))

    def an_address_in_twiml(self):
        action = WebhookAddresses.action
        self._patch(WebhookAddresses, "action", lambda *given: f"{action(*given)}&was={self._typed[::-1]}")

    def a_header(self):
        answer = voice._xml
        self._patch(voice, "_xml", lambda twiml: self._headed(answer(twiml)))

    def what_is_known_of_a_call(self):
        save = SqlCallLog.save

        def careless(log, progress, finished):
            call = replace(progress.call, facts={**progress.call.facts, "last": self._typed})
            return save(log, replace(progress, call=call), finished)

        self._patch(SqlCallLog, "save", careless)

    def a_file_beside_the_database(self):
        def note():
            with (self._folder / "debug.bin").open("ab") as file:
                file.write(base64.b64encode(f"pin={self._typed};".encode()) + b"\n")

        self._before(conversation.Conversation, "turn", note)

    def an_attribute_of_a_trace(self):
        def attribute():
            trace.get_current_span().set_attribute("answerline.heard", self._typed.encode().hex())

        self._before(conversation.Conversation, "turn", attribute)

    def _before(self, owner, name, does):
        method = getattr(owner, name)

        def first(*given):
            does()
            return method(*given)

        self._patch(owner, name, first)

    def _headed(self, answer):
        answer.headers["X-Debug"] = base64.b64encode(b"heard " + self._typed.encode()).decode()
        return answer


LEAKS = sorted(name for name in vars(Leaks) if not name.startswith("_"))
