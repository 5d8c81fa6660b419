"""What never stands in a log line, whatever a developer wrote there: telephone numbers, secrets, what was keyed in.

The last line of defence: the code does not log them in the first place.
"""

import re
from collections.abc import Iterable

from ivr.call import masked

HIDDEN = "•••"
SECRET_MIN = 4  # keys of a menu are shorter: hiding each "3" of a line would hide everything else
_SEPARATED = r"[ ().-]{0,2}"
_NUMBER = re.compile(
    rf"""
    (?:\+|%2B)[1-9](?:{_SEPARATED}\d){{6,14}}(?!\d)  # E.164, however it is grouped
  | (?<![\w.-])                                      # not inside a SID or an identifier
    (?: \(?\d{{3}}\)?[ .-]\d{{3}}[ .-]\d{{4}}        # (415) 555-0123
      | \d{{10,15}} )                                # without its plus
    (?![\w-])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NAMES = "digits|pin|password|passwd|secret|token|auth_token|authorization|speechresult|unstable_speech_result|otp"
_SECRET = re.compile(
    rf"""
    (?P<name> (?<![a-z]) (?:{_NAMES}) (?: ["']\s*[:=,]\s* | \s*[:=]\s* ) )   # pin=..., 'Digits': ..., ('Digits', ...
    (?P<value> (?:bearer|basic)\s+\S+ | "[^"]*" | '[^']*' | [^\s&,;)}}\]"']+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
SECRET_NAMES = frozenset(_NAMES.split("|"))


def hidden(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text as it may be logged. secrets: what may not be in it, word for word."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _SECRET.sub(_without_value, text)
    return _NUMBER.sub(_last_two, text)


def _without_value(found: re.Match[str]) -> str:
    return f"{found['name']}{HIDDEN}"


def _last_two(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0].removeprefix("%2B").removeprefix("%2b"))
    return masked(f"+{digits}")
