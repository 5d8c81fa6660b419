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
        if role is not None:
            answer = self.post("/console/sign-in", name=NAMES[Role(role)], password=PASSWORD)
            assert answer.status_code == 302, answer.text

    def get(self, path, **headers):
        return self.client.get(path, headers=headers, buffered=True)

    def post(self, path, /, **form):
        """Send a form as a page of the console would: with its token. Values may be files: (stream, name)."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/console/sign-in", Accept="text/html").text)
        if token is None:  # signed in: the page of something that is not there has the token, too
            token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/console/nowhere").text)
        return self.client.post(path, data={"csrf_token": token[1], **form}, buffered=True)

    def sees(self, path):
        """Read a page as text: tags away, blanks put together."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
