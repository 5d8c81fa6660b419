"""Whatever is wrong is named, by its name and no other, with what mends it; and when that is done, it is gone."""

import pytest
from planted import FAULTS, SELDOM, table

from ivr.config import ROOT

PAGE = ROOT / "docs" / "doctor.md"
PLANTED = [pytest.param(one, id=one.wrong, marks=pytest.mark.slow if one.found in SELDOM else ()) for one in FAULTS]


def test_a_line_that_is_well_is_let_go(ward):
    assert ward.doctor() == {}


@pytest.mark.parametrize("fault", PLANTED)
def test_it_is_found_and_mended(ward, fault):
    fault.plant(ward)
    found = ward.doctor()
    assert found.keys() - fault.also == {fault.found}
    assert fault.says in found[fault.found].mend
    if fault.mended is None:
        ward.do(found[fault.found])
    else:
        fault.mended(ward)
    assert ward.doctor() == {}


def test_the_page_shows_the_table_of_what_is_planted():
    assert table() in PAGE.read_text(), f"put this into docs/doctor.md:\n{table()}"
