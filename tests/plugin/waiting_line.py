"""A waiting line over HTTP, from the standard library alone: callers wait their turn, then meet an agent.

Run as `python waiting_line.py`; prints its address. The agent is free after each caller has asked three times.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

AGENT = "+15005550007"
TURNS = 3
asked = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        body = f"<Response>{self.answer(form['CallSid'][0], form)}</Response>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, sid, form):
        if self.path == "/voice":
            return "<Say>All our agents are busy.</Say><Redirect>/wait</Redirect>"
        if self.path == "/left":
            reached = form["DialCallStatus"] == ["completed"]
            asked[sid] = 0
            return "<Say>Goodbye.</Say>" if reached else "<Say>The agent has gone.</Say><Redirect>/voice</Redirect>"
        asked[sid] = asked.get(sid, 0) + 1
        if "Digits" in form:
            return "<Say>We will call you back.</Say>"
        if asked[sid] >= TURNS:
            return f"<Say>It is your turn.</Say><Dial action='/left'>{AGENT}</Dial>"
        return (
            f"<Gather numDigits='1' timeout='10' action='/wait'><Say>You are number {TURNS - asked[sid]} in line. "
            "To be called back, press 1.</Say></Gather><Redirect>/wait</Redirect>"
        )

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}/voice", flush=True)  # noqa: T201 whoever starts it reads it
    server.serve_forever()
