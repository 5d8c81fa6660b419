"""What the REST interface leaves in logs and errors: never a number that was called, never the account's token."""

import logging
import traceback
from base64 import b64encode
from contextlib import nullcontext

import pytest
from asking import CALL, FROM, TEXT, TO
from fake_carrier import ACCOUNT, TOKEN

from ivr.carrier.texts import TwilioTexts
from ivr.service_errors import ServiceError

SECRETS = [TO[1:], FROM[1:], TOKEN, b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode(), TEXT["body"]]


def exposed(text):
    return [secret for secret in SECRETS if secret in text]


# Twilio's own client logs requests, and its errors quote the number they are about.
@pytest.mark.parametrize("fault", [None, (400, 21211), (400, 21999), 401, 429, 503, "drop", "words"])
def test_logs_and_errors_name_nobody(far, calls, texts, caplog, fault):
    caplog.set_level(logging.DEBUG)
    for ask, given in ((calls.place, CALL), (texts.send, TEXT)):
        far.faults = [fault] * 3 if fault else []
        with pytest.raises(ServiceError) if fault else nullcontext() as told:
            ask(**given)
        assert not exposed("".join(traceback.format_exception(told.value)) if fault else "")
    assert caplog.records, "something was logged: by the HTTP client"
    assert not exposed(caplog.text)


def test_a_token_that_cannot_be_sent_is_not_shown(far, caplog):
    caplog.set_level(logging.DEBUG)
    with TwilioTexts("AC\n" + TOKEN, TOKEN, far.url, lambda _: None) as texts, pytest.raises(ServiceError) as told:
        texts.send(**TEXT)
    assert not exposed(str(told.value) + caplog.text)
