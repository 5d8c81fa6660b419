"""Random histories of the waiting room, on both databases; `make histories` lives through ten thousand."""

import histories
import pytest
from databases import migrated_url

ON_SQLITE, ON_POSTGRESQL = range(20), range(20, 28)
MORE = pytest.mark.slow
WHERE = [
    ("sqlite", ON_SQLITE),
    ("postgresql", ON_POSTGRESQL),
    pytest.param("sqlite", range(28, 150), marks=MORE),
    pytest.param("postgresql", range(150, 200), marks=MORE),
]


@pytest.mark.parametrize(("backend", "seeds"), WHERE)
def test_histories_keep_every_rule(tmp_path, backend, seeds, record_property):
    """See waiting_rules.py. A broken one is printed as short as it can be told, with its seed."""
    told = histories.run(migrated_url(backend, tmp_path), seeds)
    record_property("histories", histories.shown(told))
    print(histories.shown(told))  # noqa: T201 the tally
    assert told["histories"] == len(seeds)
    assert min(told[end] for end in ("served", "left")) > 0, "they have all ended the same way"
