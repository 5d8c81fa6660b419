"""A line with demo accounts and staff, as an attacker finds it, and what is kept of an attack."""

import logging

from databases import FakeClock, LightHasher, migrated_url
from desks import Desk, colleagues
from hostile_answers import Judge
from hostile_requests import Attacker

from ivr.config import Settings
from ivr.console.recorder import Recorder, RecorderError
from ivr.db.demo import load_demo
from ivr.web import create_app

BASE, TOKEN, ACCOUNT = "http://127.0.0.1:5000", "0123456789abcdef0123456789abcdef", "AC" + "0" * 32
PEPPER = "a pepper for tests"
FRESH = 1500  # requests, after which the database is as it was: some of them change it, and a few shut the door
PLACES = {
    "flow": ("main", "verify", "support", "voicemail", "agent", "called_back", "buying", "nowhere"),
    "node": ("menu", "pin", "account", "offer", "start", "number", "pin_help", "record", "hold"),
    "number": ("70000011", "1"),
    "sid": ("CA" + "1" * 32, "CA" + "2" * 32),
    "path": ("static/simulator.js", "0123456789abcdef/common.lost.wav", "2010-04-01/Accounts/x/Messages.json"),
    "filename": ("console.css", "simulator.js"),
    "prompt_id": ("common.lost", "main.menu"),
    "name": ("calls", "figures"),
    "code": ("000000",),
    "token": ("x",),
}


class Target:
    """One application under attack. backend: of its database; folder: where its files are."""

    def __init__(self, folder, backend, time, monkeypatch):
        self._folder, self._backend, self._clock = folder, backend, FakeClock(time)
        folder.mkdir(exist_ok=True)
        url = migrated_url(backend, folder)
        self.settings = Settings(
            database_url=url,
            public_base_url=BASE,
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            secret_key="a key for tests",
            pin_pepper=PEPPER,
            secret_floor_ms=0,
            prompt_mode="say",
            voice_model="/nowhere.onnx",
            instance_dir=folder,
        )

        def no_process(*_):
            raise RecorderError("no process is started here")

        monkeypatch.setattr(Recorder, "_flask", no_process)
        self.app = create_app(self.settings, self._clock)
        self.app.logger.propagate = True
        self._engine = self.app.extensions["answerline"].database
        self._fill()
        self.judge = Judge(self.app)
        self.attacker = Attacker(
            self.app, token=TOKEN, sid=ACCOUNT, base=BASE, desk=lambda: self._session, places=PLACES
        )

    def attack(self, numbers):
        """Send the requests of these numbers."""
        logging.getLogger().addHandler(self.judge.failures)
        try:
            for count, number in enumerate(numbers, 1):
                if count % FRESH == 0:
                    self._fill()
                hostile = self.attacker.request(number)
                status, headers, body = self.judge.send(hostile)
                if hostile.signed and status == 200 and headers.get("content-type", "").startswith("text/xml"):
                    sid = next((value for name, value in hostile.form if name == "CallSid"), "")
                    self.attacker.heard(sid, body.decode())
                if hostile.kind == "signed in" and "sign-in" in headers.get("location", ""):
                    self._sign_in()
        finally:
            logging.getLogger().removeHandler(self.judge.failures)

    def close(self):
        self._engine.dispose()
        self.app.extensions["answerline"].reads.primary.dispose()

    def _fill(self):
        self._engine.dispose()
        migrated_url(self._backend, self._folder)
        load_demo(self._engine, LightHasher(PEPPER), self._clock)
        colleagues(self._engine, self._clock)
        self._sign_in()

    def _sign_in(self):
        try:
            desk = Desk(self.app, "admin")
        except AssertionError:  # an admin has been locked out, which admins can do
            self._fill()
            return
        token = desk._token()
        self._session = f"session={desk.client.get_cookie('session').value}", token
