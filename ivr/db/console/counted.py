"""What went, in words: for receipts, on a page and on a terminal."""

from collections.abc import Mapping

# One and many; '' for what goes with something else, one for one.
WORDS: Mapping[str, tuple[str, str]] = {
    "calls": ("call", "calls"),
    "turns": ("step", "steps"),
    "call_facts": ("", ""),
    "notes": ("note", "notes"),
    "marks": ("", ""),
    "texts": ("text", "texts"),
    "events": ("event", "events"),
    "places": ("place in line", "places in line"),
    "voicemails": ("message", "messages"),
    "carrier_errors": ("carrier error", "carrier errors"),
    "pin_tries": ("PIN try", "PIN tries"),
    "ledger": ("change of the ledger", "changes of the ledger"),
    "audit": ("row of the audit log", "rows of the audit log"),
    "released_holds": ("released hold", "released holds"),
    "receipts": ("receipt", "receipts"),
    "sign_ins": ("", ""),
    "paths": ("", ""),
    "filters": ("saved filter", "saved filters"),
    "masked": ("mention masked", "mentions masked"),
    "kept_on_hold": ("call kept on hold", "calls kept on hold"),
    "accounts_that_keep_it": ("account that keeps the number", "accounts that keep the number"),
}


def in_words(counts: Mapping[str, int]) -> str:
    """Write counts: `3 calls, 1 note`; '' where there is nothing to tell."""
    known = [(count, WORDS.get(kind, (kind, kind))) for kind, count in counts.items() if count]
    return ", ".join(f"{count:,} {one if count == 1 else many}" for count, (one, many) in known if many)
