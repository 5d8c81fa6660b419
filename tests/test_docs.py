"""Documents that cannot rot: what is generated is up to date, and what they name exists."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.cli.docs import documents
from ivr.lint import lint

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_generated_parts_are_up_to_date(app):
    for path, text in documents(app.extensions["answerline"].line):
        assert path.read_text() == text, f"{path.name} is out of date: run `make format`"


def test_the_command_agrees(app):
    result = app.test_cli_runner().invoke(args=["line", "docs", "--check"])
    assert result.exit_code == 0, result.output


def test_every_place_that_the_readme_names_exists():
    tree = README.split("## Where things are")[1].split("```")[1]
    for place in re.findall(r"(?:^|\s)((?:ivr|tests|docs|prompts)/[\w./]*)", tree):
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("page", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))])
def test_every_link_between_the_documents_leads_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or ((ROOT / page).parent / target).exists(), target


def test_every_make_target_that_the_readme_names_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in map("".join, re.findall(r"`make (\w+)|^make (\w+)", README, re.MULTILINE)):
        assert f"\n{target}:" in makefile, target


def test_the_option_in_the_readme_is_a_change_that_works(app):
    """The diff that adds a topic applies to the file it names, and the line that it makes is sound."""
    diff = README.split("```diff\n")[1].split("```")[0].splitlines()
    before, after = ("\n".join(row[1:] for row in diff if row[0] in marks) for marks in (" ", " +"))
    source = (ROOT / "ivr" / "flows" / "audio.py").read_text()
    assert source.count(before) == 1
    changed = {}
    exec(source.replace(before, after), changed)  # noqa: S102 our own README
    parts = app.extensions["answerline"]
    line = replace(parts.line, flows={**parts.line.flows, "audio": changed["flow"]})
    services = parts.conversation.engine.services
    names = [*services.directory, *services.departments.current()]
    assert lint(line, names, list(parts.voice.speech.fixed)) == []


def test_line_commands(app):
    runner = app.test_cli_runner()
    assert "no problems" in runner.invoke(args=["line", "lint"]).output
    assert runner.invoke(args=["line", "diagram"]).output.startswith("flowchart LR\n")
    assert len(runner.invoke(args=["line", "diagram", "--overview"]).output.splitlines()) < 50


def test_the_example_of_the_accounts_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "accounts.md").read_text(), re.MULTILINE | re.DOTALL)
    runnable = [block for block in blocks if "MemoryAccounts(" in block]
    assert runnable
    for block in runnable:
        exec(block, {})  # noqa: S102 our own page
