"""Everything that knows SQL: accounts, PIN tries and the call log behind the Protocols of `ivr.services`."""
