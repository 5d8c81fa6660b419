"""The `flask` commands, one file a group."""

from flask import Flask

from ivr.cli import accounts, calls, database, docs, line, prompts, serve


def register(app: Flask) -> None:
    """Add every command to the application."""
    line.line.add_command(docs.docs)
    for command in (accounts.accounts, calls.calls, database.db, line.line, prompts.prompts, serve.serve):
        app.cli.add_command(command)
