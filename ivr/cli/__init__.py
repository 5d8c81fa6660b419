"""The `flask` commands, one file a group."""

from flask import Flask

from ivr.cli import accounts, budget, calls, database, docs, line, serve


def register(app: Flask) -> None:
    """Add every command to the application."""
    line.line.add_command(docs.docs)
    line.line.add_command(budget.budget)
    for command in (accounts.accounts, calls.calls, database.db, line.line, serve.serve):
        app.cli.add_command(command)
