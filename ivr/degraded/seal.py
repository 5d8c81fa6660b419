"""What is known of a call, sealed for the addresses of its next webhooks while the database cannot hold it.

Encrypted and authenticated (Fernet) under a key that follows from SECRET_KEY: the carrier's logs show nothing of a
caller, and nobody can make one up. A seal is good for one call, and for as long as a call may last.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

GOOD_FOR_S = 4 * 60 * 60  # the carrier ends every call after that
SEALED_MAX = 6000  # characters; ours have about 700


class Seal:
    """Seals what can be written as JSON. key: SECRET_KEY. previous: the one before, whose seals open too."""

    def __init__(self, key: str, previous: str = "") -> None:
        self._keys = [each for each in (key, previous) if each]

    def close(self, sid: str, told: Mapping[str, Any]) -> str:
        """Seal for a call; returns letters, digits, `-` and `_` only."""
        plain = json.dumps([sid, told], separators=(",", ":")).encode()
        return self._box.encrypt(zlib.compress(plain)).decode().rstrip("=")

    def open(self, sid: str, sealed: str) -> Mapping[str, Any] | None:
        """Open what was sealed for this call; None where it is another's, too old, or not ours."""
        if not sealed or len(sealed) > SEALED_MAX or not sealed.isascii():
            return None
        try:
            plain = self._box.decrypt(sealed + "=" * (-len(sealed) % 4), ttl=GOOD_FOR_S)
        except InvalidToken:
            return None
        whose, told = json.loads(zlib.decompress(plain))
        return cast("Mapping[str, Any]", told) if whose == sid else None

    @cached_property
    def _box(self) -> MultiFernet:
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 the line starts without it
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        def derived(key: str) -> bytes:
            return HKDF(SHA256(), 32, salt=None, info=b"answerline call without database").derive(key.encode())

        return MultiFernet([Fernet(base64.urlsafe_b64encode(derived(key))) for key in self._keys])
