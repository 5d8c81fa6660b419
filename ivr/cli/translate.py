"""`flask prompts translate LANGUAGE`: the file a translator works in."""

import re

import click
from flask.cli import with_appcontext

from ivr.bootstrap import answerline
from ivr.prompts import prompts
from ivr.speech import texts
from ivr.translation import SOURCE, TranslationError, read, update


@click.command("translate", help="Write prompts/LANGUAGE.toml for a translator, or bring it up to date.")
@click.argument("language")
@with_appcontext
def translate(language: str) -> None:
    """Write every text with its English; keep what is translated already."""
    line = answerline()
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", language) or language == SOURCE:
        raise click.BadParameter(f"{language!r} is no language tag other than {SOURCE}; one is fr-CA")
    path = line.settings.prompts_dir / f"{language}.toml"
    english = list(texts(prompts(line.line)))
    try:
        content = update(path, english)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        found = read(path, english)
    except (TranslationError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{path}: {len(found.texts)} of {len(english)} texts translated, {len(found.missing)} missing, "
        f"{len(found.stale)} made from an older English"
    )
