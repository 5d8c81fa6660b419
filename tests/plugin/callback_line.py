"""A line that calls people back, and serves its queue, over the carrier's REST interface; the standard library alone.

Callers press 1 to be called back, or wait. `dispatch` rings the one agent for whoever waits, and offers each by a key.
"""

import urllib.request
from base64 import b64encode
from urllib.parse import parse_qsl, urlencode

OURS, AGENT, BASE = "+15005550100", "+15005550006", "http://localhost"
SID, TOKEN = "AC" + "1" * 32, "0123456789abcdef0123456789abcdef"
PAGES = {
    "/voice": "<Gather numDigits='1' action='/chosen'><Say>To be called back, press 1. Or wait.</Say></Gather>"
    "<Enqueue waitUrl='/music'>agents</Enqueue>",
    "/chosen": "<Say>We will call you back.</Say>",
    "/music": "<Pause length='20'/>",
    "/offer": "<Gather numDigits='1' action='/accepted?QUERY'><Say>Press 1 for a caller.</Say></Gather><Hangup/>",
    "/whisper": "<Gather numDigits='1' action='/met'><Say>You asked us to call you. Press 1.</Say></Gather><Hangup/>",
}
wanted: list[str] = []


def app(environ, start_response):
    form = dict(parse_qsl(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()))
    start_response("200 OK", [("Content-Type", "text/xml")])
    return [f"<Response>{answer(environ['PATH_INFO'], environ['QUERY_STRING'], form)}</Response>".encode()]


def answer(path, query, form):
    if path == "/chosen":
        wanted.append(form["From"])
    if path == "/accepted":
        back = dict(parse_qsl(query)).get("back")
        who = f"<Number url='/whisper'>{back}</Number>" if back else "<Queue>agents</Queue>"
        return f"<Dial>{who}</Dial>"
    return PAGES.get(path, "").replace("QUERY", query)


def dispatch(rest):
    """Ring the agent: for the first who wants to be called back, else for whoever is in the queue."""
    query = {"back": wanted.pop(0)} if wanted else {}
    order(rest, "Calls", {"To": AGENT, "From": OURS, "Url": f"{BASE}/offer?{urlencode(query)}"})
    for number in query.values():
        order(rest, "Messages", {"To": number, "From": OURS, "Body": "We are about to call you."})


def order(rest, what, form):
    pair = b64encode(f"{SID}:{TOKEN}".encode()).decode()
    url = f"{rest}/2010-04-01/Accounts/{SID}/{what}.json"
    request = urllib.request.Request(url, urlencode(form).encode(), {"Authorization": f"Basic {pair}"})  # noqa: S310
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        assert answer.status == 201
