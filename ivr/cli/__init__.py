"""The `flask` commands, one file a group."""

from flask import Flask

from ivr.cli import (
    accounts,
    budget,
    calls,
    check_prompts,
    database,
    docs,
    hear_prompts,
    hours,
    line,
    prompts,
    serve,
    texts,
    translate,
    voicemail,
    waiting,
)


def register(app: Flask) -> None:
    """Add every command to the application."""
    line.line.add_command(docs.docs)
    line.line.add_command(budget.budget)
    line.line.add_command(hours.hours)
    prompts.prompts.add_command(translate.translate)
    prompts.prompts.add_command(check_prompts.check)
    prompts.prompts.add_command(hear_prompts.hear)
    for command in (
        accounts.accounts,
        calls.calls,
        database.db,
        line.line,
        prompts.prompts,
        serve.serve,
        texts.texts,
        voicemail.voicemail,
        waiting.waiting,
    ):
        app.cli.add_command(command)
