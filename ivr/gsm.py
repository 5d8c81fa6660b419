"""What fits in a text message: the GSM 7 bit alphabet, in which 160 characters are one message.

Source: 3GPP TS 23.038, 6.2.1 and 6.2.1.1. One other character makes the whole message UCS-2, at 70 a part.
"""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two places each


def length(text: str) -> int:
    """Count the places a text takes."""
    return len(text) + sum(character in _EXTENDED for character in text)


def foreign(text: str) -> str:
    """Return the characters that the alphabet does not have, each once, in order."""
    return "".join(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENDED))
