"""Who may be called back or texted, and how a number that was keyed in is read."""

import re
import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType
from phonenumbers.phonenumberutil import SUPPORTED_REGIONS, country_code_for_region

from ivr.call import WITHHELD
from ivr.numbers import allowed, country, from_keys, from_text, mobile_capable, unknown_countries

HOME = frozenset({"US", "CA"})
EVERYWHERE = [*sorted(SUPPORTED_REGIONS), "001"]


def example(region, kind):
    number = phonenumbers.example_number_for_type(region, kind)
    return number and phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# Rule: a valid number, of a country that is named.
@pytest.mark.parametrize("number", ["+14155550123", "+16135550123", "+18002636317"])
def test_a_telephone_at_home_may_be_rung(number):
    assert allowed(number, HOME)


@pytest.mark.parametrize(
    ("number", "where"),
    [
        ("+18765550199", "JM"),  # looks like a number at home: what "one ring" swindles live on
        ("+18095550199", "DO"),
        ("+12844964567", "VG"),
        ("+442071838750", "GB"),
        ("+491701234567", "DE"),
    ],
)
def test_one_abroad_may_be_rung_where_its_country_is_named(number, where):
    assert country(number) == where
    assert not allowed(number, HOME)
    assert allowed(number, {*HOME, where})


# Rule: E.164 as it is written, and nothing that only resembles it.
@pytest.mark.parametrize(
    "number",
    [
        "", "+", "4155550123", "14155550123", "0014155550123", "+1 415 555 0123", "+1-415-555-0123", "+14155550123\n",
        "+１４１５５５５０１２３", "tel:+14155550123", "client:ann", "sip:ann@example.com", "+1415555012",  # noqa: RUF001
        "+141555501234", "+11155550123", "+00000000000", "+1415555012a", "anonymous",
    ],
)  # fmt: skip
def test_what_is_no_number_is_not_rung(number):
    assert not allowed(number, EVERYWHERE)
    assert not mobile_capable(number)
    assert country(number) == ""


@pytest.mark.parametrize("number", sorted(WITHHELD))
def test_a_withheld_number_is_not_rung(number):
    assert not allowed(number, EVERYWHERE)


# Rule: what costs the company more than a call, or is no telephone, is never rung, wherever it is.
@pytest.mark.parametrize(
    "number",
    [
        "+19005550199",  # premium rate
        "+14159761234",  # pay per call
        "+15005550006",  # personal
        "+449061234567",  # premium rate
        "+33892123456",  # premium rate
        "+881612345678",  # satellites
        "+870773111632",
        "+88235100000",
        "+97912345678",  # international premium rate
        "+911",
        "+1911",
        "+112",
        "+1611",
        "+122000",
    ],
)
def test_some_numbers_are_never_rung(number):
    assert not allowed(number, EVERYWHERE)


@pytest.mark.parametrize("kind", ["PREMIUM_RATE", "SHARED_COST", "PERSONAL_NUMBER", "PAGER", "VOICEMAIL"])
def test_no_country_has_one_that_is_rung_and_costs_more(kind):
    found = [number for region in EVERYWHERE if (number := example(region, getattr(PhoneNumberType, kind)))]
    assert found
    assert not [number for number in found if allowed(number, EVERYWHERE)]


def test_every_country_has_mobiles_that_are_rung_where_it_is_named_and_only_there():
    for region in sorted(SUPPORTED_REGIONS):
        number = example(region, PhoneNumberType.MOBILE)
        if number and country(number) == region:
            assert allowed(number, {region}), number
            assert mobile_capable(number), number
            assert not allowed(number, SUPPORTED_REGIONS - {region}), number


def test_no_country_has_a_short_number_that_is_rung():
    costs = phonenumbers.ShortNumberCost
    for region in sorted(SUPPORTED_REGIONS):
        for cost in (costs.TOLL_FREE, costs.STANDARD_RATE, costs.PREMIUM_RATE):
            short = phonenumbers.shortnumberinfo._example_short_number_for_cost(region, cost)
            number = f"+{country_code_for_region(region)}{short}"
            assert not (short and allowed(number, EVERYWHERE)), number


