"""Everything that knows SQL: `ivr.accounts`, `ivr.pins` and `ivr.call_log` say what the line asks of it.

Most of it goes through `database`; what every webhook reads and writes goes through `quick`, with statements that
`prepared` has compiled once and, on SQLite, commits that `group_commit` shares. `gate`: who writes to SQLite next.
"""
