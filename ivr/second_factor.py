"""The second factor of staff: codes from an authenticator app, recovery codes, and the secret, sealed.

Codes: RFC 6238 (TOTP), six digits, 30 s, SHA-1, as every app has them. The secret has to be read again to check a code,
so it cannot be hashed: it is encrypted under a key that follows from SECRET_KEY.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyotp import random_base32
from pyotp.totp import TOTP

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

STEP_S = 30
DRIFT = 1  # steps that a telephone's clock may be off
RECOVERY_CODES, _RECOVERY_CHARS = 10, 10
_EASY = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else; ten of them are 49 bits


class SecondFactor:
    """Makes and checks second factors. key: SECRET_KEY. previous: the one before, while it is changed."""

    def __init__(self, key: str, previous: str = "") -> None:
        self._keys = [name.encode() for name in (key, previous) if name]

    def new_secret(self, whose: int) -> str:
        """Draw a secret; returned sealed, for somebody's `Staff.id`."""
        return self._seal(f"{whose}:{random_base32()}")

    def secret(self, sealed: str, whose: int, good_for: timedelta | None = None) -> str | None:
        """Open a sealed secret (base32); None where it is somebody else's, too old, or sealed under another key."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 the line starts without it

        try:
            opened = self._box().decrypt(
                sealed.encode(errors="replace"), int(good_for.total_seconds()) if good_for else None
            )
        except InvalidToken:
            return None
        owner, _, secret = opened.decode().partition(":")
        return secret if owner == str(whose) else None

    def recovery_codes(self) -> list[str]:
        """Draw codes that are good once each, should the telephone be lost."""
        return ["".join(secrets.choice(_EASY) for _ in range(_RECOVERY_CHARS)) for _ in range(RECOVERY_CODES)]

    def recovery_key(self, whose: int, code: str) -> str:
        """Hash a recovery code, as it is kept. What people put between its letters does not count."""
        return self.recovery_keys(whose, code)[0]

    def recovery_keys(self, whose: int, code: str) -> list[str]:
        """Hash a recovery code by the key of now, and by the one before."""
        plain = "".join(c for c in code.lower() if c.isalnum())
        said = f"recovery {whose} {plain}".encode()
        return [hmac.new(key, said, hashlib.sha256).hexdigest()[:32] for key in self._keys]

    def sealed_anew(self, sealed: str) -> str | None:
        """Seal a secret by the key of now; None where no known key opens it."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return self._box().rotate(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _seal(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def _box(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        def box(key: bytes) -> Fernet:
            derived = HKDF(SHA256(), 32, salt=None, info=b"answerline second factor").derive(key)
            return Fernet(base64.urlsafe_b64encode(derived))

        return MultiFernet([box(key) for key in self._keys])


def step_of(secret: str, code: str, at: datetime, after: int) -> int | None:
    """Return the time step that a code is for; None for a wrong one.

    after: the step of the code taken last, since each is good once, and none before it.
    """
    plain = "".join(c for c in code if not c.isspace())
    if not (len(plain) == 6 and plain.isascii() and plain.isdecimal()):  # noqa: PLR2004 digits of a code
        return None
    here = int(at.timestamp()) // STEP_S
    app = TOTP(secret)
    for step in range(here - DRIFT, here + DRIFT + 1):
        right = hmac.compare_digest(app.at(datetime.fromtimestamp(step * STEP_S, UTC)), plain)
        if right and step > after:
            return step
    return None


def address_of(secret: str, name: str, issuer: str) -> str:
    """Return the address that an app reads out of a QR code."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
