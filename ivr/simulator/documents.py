"""From a webhook's answer to a document: content type and size rules.

Source: https://www.twilio.com/docs/voice/twiml#twilio-understands-mime-types
"""

from dataclasses import dataclass
from email.message import Message

from ivr.simulator.carrier import MAX_TWIML_BYTES, Failure, Reply
from ivr.simulator.verbs import Document, Problem, parse
from ivr.simulator.verbs.flow import Hangup
from ivr.simulator.verbs.play import Play
from ivr.simulator.verbs.say import Say

XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
EMPTY, TOO_LARGE, BAD_TYPE = 11770, 11750, 12300


@dataclass(frozen=True, slots=True)
class Script:
    """What to do next: the document, and the address that relative ones in it start from."""

    document: Document
    base: str


def understand(reply: Reply, *, unknown_verb_fails: bool = False) -> Script | Failure:
    """Read an answer as the carrier does: TwiML, a sound to play, or a text to read aloud."""
    body = reply.answer.body
    content_type, charset = media_type(reply.answer.headers.get("content-type", ""))
    if not body:
        return Failure(EMPTY, f"{reply.url} answered with an empty body", reply.url)
    if len(body) > MAX_TWIML_BYTES:
        return Failure(TOO_LARGE, f"{reply.url} answered with more than 64 kB", reply.url)
    if content_type in XML_TYPES:
        return _script(reply, parse(body, charset, unknown_verb_fails=unknown_verb_fails))
    if content_type.startswith("audio/"):
        return Script(Document((Play(reply.url), Hangup())), reply.url)
    if content_type == "text/plain":
        return _plain(reply, parse(body, charset, unknown_verb_fails=unknown_verb_fails), charset)
    return Failure(BAD_TYPE, f"{reply.url} answered with Content-Type {content_type or '(none)'}", reply.url)


def media_type(header: str) -> tuple[str, str | None]:
    """Split a Content-Type header into the type, in lower case ('' if there is none), and the charset."""
    if not header:
        return "", None
    if ";" not in header:
        return header.strip().lower(), None
    message = Message()
    message["Content-Type"] = header
    charset = message.get_param("charset")
    return message.get_content_type(), charset if isinstance(charset, str) else None


def _script(reply: Reply, document: Document) -> Script | Failure:
    fatal = document.fatal
    return Script(document, reply.url) if fatal is None else _failure(fatal, reply.url)


def _plain(reply: Reply, document: Document, charset: str | None) -> Script:
    if document.fatal is None:
        return Script(document, reply.url)
    text = " ".join(reply.answer.body.decode(charset or "utf-8", "replace").split())
    return Script(Document((Say(text), Hangup())), reply.url)


def _failure(problem: Problem, url: str) -> Failure:
    return Failure(problem.code, problem.message, url, problem.line, problem.column)