# Rule: a text goes to what is, or in North America may be, a mobile.
@pytest.mark.parametrize(
    ("number", "capable"),
    [
        ("+14155550123", True),
        ("+447400123456", True),
        ("+442071838750", False),
        ("+18002636317", False),
        ("+19005550199", False),
    ],
)
def test_who_can_read_a_text(number, capable):
    assert mobile_capable(number) is capable


# Rule: keys are read as people at home dial.
@pytest.mark.parametrize(
    ("keys", "home", "number"),
    [
        ("4155550123", "US", "+14155550123"),
        ("14155550123", "US", "+14155550123"),
        ("6135550123", "US", "+16135550123"),
        ("4155550123", "CA", "+14155550123"),
        ("011442071838750", "US", "+442071838750"),
        ("00442071838750", "US", "+442071838750"),
        ("01114155550123", "US", "+14155550123"),
        ("0014155550123", "US", "+14155550123"),
        ("02071838750", "GB", "+442071838750"),
        ("0014155550123", "GB", "+14155550123"),
        ("01132220123", "GB", "+441132220123"),
        ("0011442071838750", "AU", "+442071838750"),
    ],
)
def test_keys_become_a_number(keys, home, number):
    assert from_keys(keys, home) == number


@pytest.mark.parametrize(
    "keys",
    [
        "", "0", "911", "112", "5550123", "415555012", "41555501234", "1155550123", "24155550123", "442071838750",
        "01144207183875", "00", "011", "0" * 20, "1" * 20, "9" * 200, "415555012*", "+14155550123",
        "４１５５５５０１２３", "911911911911",  # noqa: RUF001
    ],
)  # fmt: skip
def test_keys_that_are_no_number_at_home_are_none(keys):
    assert from_keys(keys, "US") is None


# A number that was keyed in need not be one that may be rung.
def test_a_premium_number_is_read_and_not_rung():
    assert from_keys("9005550199", "US") == "+19005550199"
    assert not allowed("+19005550199", HOME)


@given(st.text(alphabet="0123456789*#+ \n٣", max_size=24), st.sampled_from(["US", "CA", "GB", "AU", "DE", "IT", "JP"]))
def test_whatever_is_keyed_in_is_e164_or_nothing(keys, home):
    number = from_keys(keys, home)
    assert number is None or re.fullmatch(r"\+[1-9][0-9]{6,14}", number)


@given(st.from_regex(r"[2-9][0-9]{9}", fullmatch=True))
def test_a_number_that_may_be_rung_can_be_keyed_in_both_ways(digits):
    number = f"+1{digits}"
    if allowed(number, HOME):
        assert from_keys(digits, "US") == from_keys(f"1{digits}", "CA") == from_keys(f"0111{digits}", "US") == number


def test_countries_are_told_from_what_is_none():
    assert unknown_countries(["US", "CA", "GB"]) == []
    assert unknown_countries(["US", "UK", "001", ""]) == ["", "001", "UK"]


# Rule: people write numbers in many ways; what is none is told from what is one.
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("212 555 0131", "+12125550131"),
        ("(212) 555-0131", "+12125550131"),
        ("+1.212.555.0131", "+12125550131"),
        ("tel:+1-212-555-0131", "+12125550131"),
        ("0049 30 12345678", "+493012345678"),
        ("+49 30 12345678", "+493012345678"),
        ("70000011", None),
        ("123456", None),
        ("555-0131", None),
        ("call me", None),
        ("", None),
        ("1-800-FLOWERS", None),
        ("+", None),
    ],
)
def test_a_number_is_read_as_people_write_it(text, number):
    assert from_text(text) == number


# Rule: 245 numbering plans are in the package, and each is read when a number of it comes up.
def test_only_the_plans_that_were_asked_about_are_read():
    program = (
        "import sys, ivr.numbers as n; n.allowed('+14155550123', {'US'}); "
        "print(*[m for m in sys.modules if 'phonenumbers.data.region' in m])"
    )
    read = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert read == ["phonenumbers.data.region_US"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("(415) 555-0123", "+14155550123"),
        ("+1 415.555.0123", "+14155550123"),
        (" +44 20 7946 0018 ", "+442079460018"),
        ("+1 212 555 0100", "+12125550100"),
        ("", None),
        ("12", None),
        ("anonymous", None),
        ("+", None),
        ("9" * 500, None),
        ("\0", None),
    ],
)
def test_a_number_as_somebody_writes_it(written, number):
    assert from_text(written) == number
