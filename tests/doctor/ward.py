"""A line that is well, in everything that a doctor looks at: each test makes one thing wrong, and mends it."""

import shlex
import shutil
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from fake_carrier import ACCOUNT, TOKEN, FakeCarrier
from proxied import HOST, Faults, Proxy
from werkzeug.serving import make_server

from ivr.config import ROOT, Settings
from ivr.db.database import writing
from ivr.db.heartbeats import HeartbeatRow
from ivr.doctor.patient import Surroundings
from ivr.doctor.visit import visit
from ivr.helpers import helpers_of
from ivr.number_book import wanted
from ivr.staff import Role
from ivr.web import create_app

OURS, DESK, STRANGE = "+14155550100", "+14155550111", "+14155550122"


class Ward:
    """settings, app: of the line. served: the application that answers, mostly the same. carrier, proxy: around it."""

    def __init__(self, folder: Path, database: Path, carrier: FakeCarrier):
        self.folder, self.carrier = folder, carrier
        shutil.copy(database, folder / "line.db")
        shutil.copy(ROOT / "ivr" / "departments.toml", folder / "departments.toml")
        (folder / "instance").mkdir(mode=0o700)
        self.around = Surroundings({}, folder / "env", folder / "mounts")
        self.server = make_server("127.0.0.1", 0, self._serve, threaded=True)
        self.server.log_startup = lambda: None
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.proxy = Proxy(folder, self.server.server_port).__enter__()
        self.base = f"https://{HOST}:{self.proxy.server_port}"
        self.well = Settings(
            port=self.server.server_port,
            database_url=f"sqlite:///{folder}/line.db",
            public_base_url=self.base,
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_api_base=carrier.url,
            secret_key="0123456789abcdef-secret",
            pin_pepper="0123456789abcdef-pepper",
            prompt_mode="say",
            prompts_dir=folder / "prompts",
            voice_model="/nowhere.onnx",
            departments_file=folder / "departments.toml",
            instance_dir=folder / "instance",
            caller_id=OURS,
        )
        self.app = None
        self.start()
        self.line.staff.add("ann", "Ann", Role.ADMIN, "a long password for ann", "tests")

    def _serve(self, environ, start_response):
        return self.served(environ, start_response)

    @property
    def line(self):
        return self.app.extensions["answerline"]

    @property
    def engine(self):
        return self.line.database

    def start(self, **changes):
        """Start the line, with some settings changed."""
        self.stop()
        self.settings = replace(self.well, **changes)
        self.app = self.served = create_app(self.settings)

    def stop(self):
        if self.app:
            self.engine.dispose()

    def recover(self):
        """Make well what may have changed, but for the database."""
        if self.settings != self.well or self.served is not self.app:
            self.start()
        self.proxy.faults = Faults()
        self.proxy.has("good")
        self.carrier.account, self.carrier.date = {"status": "active", "type": "Full"}, None
        self.carrier.verified.clear()
        connected = {"phone_number": OURS, "friendly_name": "Support", **wanted(self.base, messages=True)}
        self.carrier.numbers.clear()
        self.carrier.numbers["PN" + "1" * 32] = connected
        with writing(self.engine) as session:
            for helper in helpers_of(self.settings):
                session.merge(HeartbeatRow(name=helper.command, at=self.line.clock.now()))

    @property
    def number(self):
        """The fields of the line's number at the carrier."""
        return self.carrier.numbers["PN" + "1" * 32]

    def doctor(self):
        """Return what is found, by name."""
        return {finding.name: finding for finding in visit(self.line, self.around).findings}

    def flask(self, *words):
        result = self.app.test_cli_runner().invoke(args=words)
        assert result.exit_code == 0, result.output
        return result.output

    def do(self, finding):
        """Do what a finding says, where that is a command."""
        program, *words = shlex.split(finding.mend)
        if program == "chmod":
            for path in self.folder.glob(str(Path(words[1]).relative_to(self.folder))):
                path.chmod(int(words[0], 8))
        else:
            assert program == "flask", finding.mend
            self.flask(*words, *(["--yes"] if words[0] == "numbers" else []))

    def late(self, helper):
        """Let a process have done nothing for an hour."""
        with writing(self.engine) as session:
            session.merge(HeartbeatRow(name=helper.command, at=self.line.clock.now() - timedelta(hours=1)))

    def close(self):
        self.stop()
        self.proxy.__exit__()
        self.server.shutdown()
        self.server.server_close()


def resolving(real=socket.getaddrinfo):
    """Have names of the tests lead to this machine; the network has no part in this."""

    def found(host, *more, **others):
        return real("127.0.0.1" if host in {HOST, "alive.example.com"} else host, *more, **others)

    return found
