"""Telephone numbers and text messages: which can get one, and how a number is written in one."""

from collections.abc import Collection

import phonenumbers

from ivr.call import withheld
from ivr.numbers import allowed, mobile_capable
from ivr.text import Texting


def textable(number: str, countries: Collection[str]) -> Texting:
    """Say of a number alone whether it can be sent a text. countries: ISO 3166, like US."""
    if withheld(number):
        return Texting.WITHHELD
    if not allowed(number, countries):
        return Texting.ABROAD
    return Texting.POSSIBLE if mobile_capable(number) else Texting.LANDLINE


def in_writing(number: str) -> str:
    """Write a number as people do: +18002636317 is +1 800-263-6317."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
