"""Hostile requests, one for each number: whatever fails is made again from its number alone."""

import json
import random
import re
from base64 import b64encode
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes, urlencode, urlsplit

from hostile_words import FIELDS, HEADERS, HOSTILE, QUERY
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.probe import TICKET

METHODS = ("GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "BREW")
# What takes a process, a thread or an hour of its own is attacked elsewhere, one by one.
LEFT_OUT = {"simulator.call", "simulator.stand_by", "console.sign_out", "console.insight_plotly"}
CARRIERS = ("voice.", "texts.", "debugger.")
ACTION = re.compile(r'(?:action|url|Url)="([^"]*)"|<Redirect[^>]*>([^<]*)<')


@dataclass
class Hostile:
    """One request. target: path and query as they are sent, ASCII. signed: by the carrier's token, over just this."""

    number: int
    endpoint: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    signed: bool = False
    kind: str = ""
    form: list = field(default_factory=list)

    def environ(self):
        path, _, query = self.target.partition("?")
        given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        given |= {
            name: given.pop(f"HTTP_{name}") for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if f"HTTP_{name}" in given
        }
        return {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "5000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self.body),
            "wsgi.input_terminated": True,  # as gunicorn says
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(self.body)),
            **given,
        }

    def __str__(self):
        return f"#{self.number} {self.method} {self.target[:160]!r} {self.headers} {self.body[:300]!r}"


