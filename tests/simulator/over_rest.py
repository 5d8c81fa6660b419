"""What an application asks of the simulator's REST interface."""

import json
import urllib.error
import urllib.request
from base64 import b64encode
from urllib.parse import urlencode

from twiml_app import ACCOUNT, TOKEN


def rest(server, path, form=None, pair=f"{ACCOUNT}:{TOKEN}"):
    """Read, or send a form. Returns the status and what the JSON says."""
    body = None if form is None else urlencode(form, doseq=True).encode()
    url = f"{server.url}/2010-04-01/Accounts/{ACCOUNT}{path}"
    authorization = "Basic " + b64encode(pair.encode()).decode()
    request = urllib.request.Request(url, body, {"Authorization": authorization})  # noqa: S310 loopback
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
