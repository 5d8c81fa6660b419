"""A read replica of PostgreSQL: read by who only looks, and only while it is known to be close behind.

Never for what decides: nothing is signed in, proved, claimed or changed by what it says.
"""

import time
from collections import deque
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Engine, text

from ivr.db.database import transaction
from ivr.service_errors import ServiceError

CHECKED_S = 1.0
AWAY_S = 10.0  # a replica that failed is left alone for so long
_WRITTEN = text("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")
# Nothing for a server that is no replica any more: its writes and the primary's have parted.
_REPLAYED = text("SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint WHERE pg_is_in_recovery()")
AWAY, UNKNOWN = "the read replica does not answer", "how far the read replica is behind is not known yet"
NO_REPLICA = "DATABASE_REPLICA_URL names a server that is no replica"


@dataclass
class Reads:
    """Chooses where to read. trouble: why not the replica, '' while it is read, or where there is none.

    How far it is behind is told by what it has replayed of the primary's log: clocks may differ, and on a quiet night
    the time of the last transaction says nothing.
    """

    primary: Engine
    replica: Engine | None = None
    lag_s: float = 5.0
    trouble: str = ""
    _seen: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=600))
    _next_look: float = 0.0
    _looking: Lock = field(default_factory=Lock)

    def engine(self) -> Engine:
        """Return the replica while it is close behind, or the primary. One request in a second looks; none waits."""
        if self.replica is None:
            return self.primary
        if time.monotonic() >= self._next_look and self._looking.acquire(blocking=False):
            try:
                self.trouble = self._look(self.replica)
                self._next_look = time.monotonic() + (AWAY_S if self.trouble == AWAY else CHECKED_S)
            finally:
                self._looking.release()
        return self.primary if self.trouble or not self._seen else self.replica

    def failed(self) -> None:
        """Note that a read of the replica has failed: the primary is read for a while."""
        self.trouble, self._next_look = AWAY, time.monotonic() + AWAY_S

    def dispose(self) -> None:
        """Close what is open to the replica."""
        if self.replica is not None:
            self.replica.dispose()

    def _look(self, replica: Engine) -> str:
        now = time.monotonic()
        try:
            with transaction(self.primary) as connection:
                self._seen.append((now, connection.scalar(_WRITTEN) or 0))
        except ServiceError:
            return self.trouble  # nothing is known anew
        try:
            with transaction(replica) as connection:
                replayed = connection.scalar(_REPLAYED)
        except ServiceError:
            return AWAY
        if replayed is None:
            return NO_REPLICA
        # Up to date as of the newest moment whose end of the log has been replayed.
        then = max((at for at, written in self._seen if written <= replayed), default=None)
        if then is None:
            return UNKNOWN
        behind = now - then
        return "" if behind <= self.lag_s else f"the read replica is {behind:.0f} seconds behind"
