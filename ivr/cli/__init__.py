"""The `flask` commands, one file a group."""

from flask import Flask

from ivr.cli import (
    accounts,
    backup,
    budget,
    calls,
    check_prompts,
    data,
    database,
    docs,
    doctor,
    events,
    hear_prompts,
    helpers,
    hours,
    ledger,
    line,
    numbers,
    prompts,
    secrets,
    serve,
    staff,
    sweep,
    texts,
    translate,
    try_prompts,
    voicemail,
    waiting,
)


def register(app: Flask) -> None:
    """Add every command to the application."""
    accounts.accounts.add_command(ledger.verify_ledger)
    accounts.accounts.add_command(ledger.seal_ledger)
    calls.calls.add_command(sweep.sweep)
    line.line.add_command(docs.docs)
    line.line.add_command(budget.budget)
    line.line.add_command(hours.hours)
    calls.calls.add_command(data.purge)
    calls.calls.add_command(data.erase)
    prompts.prompts.add_command(translate.translate)
    prompts.prompts.add_command(check_prompts.check)
    prompts.prompts.add_command(hear_prompts.hear)
    prompts.prompts.add_command(try_prompts.try_)
    prompts.prompts.add_command(try_prompts.reset)
    for command in (
        accounts.accounts,
        backup.make,
        backup.bring_back,
        calls.calls,
        data.data,
        database.db,
        doctor.doctor,
        events.events,
        helpers.helpers,
        line.line,
        numbers.numbers,
        prompts.prompts,
        secrets.secrets_group,
        serve.serve,
        staff.staff,
        texts.texts,
        voicemail.voicemail,
        waiting.waiting,
    ):
        app.cli.add_command(command)
