"""The `flask` commands, one file a group."""

from flask import Flask

from ivr.cli import accounts, budget, calls, check_prompts, database, docs, line, prompts, serve, translate, voicemail


def register(app: Flask) -> None:
    """Add every command to the application."""
    line.line.add_command(docs.docs)
    line.line.add_command(budget.budget)
    prompts.prompts.add_command(translate.translate)
    prompts.prompts.add_command(check_prompts.check)
    groups = (accounts.accounts, calls.calls, database.db, line.line, prompts.prompts, serve.serve, voicemail.voicemail)
    for command in groups:
        app.cli.add_command(command)
