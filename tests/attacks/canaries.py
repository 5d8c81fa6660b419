"""Digits that nobody else uses, so that finding them means they were typed; and every form they may be found in."""

import base64
import hashlib
import json
import random
import re
from itertools import chain

# Names of calls, requests and offers are random: one in a hundred runs, digits of them would be those of an entry.
RANDOM = re.compile(rb"CA[0-9a-f]{32}|(?<![0-9a-f])(?=[0-9]*[a-f])(?:[0-9a-f]{16}){1,4}(?![0-9a-f])")
FRACTIONS = re.compile(rb"(?<=:\d\d\.)\d{3,9}|(?<=\d\.)\d{6,17}")  # of a second: as random
HASHED = "plain "  # as long as a random name
LEAST = 5  # digits of an entry that are looked for: fewer are everywhere


class Canaries:
    """One for each way of typing. dice: whose; two of them that find the same way have not found it by chance."""

    def __init__(self, seed):
        self._dice = random.Random(seed)
        self.ways = {}

    def digits(self, way, number):
        """Return so many digits, to be typed in this way and in no other."""
        if way not in self.ways:
            self.ways[way] = "".join(self._dice.choices("123456789", k=number))
        return self.ways[way]

    def found(self, written):
        """Return what was typed and is found: (way, form), in bytes that the system has written."""
        bare = FRACTIONS.sub(b"", RANDOM.sub(b"", written))
        return {
            (way, form)
            for way, digits in self.ways.items()
            if len(digits) >= LEAST
            for form, look in forms(digits).items()
            if look in (written if form.startswith(HASHED) else bare)
        }


def forms(digits):
    """Return what the digits look like in every encoding that keeps them, by its name."""
    plain = digits.encode()
    return {
        "raw": plain,
        "reversed": plain[::-1],
        "hex": plain.hex().encode(),
        "url-encoded": b"".join(b"%%%02X" % byte for byte in plain),
        "as code points": b"".join(b"\\u%04x" % byte for byte in plain),
        "entities": b"".join(b"&#%d;" % byte for byte in plain),
        "UTF-16": digits.encode("utf-16-le"),
        "UTF-16, big": digits.encode("utf-16-be"),
        "spelled": b" ".join(plain[i : i + 1] for i in range(len(plain))),
        "listed": json.dumps(list(digits)).encode()[1:-1],
        **{f"base64, {shift} before": _base64(plain, shift) for shift in range(3)},
        **{f"base64 of it reversed, {shift} before": _base64(plain[::-1], shift) for shift in range(3)},
        **{f"{HASHED}{name}": hashlib.new(name, plain).hexdigest().encode() for name in ("md5", "sha1", "sha256")},
    }


def _base64(plain, shift):
    """Return what is the same wherever this stands in a longer text, so many bytes after a multiple of three."""
    whole = base64.b64encode(b"\0" * shift + plain)
    return whole[(0, 2, 3)[shift] : (shift + len(plain)) * 8 // 6]


def everything_in(folder):
    """Read every file of a folder and below: databases with their journals, logs, recordings, drafts."""
    return b"\n".join(chain.from_iterable((path.name.encode(), path.read_bytes()) for path in _files(folder)))


def _files(folder):
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
