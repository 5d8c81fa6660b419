"""Forms are read as the standard library reads them, whatever was sent."""

from urllib.parse import parse_qsl

import pytest
from flask import Flask, jsonify, request

from ivr.web.forms import Asked

TYPE = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"&",
        b"=",
        b"CallSid=CA1&From=%2B14155550123&Digits=",
        b"a=1&a=2&b&=c&&d=e=f",
        b"a+b=c+d&%C3%A9=%E2%98%83",
        b"half=%E2%98&percent=100%&odd=%zz",
        "raw=é".encode(),
        b"raw=\xff\xfe",
    ],
)
def test_a_form_has_the_fields_that_were_sent(body):
    app = Flask(__name__)
    app.request_class = Asked
    app.post("/")(lambda: jsonify(list(request.form.items(multi=True))))
    read = app.test_client().post("/", data=body, content_type=TYPE).get_json()
    try:
        sent = parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    except UnicodeDecodeError:
        sent = []
    assert sorted(map(tuple, read)) == sorted(sent)
