"""A program that strace looks at: calls cancel their trials one after the other; each code that is heard is noted.

Its arguments: the database, its folder, how many calls. Small steps: SQLite checkpoints every page.
"""

import json
import sys

from cancel_path import CancelPath, durable
from sqlalchemy import event


def main():
    _, url, folder, calls = sys.argv
    path = CancelPath(url, folder)
    ready = json.loads((path.folder / "ready").read_text())
    event.listen(path.engine, "connect", lambda raw, _: raw.execute("PRAGMA wal_autocheckpoint = 12"))
    for call in ready[: int(calls)]:
        durable(path.folder / "acks", f"{call['sid']} {path.confirm(call)}\n")


main()
