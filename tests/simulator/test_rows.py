"""The table of rules is whole."""

import re
from pathlib import Path

from twiml_app import ROWS

HERE = Path(__file__).parent


def test_every_rule_of_the_carrier_has_a_test():
    """No number is missing, and none is invented."""
    text = "".join(path.read_text() for path in HERE.glob("test_*.py"))
    rows = {int(number) for number in re.findall(r"(?:mark\.row|\brule)\((\d+)", text)}
    assert rows == set(range(1, ROWS + 1))
