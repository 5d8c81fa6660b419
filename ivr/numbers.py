"""Telephone numbers: where they are, and what can be done with them."""

from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType


def allowed(number: str, countries: Collection[str]) -> bool:
    """Say whether an E.164 number belongs to one of these countries. countries: ISO 3166, like US."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.region_code_for_number(parsed) in countries


def mobile_capable(number: str) -> bool:
    """Say whether an E.164 number may be a mobile one; in North America nobody can tell by the number."""
    kinds = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in kinds
    except phonenumbers.NumberParseException:
        return False
