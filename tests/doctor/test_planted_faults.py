"""Whatever is wrong is named, by its name and no other, with what mends it; and when that is done, it is gone."""

import pytest
from faults import FAULTS


def test_a_line_that_is_well_is_let_go(ward):
    assert ward.doctor() == {}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.wrong for fault in FAULTS])
def test_it_is_found_and_mended(ward, fault):
    fault.plant(ward)
    found = ward.doctor()
    assert found.keys() - fault.also == {fault.found}
    finding = found[fault.found]
    assert fault.says in finding.mend
    if fault.mended is None:
        ward.do(finding)
    else:
        fault.mended(ward)
    assert ward.doctor() == {}
    ward.start()
