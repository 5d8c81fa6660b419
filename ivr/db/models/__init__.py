"""The tables that the line writes, each with what it is about; the console's own are `ivr.db.console.tables`.

Whoever imports one of them knows them all: foreign keys, migrations and backups go by what is known.
"""

from ivr.db.models import accounts, calls, carrier_errors, events, pins, places, texts, voicemails, work

__all__ = ["accounts", "calls", "carrier_errors", "events", "pins", "places", "texts", "voicemails", "work"]
