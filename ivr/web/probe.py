"""What `flask doctor` sees of itself through the proxy: answered before any page or webhook, whatever the address."""

import json
import time
from dataclasses import asdict

from flask import Flask, Response, request

from ivr.bootstrap import answerline
from ivr.probe import SEAL, TICKET, Seen, admits, seal
from ivr.web.voice import is_signed


def install(app: Flask) -> None:
    """Answer probes, and nobody else."""
    app.before_request(answer)


def answer() -> Response | None:
    """Say how this request arrived, to who knows the token; to everybody else the address is what it is."""
    given = request.headers.get(TICKET)
    if given is None:
        return None
    token = answerline().settings.twilio_auth_token
    if not admits(token, given, time.time()):
        return None
    seen = Seen(
        method=request.method,
        scheme=request.scheme,
        proto=request.headers.get("X-Forwarded-Proto", ""),
        host=request.headers.get("Host", ""),
        path=request.path,
        query=request.query_string.decode("latin-1"),
        form=[[name, value] for name, value in request.form.items(multi=True)],
        signature="X-Twilio-Signature" in request.headers,
        signed=is_signed(),
        peer=request.environ.get("werkzeug.proxy_fix.orig", request.environ).get("REMOTE_ADDR") or "",
    )
    body = json.dumps(asdict(seen)).encode()
    headers = {SEAL: seal(token, given, body), "Cache-Control": "no-store"}
    return Response(body, mimetype="application/json", headers=headers)
