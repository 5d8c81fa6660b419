"""Everything that knows SQL: accounts, PIN tries and the call log behind the Protocols of `ivr.services`.

Most of it goes through `database`; what every webhook reads and writes goes through `quick`, with statements that
`prepared` has compiled once and, on SQLite, commits that `group_commit` shares. `gate`: who writes to SQLite next.
"""
