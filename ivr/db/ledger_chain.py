"""How the ledger of changes is chained: what is hashed, and how. Never altered: what was written is checked by it.

An entry's hash is SHA-256 over the hash of the entry before it and its own fields. A change itself is in it only by a
commitment: HMAC-SHA256 under a salt of its own, which goes when the change goes, so that nothing of it can be guessed
from what stays. A seal is HMAC-SHA256 of the hash under a key that is not in the database.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64  # stands for the hash before the first entry
SALT_BYTES = 16
COMMITTED = ("id", "account_id", "code", "kind", "at", "call_sid", "key", "undoes", "before", "after")
"""What of a change is committed to. A column that comes later is not in older entries: it needs a form of its own."""
_PURPOSE = b"answerline ledger 1"


class EntryKind(StrEnum):
    """What an entry says of its change.

    ADOPTED: it was there, and had no entry. AMENDED: a number in it was masked by law. REMOVED: its days were over.
    SEALED: of no change; the chain up to here was found whole, and is sealed by the key of now.
    """

    CHANGE = "change"
    ADOPTED = "adopted"
    AMENDED = "amended"
    REMOVED = "removed"
    SEALED = "sealed"


def commitment(salt: str, change: Mapping[str, Any]) -> str:
    """Commit to a change. salt: hex. change: the columns of its row by name."""
    told = {name: _told(change[name]) for name in COMMITTED}
    return hmac.digest(bytes.fromhex(salt), _bytes(told), hashlib.sha256).hex()


def entry_hash(before: str, *fields: int | str | datetime | None) -> str:
    """Chain an entry to the one before it. before: its hash. fields: number, kind, time, change's id, commitment."""
    told = _bytes([_told(each) for each in fields])
    return hashlib.sha256(_PURPOSE + bytes.fromhex(before) + told).hexdigest()


def seal(key: bytes, of: str) -> str:
    """Seal a hash."""
    return hmac.digest(key, bytes.fromhex(of), hashlib.sha256).hex()


def seal_key(secret: str) -> bytes:
    """Derive the key of seals from SECRET_KEY: HMAC as a key derivation function, as in NIST SP 800-108."""
    return hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)


def key_id(key: bytes) -> str:
    """Name a key, eight hex digits, so that it is known which one has sealed an entry."""
    return hashlib.sha256(_PURPOSE + key).hexdigest()[:8]


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds")
    return str(value) if isinstance(value, StrEnum) else value


def _bytes(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
