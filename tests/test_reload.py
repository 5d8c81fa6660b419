"""New code beside callers: a server that is told to load itself again fails no webhook. As deploy/systemd starts it."""

import http.client
import threading
from itertools import count
from urllib.parse import urlencode

import pytest
from under_gunicorn import TOKEN, UnderGunicorn

from ivr.simulator.signature import sign

pytestmark = pytest.mark.slow
RELOADS = 3


@pytest.fixture
def served(tmp_path):
    with UnderGunicorn(tmp_path, options=("--threads", "8", "--graceful-timeout", "20")) as served:
        yield served


def test_no_webhook_fails_while_the_server_loads_itself_again(served):
    over, failed, answered, numbers = threading.Event(), [], [], count()

    def calls():
        while not over.is_set():
            try:
                answered.append(_webhook(served.port, f"CA{next(numbers):032}"))
            except Exception as error:  # noqa: BLE001 each is one that a caller would have heard
                failed.append(repr(error))

    threads = [threading.Thread(target=calls) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(RELOADS):
        served.load_again()
    over.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(answered) >= RELOADS  # they wait while it loads; none is refused
    assert set(answered) == {200}


def _webhook(port, sid):
    form = {"CallSid": sid, "From": "+14155550123", "To": "+18005550100", "CallStatus": "ringing"}
    url = f"http://127.0.0.1:{port}/voice"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(url, form, TOKEN),
        "Connection": "close",  # as a proxy in front speaks to what it stands before
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request("POST", "/voice", urlencode(form), headers)
    answer = connection.getresponse()
    assert b"<Gather" in answer.read()
    connection.close()
    return answer.status
