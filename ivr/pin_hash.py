"""PINs as they are stored: argon2id over a keyed hash, so that a stolen database alone opens nothing."""

import base64
import hashlib
import hmac
import secrets
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

PIN_DIGITS = 6
_MARK_ENDS = "|"  # in no hash of argon2's
_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1  # about 20 ms; the pepper, not the cost, guards six digits
_COMMON = frozenset(
    [
        "159753",
        "357159",
        "147258",
        "258369",
        "147369",
        "147852",
        "789456",
        "456789",
        "741852",
        "963852",
        "852456",
        "951753",
        "753951",
        "112233",
        "332211",
        "102030",
        "010203",
        "121314",
        "131211",
        "246810",
        "100200",
        "123654",
        "123789",
        "321456",
        "654123",
        "420420",
        "696969",
        "142536",
        "520131",
        "007007",
        "110110",
        "101010",
        "987456",
        "124578",
        "258000",
        "102938",
        "135790",
        "135791",
        "248163",
        "314159",
        "271828",
        "141421",
    ]
)


class PinHasher:
    """Hashes and compares PINs.

    pepper: the key, PIN_PEPPER. previous: the one before, while the pepper is changed. Hashes made under any other
    never match. During a change, new hashes are marked with their pepper; those without a mark are older.
    """

    def __init__(self, pepper: str, previous: str = "") -> None:
        self._pepper, self._previous = pepper.encode(), previous.encode()
        self.mark = _mark(self._pepper) if previous else ""
        self._argon2 = PasswordHasher(
            time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES, hash_len=32, salt_len=16, type=Type.ID
        )
        # Well formed and random: comparing with it costs what a real one costs, and never matches.
        salt, digest = (base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
        self._nobody = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${salt}${digest}"

    def hash(self, account_number: str, pin: str) -> str:
        """Hash a PIN for one account; about 20 ms, 19 MiB, and other threads run meanwhile."""
        return self.mark + self._argon2.hash(_keyed(self._pepper, account_number, pin))

    def verify(self, pin_hash: str | None, account_number: str, pin: str) -> bool:
        """Compare a PIN with a stored hash.

        pin_hash: None where there is none: the same work is done, and the answer is no.
        """
        try:
            pepper, plain = self._apart(pin_hash or self._nobody)
            self._argon2.verify(plain, _keyed(pepper, account_number, pin))
        except (VerificationError, InvalidHashError):
            return False
        return pin_hash is not None

    def is_old(self, pin_hash: str) -> bool:
        """Say whether a hash should be made again, under the pepper of now."""
        return bool(self._previous) and not pin_hash.startswith(self.mark)

    def _apart(self, pin_hash: str) -> tuple[bytes, str]:
        """Return the pepper of a hash, and the hash without its mark."""
        head, mark, plain = pin_hash.rpartition(_MARK_ENDS)
        if not mark:
            return self._previous or self._pepper, plain
        return (self._previous if head + mark == _mark(self._previous) else self._pepper), plain


def _keyed(pepper: bytes, account_number: str, pin: str) -> bytes:
    return hmac.digest(pepper, f"{account_number}:{pin}".encode(), hashlib.sha256)


def _mark(pepper: bytes) -> str:
    return hmac.digest(pepper, b"name of this pepper", hashlib.sha256).hex()[:8] + _MARK_ENDS


def weak_pin(pin: str) -> bool:
    """Say whether a PIN is among those that guessers try first."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    half, pairs = len(pin) // 2, [pin[i : i + 2] for i in range(0, len(pin), 2)]
    return (
        len(steps) == 1  # 000000, 123456, 987654, 135791
        or pin[:half] == pin[half:]  # 123123
        or pin[:half] == pin[half:][::-1]  # 123321
        or len(set(pairs)) == 1  # 121212
        or all(len(set(pair)) == 1 for pair in pairs)  # 112233
        or (pin[:half] in {c * half for c in pin} and pin[half:] in {c * half for c in pin})  # 111222
        or pin in _COMMON
    )


def random_pin() -> str:
    """Draw a PIN that nobody would guess first."""
    while weak_pin(pin := f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"):
        pass
    return pin
