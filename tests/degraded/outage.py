"""Takes an SQLite file away from a line, and gives it back; what goes on in the background is done when told."""

from ivr.bootstrap import build
from ivr.db.history import list_calls, show_call


class Outage:
    def __init__(self, line, path):
        self.line, self.path = line, path
        self.away = path.with_name("away.db")
        self.background = []
        line.steady.breaker._start = self.background.append

    def begins(self):
        """Have every question fail; connections that were open are gone, too."""
        self.line.database.dispose()
        self.path.rename(self.away)
        self.path.mkdir()
        return self

    def ends(self, *, noticed=True):
        """Put the database back. noticed: the background has seen it, and has written what waited."""
        self.path.rmdir()
        self.away.rename(self.path)
        if noticed:
            self.is_noticed()

    def is_noticed(self):
        while self.background:
            self.background.pop(0)()

    @property
    def waiting(self):
        """How many records wait on disk."""
        return sum(len(path.read_text().splitlines()) for path in self.line.steady.spool.files())

    def turns(self, sid):
        return show_call(self.line.database, sid, self.line.calls.speak)["turns"]

    def calls(self):
        return list_calls(self.line.database)


def asked(*visits):
    """What a call's turns come to: where, what was pressed, and what it led to."""
    return [(f"{visit['flow']}.{visit['node']}", visit["input"], visit["outcome"]) for visit in visits]


def restarted(app, line, clock):
    """The same line in another process: nothing of what it had in memory is there."""
    again = build(line.settings, clock)
    app.extensions["answerline"] = again
    return again
