"""The carrier, for tests: posts webhooks as it does, form-encoded and signed, to the public address."""

from dataclasses import dataclass

from twilio.request_validator import RequestValidator

TOKEN = "0123456789abcdef0123456789abcdef"
BASE = "https://line.example.com"
SID = "CA00000000000000000000000000000001"


@dataclass
class Carrier:
    app: object
    token: str = TOKEN

    def post(self, path: str, sid: str = SID, *, signature=None, headers=(), **form):
        form = {"CallSid": sid, "From": "+14155550123", "To": "+18005550100", **form}
        form = {name: value for name, value in form.items() if value is not None}
        if signature is None:
            signature = RequestValidator(self.token).compute_signature(BASE + path, form)
        return self.app.test_client().post(
            path, data=form, headers={"X-Twilio-Signature": signature, **dict(headers)}, base_url="http://inner:5000"
        )

    def log(self, sid: str = SID):
        return self.app.extensions["answerline"].calls.load(sid)
