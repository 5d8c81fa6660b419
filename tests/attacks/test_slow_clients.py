"""Clients who take their time, at a real server: what they hold up of it, and what a proxy has to do about it."""

import socket
import time
from contextlib import ExitStack

import pytest
from server import Server
from tables import show

THREADS, SLOW, PATIENCE_S = 4, 24, 5
BEGUN = {
    "connected, and nothing sent": b"",
    "half a line": b"POST /voice HT",
    "half of the headers": b"POST /voice HTTP/1.1\r\nHost: x\r\nX-",
    "half of the body": b"POST /voice HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nCallSid=",
    "a body of one byte a chunk": b"POST /voice HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
}


@pytest.mark.attack
def test_what_slow_clients_hold_up(tmp_path):
    rows = []
    with Server(tmp_path, WORKERS="1", THREADS=str(THREADS)) as server:
        for title, begun in BEGUN.items():
            with ExitStack() as stack:
                for _ in range(SLOW):
                    client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
                    client.sendall(begun)
                time.sleep(0.5)  # until they are taken
                rows.append((title, SLOW, answers(server)))
            until = time.monotonic() + 30
            while answers(server) != "answered" and time.monotonic() < until:
                time.sleep(0.2)
            rows[-1] = (*rows[-1], answers(server))
    show(
        f"{SLOW} slow clients at a server of {THREADS} threads",
        ("each has sent", "clients", "others are", "afterwards"),
        rows,
    )
    assert [row[-1] for row in rows] == ["answered"] * len(rows)


def answers(server):
    try:
        server.get("/healthz")
    except OSError:
        return "kept waiting"
    return "answered"