class Attacker:
    """Makes requests at an application. token, sid: the carrier's account. base: the public address.

    desk: returns the cookies and the form token of somebody who is signed in.
    """

    def __init__(self, app, *, token, sid, base, desk, places):
        self._rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in LEFT_OUT]
        self._carriers = [rule for rule in self._rules if rule.endpoint.startswith(CARRIERS)]
        self._others = [rule for rule in self._rules if not rule.endpoint.startswith(("console.", *CARRIERS))]
        self._token, self._base, self._desk, self._places = token, base, desk, places
        self._basic = "Basic " + b64encode(f"{sid}:{token}".encode()).decode()
        self._going_on = []

    def heard(self, sid, twiml):
        """Note where a call goes on, so that some requests come where a caller would be."""
        found = [unescape(one or other) for one, other in ACTION.findall(twiml)]
        paths = [urlsplit(address)._replace(scheme="", netloc="").geturl() for address in found]
        self._going_on += [(sid, path) for path in paths if path.startswith("/voice")]
        del self._going_on[:-60]

    def request(self, number):
        dice = random.Random(number)
        if self._going_on and dice.random() < 0.25:
            return self._next(number, dice)
        rule = dice.choice(dice.choice((self._carriers, self._carriers, self._others, self._rules)))
        method = dice.choice(sorted(rule.methods)) if dice.random() < 0.9 else dice.choice(METHODS)
        target = self._target(rule, dice)
        hostile = Hostile(number, rule.endpoint, method, target, self._headers(dice))
        self._body(hostile, dice)
        self._vouch(hostile, dice)
        return hostile

    def _next(self, number, dice):
        """Go on with a call, in one way in four as the carrier would."""
        sid, target = dice.choice(self._going_on)
        form = [("CallSid", sid), *((name, self._value(FIELDS[name], dice, 0.15)) for name in ("From", "To"))]
        more = dice.sample(sorted(FIELDS), dice.choice((0, 0, 1, 2)))
        form += [("Digits", self._value(FIELDS["Digits"], dice, 0.1))]
        form += [(name, self._value(FIELDS[name], dice, 0.5)) for name in more]
        hostile = Hostile(number, "voice.turn", "POST", target, {"Host": "127.0.0.1:5000"})
        self._as_form(hostile, form)
        self._sign(hostile)
        return hostile

    def _target(self, rule, dice):
        def part(found):
            name = found[1].partition(":")[2] or found[1]
            known = self._places.get(name, ("1",))
            text = self._value(known, dice, 0.4)
            if name == "path" and dice.random() < 0.7:
                return quote(text, safe="/%.\\:", errors="surrogatepass")
            return quote(text, safe="" if dice.random() < 0.8 else "/%;,", errors="surrogatepass")

        path = re.sub(r"<([^>]+)>", part, rule.rule)
        if dice.random() < 0.05:
            path = dice.choice((path + "/", "/" + path, path.upper(), path + "%00", path + "/..", path + ";x=y"))
        query = self._query(dice) if dice.random() < 0.5 or rule.endpoint == "voice.turn" else ""
        return f"{path}?{query}" if query else path

    def _query(self, dice):
        names = dice.sample(sorted(QUERY), dice.randint(0, 3))
        pairs = [(name, self._value(QUERY[name], dice, 0.3)) for name in [*dice.choice(([], ["turn"])), *names]]
        if pairs and dice.random() < 0.2:
            pairs.append((dice.choice(pairs)[0], self._value(("1",), dice, 0.5)))  # once more, otherwise
        if dice.random() < 0.05:
            return quote_from_bytes(dice.randbytes(20), safe="&=;+%?/")
        return urlencode(pairs, errors="surrogatepass")

    def _headers(self, dice):
        headers = {"Host": "127.0.0.1:5000"}
        for name in dice.sample(sorted(HEADERS), dice.choice((0, 0, 0, 1, 2))):
            headers[name] = self._value(HEADERS[name], dice, 0.3)
        if dice.random() < 0.02:
            headers[TICKET] = self._value(("1.abc",), dice, 0.5)
        return {name: text.encode("utf-8", "replace").decode("latin-1") for name, text in headers.items()}

    def _body(self, hostile, dice):
        names = dice.sample(sorted(FIELDS), dice.randint(0, 6))
        form = [(name, self._value(FIELDS[name], dice, 0.3)) for name in ["CallSid", *names]]
        if hostile.endpoint.startswith("console."):
            form = [(name, self._value(("1", "a note"), dice, 0.7)) for name in self._asked(dice)]
        elif hostile.endpoint == "debugger.told":
            form = [("Sid", "NO" + str(dice.randint(0, 99999))), ("Payload", self._payload(dice)), *form]
        if hostile.method in {"GET", "HEAD"} and dice.random() < 0.9:
            return
        kind = dice.random()
        if kind < 0.9:
            self._as_form(hostile, form)
        elif kind < 0.92:
            hostile.body, hostile.headers["Content-Type"] = b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded"
        elif kind < 0.95:
            mark = dice.choice(("x", "", '"', "a" * 100, "\0"))
            head = f"--{mark}\r\nContent-Disposition: form-data"
            parts = "".join(f'{head}; name="{n}"; filename="../../{v[:50]}"\r\n\r\n{v}\r\n' for n, v in form)
            hostile.body = (parts + f"--{mark}--").encode("utf-8", "replace")
            hostile.headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
        else:
            hostile.body = dice.randbytes(dice.choice((0, 1, 100)))
            kinds = (
                "application/json",
                "text/xml",
                "",
                "application/x-www-form-urlencoded; charset=utf-16",
                "*/*",
                "a" * 500,
            )
            hostile.headers["Content-Type"] = dice.choice(kinds)

    def _as_form(self, hostile, form):
        hostile.form = form
        hostile.body = urlencode(form, errors="surrogatepass").encode()
        hostile.headers["Content-Type"] = "application/x-www-form-urlencoded"

    def _asked(self, dice):
        names = (
            "name password code text version reason token disposition role zone number q title until sid who".split()
        )
        return dice.sample(names, dice.randint(0, 6))

    def _payload(self, dice):
        def text():
            return self._value(("11200", "CA1", "ERROR", 12, None, [], {}, 10**30), dice, 0.5)

        given = {
            "error_code": text(),
            "resource_sid": text(),
            "webhook": {"request": {"url": text(), "parameters": {"CallSid": text(), "Digits": text()}}},
            "more_info": {"Msg": text(), "url": text()},
        }
        if dice.random() < 0.2:
            given[dice.choice(sorted(given))] = text()
        return json.dumps(given)

    def _vouch(self, hostile, dice):
        """Let most requests through the door that they knock at."""
        if (
            hostile.endpoint.startswith(CARRIERS)
            and dice.random() < 0.7
            and "X-Twilio-Signature" not in hostile.headers
        ):
            self._sign(hostile)
        elif hostile.endpoint.startswith("console.") and dice.random() < 0.8:
            cookies, token = self._desk()
            hostile.headers["Cookie"] = cookies
            if hostile.form:
                self._as_form(hostile, [("csrf_token", token), *hostile.form])
            hostile.kind = "signed in"
        elif hostile.endpoint == "simulator.rest" and dice.random() < 0.7 and "Calls.json" not in hostile.target:
            hostile.headers["Authorization"] = self._basic
            hostile.kind = "with token"

    def _sign(self, hostile):
        """Sign as the carrier does: the address with its path as browsers write it, and each different field once."""
        path, _, query = hostile.target.partition("?")
        given = unquote_to_bytes(path).decode("utf-8", "replace")
        address = self._base + quote(given) + (f"?{query}" if query else "")
        form = MultiDict(
            (name, value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")) for name, value in hostile.form
        )
        hostile.headers["X-Twilio-Signature"] = RequestValidator(self._token).compute_signature(address, form)
        hostile.signed, hostile.kind = True, "signed"

    def _value(self, known, dice, share):
        return dice.choice(HOSTILE) if dice.random() < share else dice.choice(known)
