"""What an application may answer to anything at all: a valid document or a clean refusal, soon, of bounded length."""

import logging
import time
import xml.etree.ElementTree as ET
from collections import Counter
from urllib.parse import urljoin, urlsplit

from hostile_words import PLANTED

VERBS = {"Say", "Play", "Gather", "Dial", "Number", "Queue", "Conference", "Redirect", "Hangup", "Record", "Enqueue"}
KNOWN = {"Response", "Pause", "Leave", "Message", "Reject", "Body", *VERBS}
MOST_BYTES = 2_000_000
SLOW_S = 2.0  # of processor time, for the slowest of a hundred thousand
TRACES = (b"Traceback (most recent call last)", b"werkzeug.debug", b'File "/')


class Failures(logging.Handler):
    """Every log record of a bug: what a webhook answers with an apology has failed all the same."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.records = []

    def emit(self, record):
        if record.exc_info:
            self.records.append(record)


class Judge:
    """Sends requests to an application and notes what is wrong with the answers."""

    def __init__(self, app):
        self._app, self.wrong, self.answers = app, [], Counter()
        self.slowest, self.largest = (0.0, None), (0, None)
        self.failures = Failures()

    def send(self, hostile):
        """Return status, headers and body."""
        told = {}

        def start_response(status, headers, _error=None):
            told.update(status=int(status.split()[0]), headers=headers)

        before, began = len(self.failures.records), time.thread_time()
        try:
            body = self._read(self._app.wsgi_app(hostile.environ(), start_response))
        except Exception as error:  # noqa: BLE001 a server would show it to nobody, and answer 500
            told.update(status=500, headers=[])
            body = b""
            self.wrong.append((f"it got out of the application: {error!r}", str(hostile)))
        took = time.thread_time() - began
        headers = {name.lower(): value for name, value in told["headers"]}
        self._note(hostile, told["status"], headers, body, took)
        if len(self.failures.records) > before:
            self.wrong.append((f"it failed: {self.failures.records[-1].exc_info[1]!r}", str(hostile)))
        return told["status"], headers, body

    @staticmethod
    def _read(answer):
        try:
            return b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _note(self, hostile, status, headers, body, took):
        door = hostile.endpoint.partition(".")[0]
        self.answers[door, hostile.kind or "stranger", f"{status // 100}xx"] += 1
        self.slowest = max(self.slowest, (took, str(hostile)), key=lambda one: one[0])
        self.largest = max(self.largest, (len(body), str(hostile)), key=lambda one: one[0])
        self.wrong += [(what, str(hostile)) for what in judged(hostile, status, headers, body)]
        if took > SLOW_S:
            self.wrong.append((f"it took {took:.1f} s of a processor", str(hostile)))


def judged(hostile, status, headers, body):
    """Name everything that an answer must not be."""
    late = status == 503 and (hostile.endpoint == "health.readyz" or "retry-after" in headers)
    if status >= 500 and not late:
        yield f"status {status}"
    if any(trace in body for trace in TRACES):
        yield "a stack trace"
    if len(body) > MOST_BYTES:
        yield f"{len(body)} bytes"
    if leads_elsewhere(headers.get("location", ""), hostile.headers.get("Host", "")):
        yield f"it leads elsewhere: {headers['location']}"
    if any("\r" in value or "\n" in value for value in headers.values()) or "planted=1" in headers.get(
        "set-cookie", ""
    ):
        yield "a header that was put in"
    webhook = hostile.endpoint.startswith(("voice.", "texts.", "debugger."))
    if webhook and status == 200 and not hostile.signed and hostile.method not in {"OPTIONS", "HEAD"}:
        yield "a webhook that nobody signed was answered"
    kind = headers.get("content-type", "")
    if kind.startswith("text/xml") and hostile.method != "HEAD":
        yield from ill_formed(body)
    elif kind.startswith("text/html") and (f"<{PLANTED}".encode() in body or f"<script>{PLANTED}".encode() in body):
        yield "markup that was put in"


def leads_elsewhere(location, host):
    """Say whether a browser would leave the host that it has asked: that of its own header stays its own."""
    there = urlsplit(urljoin("http://line.example.com", location)).netloc
    return there not in {"line.example.com", "127.0.0.1:5000", host}


def ill_formed(body):
    """Name what is wrong with TwiML, as a real parser sees it."""
    try:
        document = ET.fromstring(body)  # noqa: S314 see above
    except ET.ParseError as error:
        yield f"no XML: {error}"
        return
    if document.tag != "Response":
        yield f"a document of <{document.tag}>"
    for element in document.iter():
        if element.tag not in KNOWN:
            yield f"a verb that was put in: <{element.tag}>"
        for name in ("action", "url", "statusCallback", "waitUrl"):
            if "evil.example" in element.get(name, ""):
                yield f"it leads elsewhere: {element.get(name)}"
    if b"Redirect" in body and any("evil" in (found.text or "") for found in document.iter("Redirect")):
        yield "a redirect that was put in"
