"""What can be learned from how long answers take."""

from statistics import median


def medians_apart(some, others):
    """Return how many seconds lie between the medians."""
    return abs(median(some) - median(others))


def told_apart(some, others):
    """Return how often the best threshold is right about answers that it was not chosen on; 0.5 is guessing.

    Each half is judged by the threshold that was chosen on the other.
    """
    first, second = (some[::2], others[::2]), (some[1::2], others[1::2])
    return (_judge(_threshold(*first), *second) + _judge(_threshold(*second), *first)) / 2


def _threshold(some, others):
    """Return a time, and whether `others` are those that take longer, by which most of these are told apart."""
    right = best = len(others)  # all take longer than nothing, so all are said to be of `others`
    found = (0.0, True)
    for at, is_other in sorted([(took, False) for took in some] + [(took, True) for took in others]):
        right += -1 if is_other else 1
        for others_are_later, correct in ((True, right), (False, len(some) + len(others) - right)):
            if correct > best:
                found, best = (at, others_are_later), correct
    return found


def _judge(threshold, some, others):
    at, others_are_later = threshold
    right = [(took > at) == others_are_later for took in others] + [(took > at) != others_are_later for took in some]
    return sum(right) / len(right)
