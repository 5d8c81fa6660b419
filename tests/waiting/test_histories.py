"""Random histories of the waiting room, on both databases; `make histories` lives through ten thousand."""

import histories
from databases import migrated_url

ON_SQLITE, ON_POSTGRESQL = range(60), range(60, 75)


def test_histories_keep_every_rule(tmp_path, backend, record_property):
    """See waiting_rules.py. A broken one is printed as short as it can be told, with its seed."""
    seeds = ON_POSTGRESQL if backend == "postgresql" else ON_SQLITE
    told = histories.run(migrated_url(backend, tmp_path), seeds)
    record_property("histories", histories.shown(told))
    print(histories.shown(told))  # noqa: T201 the tally
    assert told["histories"] == len(seeds)
    assert min(told[end] for end in ("served", "left")) > 0, "they have all ended the same way"
