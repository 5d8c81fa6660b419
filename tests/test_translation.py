"""Translations: what is translated is spoken, what is not is spoken in English, and nothing out of date is spoken."""

import pytest

from ivr import flows
from ivr.prompts import Prompt, prompts
from ivr.speech import Speech, texts
from ivr.translation import TranslationError, read, update

ENGLISH = [("a", "Hello."), ("b", "It ends on {day:date}."), ("c", "Your {plan:plan} plan.")]


def write(path, content):
    path.write_text(content, encoding="utf-8")
    return path


def test_a_text_is_spoken_where_it_was_made_from_the_english_of_today(tmp_path):
    path = write(tmp_path / "de-DE.toml", '["a"]\nenglish = "Hello."\ntext = "Grüß Gott."\n')
    german = read(path, ENGLISH)
    assert Speech({}, german.texts).words(Prompt("a", "Hello."), {}) == "Grüß Gott."
    assert german.missing == ("b", "c")


def test_a_text_whose_english_has_changed_is_not_spoken(tmp_path):
    german = read(write(tmp_path / "de-DE.toml", '["a"]\nenglish = "Hi."\ntext = "Hallo."\n'), ENGLISH)
    assert (german.texts, german.stale) == ({}, ("a",))


def test_the_translator_gets_a_file_with_all_there_is_to_do_and_all_that_was_done(tmp_path):
    path = write(tmp_path / "de-DE.toml", '["a"]\nenglish = "Hi."\ntext = "Hallo."\n')
    path.write_text(update(path, ENGLISH), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == (
        '["a"]\n# The English is new: "Hello."\nenglish = "Hi."\ntext = "Hallo."\n\n'
        '["b"]\nenglish = "It ends on {day:date}."\ntext = ""\n\n'
        '["c"]\nenglish = "Your {plan:plan} plan."\ntext = ""\n'
    )
    assert update(path, ENGLISH) == path.read_text(encoding="utf-8")


def test_everything_the_line_says_can_be_translated(tmp_path):
    everything = list(texts(prompts(flows.line())))
    path = write(tmp_path / "xx.toml", update(tmp_path / "xx.toml", everything).replace('text = ""', 'text = "?"'))
    with pytest.raises(TranslationError, match="must use the fields of the English"):
        read(path, everything)  # a question mark has none
    plain = [(name, text) for name, text in everything if "{" not in text]
    assert len(read(path, plain).texts) == len(plain)


def test_of_values_only_the_kinds_that_prompts_speak_are_listed():
    """Dates, digits, counts and minutes today; the 1,396 texts of amounts from the day on which a prompt speaks one."""
    listed = {name.split(".")[0] for name, _ in texts(prompts(flows.line()))}
    assert {"value", "weekday", "day", "year", "digit", "number", "minutes"} <= listed
    assert listed.isdisjoint({"dollars", "cents", "and-cents", "thousands"})
    wait = [name for name, _ in texts([Prompt("wait", "The wait is {wait:minutes}.")])]
    assert {"wait", "minutes.0", "minutes.60", "minutes.more"} <= set(wait)
    assert not [name for name in wait if name.startswith("day")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('["b"]\nenglish = "It ends on {day:date}."\ntext = "Ende."', r"the fields of the English: \{day:date\}"),
        ('["b"]\nenglish = "It ends on {day:date}."\ntext = "{day"', "prompt"),
        ('["a"]\nenglish = 1\ntext = "x"', r'\["a"\] must hold'),
        ('a = "x"', r'\["a"\] must hold'),
        ('["a"]\nenglish = ', "Invalid value"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line_that_names_the_file(tmp_path, content, says):
    with pytest.raises(TranslationError, match=rf"(?s)^[^\n]*xx\.toml: .*{says}[^\n]*$"):
        read(write(tmp_path / "xx.toml", content), ENGLISH)


def test_a_language_without_a_file_is_told_how_to_get_one(tmp_path):
    with pytest.raises(TranslationError, match=r"xx\.toml: No such file .*`flask prompts translate` makes it"):
        read(tmp_path / "xx.toml", ENGLISH)
