"""Telephone numbers: what a caller keyed in as one, which may be called back or texted, and which can read a text.

Numbering plans are data that change every few weeks: Google's libphonenumber keeps them, and `phonenumbers` brings
them here. A withheld number is no number of any plan. Source: https://github.com/daviddrysdale/python-phonenumbers
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    number_type,
    parse,
    region_code_for_number,
)
from phonenumbers.phonenumberutil import SUPPORTED_REGIONS

# All else is never rung: premium rate, shared cost, personal numbers, pagers, voicemail boxes, and what the plans do
# not tell. Satellites have no country; emergency and short numbers have no E.164.
_A_TELEPHONE = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
    }
)
_READS_TEXTS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
# Exchanges that a North American caller pays by the call for; the plan has them as any other.
_PAY_PER_CALL = re.compile(r"\+1[0-9]{3}976[0-9]{4}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_KEYS = re.compile(r"[0-9]{5,20}")
_WRITTEN = re.compile(r"(?:tel:)?[-+0-9 ()./\u00a0\u2010-\u2015\u202f]{5,40}", re.ASCII)


def allowed(number: str, countries: Collection[str]) -> bool:
    """Say whether a number may be called back or texted.

    number: E.164. countries: ISO codes. Numbers of the whole of North America begin with +1, and only those of the
    countries named are allowed. Premium-rate, shared-cost, satellite, emergency and short numbers never are.
    """
    parsed = _parsed(number)
    if parsed is None or _PAY_PER_CALL.fullmatch(number):
        return False
    return number_type(parsed) in _A_TELEPHONE and _country(parsed) in countries


def mobile_capable(number: str) -> bool:
    """Say whether a number (E.164) may be a mobile one; in North America its digits do not tell, and it may."""
    parsed = _parsed(number)
    return parsed is not None and number_type(parsed) in _READS_TEXTS


def country(number: str) -> str:
    """Return the ISO code of a number's country; '' for one that is no valid E.164 or, like a satellite's, has none."""
    parsed = _parsed(number)
    return (parsed and _country(parsed)) or ""


def from_keys(digits: str, home: str) -> str | None:
    """Read a number as a caller keys it in, and return it in E.164; None where it is no valid one.

    home: ISO code of the country whose habits are followed: in North America ten digits, eleven with 1, or 011 before
    a country code. 00 before a country code is understood everywhere. Whether it may be rung, `allowed` says.
    """
    if not _KEYS.fullmatch(digits):
        return None
    for text, region in ((digits, home), (f"+{digits.removeprefix('00')}", None)):
        if region or digits.startswith("00"):
            found = _valid(text, region)
            if found is not None:
                return format_number(found, PhoneNumberFormat.E164)
    return None


def unknown_countries(countries: Collection[str]) -> list[str]:
    """List what is no ISO code of a country with a numbering plan, in order."""
    return sorted(set(countries) - SUPPORTED_REGIONS)


def _country(number: PhoneNumber) -> str | None:
    """Return the country; None for satellites and other networks of no country, which share the code 001."""
    code = region_code_for_number(number)
    return code if code in SUPPORTED_REGIONS else None


def _parsed(number: str) -> PhoneNumber | None:
    """Read E.164, written as E.164 is."""
    found = _valid(number, None) if _E164.fullmatch(number) else None
    return found if found is not None and format_number(found, PhoneNumberFormat.E164) == number else None


def _valid(text: str, region: str | None) -> PhoneNumber | None:
    try:
        found = parse(text, region)
    except NumberParseException:
        return None
    return found if is_valid_number(found) else None


@dataclass(frozen=True)
class Numbers:
    """What a line may call back. countries: ISO codes. home: the country whose habits callers have when they key in."""

    countries: Collection[str]
    home: str = "US"

    def allowed(self, number: str) -> bool:
        """Say whether we may call an E.164 number."""
        return allowed(number, self.countries)

    def from_keys(self, digits: str) -> str | None:
        """Make E.164 of what a caller keyed in; None where that is no number."""
        return from_keys(digits, self.home)


def international(number: str) -> str:
    """Write a number (E.164) as its country writes it for readers abroad: `+1 800-263-6317`; else as it is."""
    parsed = _parsed(number)
    return number if parsed is None else format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def from_text(text: str, home: str = "US") -> str | None:
    """Read a number as people write it, in any format, and return it in E.164; None where there is none in it.

    home: ISO code of the country of numbers without a country code. It need not be in use: a number of a plan's length
    is enough, since it is only looked for. Letters are none of it. One of no plan passes if it is written as E.164 is:
    carriers send such numbers, too.
    """
    if not _WRITTEN.fullmatch(text):
        return None
    text = re.sub(r"^\s*00(?=[1-9])", "+", text)
    bare = re.sub(r"[^+0-9]", "", text)
    as_it_is = bare if _E164.fullmatch(bare) else None
    try:
        found = parse(text, home)
    except NumberParseException:
        return as_it_is
    return format_number(found, PhoneNumberFormat.E164) if _whole(found) else as_it_is


def _whole(number: PhoneNumber) -> bool:
    """Say whether a number is long enough to be rung from elsewhere."""
    reason: int = is_possible_number_with_reason(number)
    return reason == ValidationResult.IS_POSSIBLE
