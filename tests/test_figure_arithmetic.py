"""The arithmetic of figures, against published values and by its own laws."""

import pytest

from ivr.figures import Change, Share, change, percentile


# Wilson's interval, from Newcombe, Two-sided confidence intervals for the single proportion, Stat. Med. 17 (1998),
# table I, method 3.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(part, whole, low, high):
    assert Share(part, whole).interval == pytest.approx((low, high), abs=0.00005)


def test_of_nothing_there_is_no_share():
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert change(Share(1, 2), Share(0, 0)) is None


def test_an_interval_holds_its_share_and_stays_between_none_and_all():
    for whole in range(1, 60):
        for part in range(whole + 1):
            low, high = Share(part, whole).interval
            assert 0 <= low <= part / whole <= high <= 1


def test_a_change_is_clear_where_the_intervals_do_not_overlap():
    assert change(Share(10, 100), Share(60, 100)) == Change(pytest.approx(-0.5), apart=True)
    assert change(Share(6, 10), Share(5, 10)) == Change(pytest.approx(0.1), apart=False)
    assert change(Share(6, 10), Share(5, 10)).direction == "up"
    assert change(Share(1, 2), Share(2, 4)).direction == "same"


# The nearest rank: the smallest value that so many of all are not above.
def test_a_percentile_is_a_value_that_occurred():
    assert percentile({}, 0.5) is None
    assert percentile({15: 1, 20: 1, 35: 1, 40: 1, 50: 1}, 0.3) == 20
    assert percentile({15: 1, 20: 1, 35: 1, 40: 1, 50: 1}, 0.4) == 20
    assert percentile({15: 1, 20: 1, 35: 1, 40: 1, 50: 1}, 0.5) == 35
    assert percentile({15: 1, 20: 1, 35: 1, 40: 1, 50: 1}, 1.0) == 50
    assert percentile({1: 90, 2: 10}, 0.9) == 1
