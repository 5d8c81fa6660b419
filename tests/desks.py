"""Colleagues at the console, for tests: their passwords cost nothing to check, and their forms carry the token."""

import re
from html import unescape

from argon2 import PasswordHasher

from ivr.db.console.staff import SqlStaff
from ivr.staff import Role

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def colleagues(engine, clock):
    """Add one colleague of each role: stan (staff), lea (lead), ada (admin)."""
    staff = SqlStaff(engine, clock, "any key", QUICK)
    for name, role in (("stan", Role.STAFF), ("lea", Role.LEAD), ("ada", Role.ADMIN)):
        staff.add(name, name.title(), role, PASSWORD, "tests")


NAMES = {Role.STAFF: "stan", Role.LEAD: "lea", Role.ADMIN: "ada"}


class Desk:
    """Somebody at the console, without a browser."""

    def __init__(self, app, role=None):
        self.client = app.test_client()
        self._secret = self._kept = None
        if role is not None:
            answer = self.post("/console/sign-in", name=NAMES[Role(role)], password=PASSWORD)
            assert answer.status_code == 302, answer.text

    def get(self, path, **headers):
        return self.client.get(path, headers=headers, buffered=True)

    def post(self, path, /, **form):
        """Send a form as a page of the console would: with its token. Values may be files: (stream, name)."""
        return self.client.post(path, data={"csrf_token": self._token(), **form}, buffered=True)

    def _token(self):
        """Read the token off a page, once a session: it is good for all others."""
        with self.client.session_transaction() as session:
            secret = session.get("csrf_token")
        if secret is None or secret != self._secret:
            page = self.get("/console/sign-in", Accept="text/html")
            if page.status_code == 302:  # signed in: the page of something that is not there has the token, too
                page = self.get("/console/nowhere")
            self._kept = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
            with self.client.session_transaction() as session:
                self._secret = session["csrf_token"]
        return self._kept

    def sees(self, path):
        """Read a page as text: tags away, blanks put together."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def leaves_a_message(phone, **options):
    """Call while nobody answers, leave a message and hang up. Returns the call."""
    call = phone.dial(people={"*": "no-answer"}, **options)
    for key in "2222":
        call.press(key)
    call.says("please call me")
    for key in "#1":
        call.press(key)
    call.hangs_up()
    return call
