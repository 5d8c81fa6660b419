"""What is good to know of a line that is well: what waits on its disk, and how its ledger stands."""

from datetime import UTC, datetime

from sqlalchemy import select

from ivr.bootstrap import Answerline
from ivr.db.database import reading
from ivr.db.ledger_check import ANCHOR
from ivr.db.models.accounts import LedgerRow
from ivr.deadline import within
from ivr.service_errors import ServiceError

LOOK_S = 2.0


def notes(line: Answerline) -> tuple[str, ...]:
    """Return them, each in one line."""
    waiting = line.steady.spool.count()
    return (f"{waiting} records wait on this machine's disk for the database", f"ledger: {_ledger(line)}")


def _ledger(line: Answerline) -> str:
    """Say how far it goes, and when it was last found whole; whether it is now, only reading it through tells."""
    query = select(LedgerRow.seq, LedgerRow.at, LedgerRow.seal).order_by(LedgerRow.seq.desc()).limit(1)
    try:
        with within(LOOK_S), reading(line.database) as session:
            newest = session.execute(query).first()
    except ServiceError as error:
        return str(error)
    if newest is None:
        return "no entries yet"
    kept = line.settings.instance_dir / ANCHOR
    try:
        upto, read = kept.read_text().partition("-")[0], datetime.fromtimestamp(kept.stat().st_mtime, UTC)
        whole = f"found whole up to entry {upto} on {read:%Y-%m-%d %H:%M} UTC"
    except OSError:
        whole = "never read through on this machine: `flask accounts verify-ledger`"
    sealed = "sealed" if newest.seal else "not sealed"
    return f"{newest.seq} entries, the newest of {newest.at:%Y-%m-%d %H:%M} UTC, {sealed}; {whole}"
