"""How sentences are spoken: in words that read like speech, and in clips that are known before any call."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from puppets import FACTS, WORDS

from ivr import flows
from ivr.clip import LEAD_S, TAIL_S
from ivr.flow import FlowError
from ivr.prompts import Prompt, prompts
from ivr.speech import JOIN_S, PAUSE_S, Speech
from ivr.template import fields
from ivr.values import KINDS


def has_clips(amount):
    """All amounts below 100,000 dollars, but those of a thousand or more with less than a hundred in them."""
    return amount < 1000 or not 0 < int(amount) % 1000 < 100


ALL = list(prompts(flows.line()))
SPEECH = Speech(WORDS)
EVERY_KIND = Prompt("every.kind", "".join(f"{{x:{kind}}}" for kind in KINDS))
CATALOGUE = list(SPEECH.catalogue([*ALL, EVERY_KIND]))
TODAY = list(SPEECH.catalogue(ALL))
VALUES = {
    "date": st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(date.isoformat),
    "digits": st.from_regex(r"\A[0-9]{1,12}\Z"),
    "phone": st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"),
    "count": st.integers(0, 30).map(str),
    "money": st.one_of(*(st.decimals(0, most, places=2).filter(has_clips).map(str) for most in (2, 1000, "99999.99"))),
    "minutes": st.integers(0, 200).map(str),
    "plan": st.sampled_from(("monthly", "annual")),
}


def words(template, **values):
    return SPEECH.words(Prompt("x", template), values)


def clips(template, **values):
    return SPEECH.clips(Prompt("x", template), values)


@pytest.mark.parametrize("prompt", ALL, ids=lambda prompt: prompt.id)
def test_every_prompt_can_be_spoken(prompt):
    text = SPEECH.words(prompt, {**WORDS, **FACTS})
    assert text.strip() == text
    assert text.endswith((".", "?"))
    assert "{" not in text


def test_a_date_is_spoken_as_people_say_it():
    assert words("It ends on {x:date}.", x="2027-03-05") == "It ends on Friday, March fifth, 2027."


@pytest.mark.parametrize(
    ("digits", "heard"), [("19", "1 9"), ("482913", "4 8 2, 9 1 3"), ("70000011", "7 0 0 0, 0 0 1 1")]
)
def test_digits_come_one_by_one_in_groups(digits, heard):
    assert words("{x:digits}", x=digits) == heard


@pytest.mark.parametrize(
    ("number", "heard"),
    [("+18002636317", "1, 8 0 0, 2 6 3, 6 3 1 7"), ("+442079460123", "4 4 2 0, 7 9 4 6, 0 1 2 3")],
)
def test_telephone_numbers_come_in_the_groups_people_write(number, heard):
    assert words("{x:phone}", x=number) == heard


@pytest.mark.parametrize(
    ("count", "heard"),
    [
        ("0", "zero"), ("14", "fourteen"), ("99", "ninety-nine"), ("100", "one hundred"),
        ("214", "two hundred fourteen"), ("3000", "three thousand"), ("250041", "two hundred fifty thousand forty-one"),
    ],
)  # fmt: skip
def test_counts_are_spoken_in_words(count, heard):
    assert words("{x:count}", x=count) == heard


@pytest.mark.parametrize(
    ("amount", "heard"),
    [
        ("0", "zero dollars"), ("1", "one dollar"), ("49", "forty-nine dollars"), ("0.01", "one cent"),
        ("1.50", "one dollar and fifty cents"), ("1049.99", "one thousand forty-nine dollars and ninety-nine cents"),
        ("12001", "twelve thousand one dollars"), ("99000", "ninety-nine thousand dollars"),
        ("999999.99", "nine hundred ninety-nine thousand nine hundred ninety-nine dollars and ninety-nine cents"),
    ],
)  # fmt: skip
def test_money_is_spoken_in_dollars_and_cents(amount, heard):
    assert words("{x:money}", x=amount) == heard


@pytest.mark.parametrize(
    ("minutes", "heard"),
    [
        ("0", "less than a minute"), ("1", "one minute"), ("2", "two minutes"),
        ("12", "fifteen minutes"), ("60", "sixty minutes"),
        ("61", "more than an hour"), ("6000", "more than an hour"),
    ],
)  # fmt: skip
def test_how_long_it_takes_is_rounded_up_and_spoken_in_minutes_up_to_an_hour(minutes, heard):
    assert words("{x:minutes}", x=minutes) == heard


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("money", "49.50", ["forty-nine dollars", "and fifty cents."]),
        ("money", "12300", ["twelve thousand", "three hundred dollars."]),
        ("money", "12000", ["twelve thousand dollars."]),
        ("count", "14", ["fourteen."]),
        ("minutes", "42", ["fifty minutes."]),
    ],
)
def test_amounts_and_counts_are_whole_clips_since_single_words_are_misheard(kind, value, said):
    assert [clip.text for clip in clips(f"It is {{x:{kind}}}.", x=value)[1:]] == said


def test_an_amount_before_a_comma_does_not_sound_like_the_end():
    (_, amount, _) = clips("It is {x:money}, and so on.", x="7")
    assert (amount.text, amount.tail_s) == ("seven dollars", JOIN_S)


@pytest.mark.parametrize("amount", ["90001", "28016.40", "100000"])
def test_amounts_whose_halves_would_be_heard_wrong_are_spoken_by_the_carrier(amount):
    """The ear writes `$90,000 $1`; the words stay, and no clip says them."""
    assert any(clip not in CATALOGUE for clip in clips("{x:money}", x=amount))
    assert "thousand" in words("{x:money}", x=amount)


def test_a_count_without_a_clip_is_one_piece_and_spoken_by_the_carrier():
    """Were it put together from the clips of smaller ones, hundreds would fall apart."""
    (clip,) = clips("{x:count}", x="214")
    assert clip not in CATALOGUE
    assert words("{x:count}", x="214") == "two hundred fourteen"


def test_a_count_that_a_translation_has_no_words_for_is_written_in_figures():
    """Any voice reads those; the English words it would not. Without a translation nothing changes."""
    german = Speech(WORDS, {"number.2": "zwei"})
    assert [german.words(Prompt("x", "{n:count}"), {"n": n}) for n in ("2", "214")] == ["zwei", "214"]


def test_a_sentence_is_clips_around_the_clips_of_its_values():
    said = [clip.text for clip in clips("Your trial ends on {x:date}. Thank you.", x="2099-03-09")]
    assert said == ["Your trial ends on", "Monday,", "March ninth,", "2099.", "Thank you."]


def test_a_sentence_without_values_is_one_clip_with_the_id_of_its_prompt():
    assert [(c.id, c.text) for c in SPEECH.clips(Prompt("a.b", "Hello."), {})] == [("a.b", "Hello.")]


def test_what_is_the_same_in_every_call_is_part_of_the_clip_around_it():
    (clip,) = clips("Call {company} at {sales_number:phone}.")
    assert clip.text == "Call GoToMeeting at 1, 8 8 8, 6 4 6, 0 0 1 4."


def test_a_word_out_of_a_few_makes_a_clip_for_each():
    (clip,) = clips("Your {x:plan} plan.", x="annual")
    assert (clip.id, clip.text) == ("x.annual", "Your annual plan.")


def test_the_pause_between_groups_of_digits_is_longer_than_between_digits():
    *first, _ = clips("Your code is {x:digits}.", x="482913")
    assert [clip.tail_s for clip in first] == [JOIN_S, JOIN_S, JOIN_S, PAUSE_S, JOIN_S, JOIN_S]


def test_a_sentence_begins_and_ends_with_the_silence_of_every_prompt():
    first, *_, last = clips("It ends on {x:date}, and then it stops.", x="2027-03-05")
    assert (first.lead_s, last.tail_s) == (LEAD_S, TAIL_S)


def test_the_voice_falls_where_the_sentence_ends_and_nowhere_else():
    ends = clips("{x:digits}. {x:digits} more, {x:digits}, and so on.", x="7")
    assert [clip.text for clip in ends] == ["7.", "7", "more,", "7,", "and so on."]


def test_a_date_in_the_middle_of_a_sentence_does_not_sound_like_its_end():
    (*_, year, _), (*_, last) = clips("{x:date}, and so on.", x="2027-03-05"), clips("{x:date}.", x="2027-03-05")
    assert (year.text, last.text) == ("2027,", "2027.")


def test_clip_ids_are_unique_and_fit_a_file_name():
    ids = [clip.id for clip in CATALOGUE]
    assert len(set(ids)) == len(ids)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._*-") for name in ids)


@pytest.mark.parametrize("kind", VALUES)
def test_every_clip_of_every_value_is_in_the_catalogue(kind):
    known = set(CATALOGUE)

    @given(VALUES[kind])
    def check(value):
        for template in ("{x:%s}", "It is {x:%s}, and so on.", "{x:%s} is it."):
            mine = [clip for clip in clips(template % kind, x=value) if not clip.id.startswith("x")]
            assert known.issuperset(mine), set(mine) - known

    check()


def test_every_clip_of_every_prompt_is_in_the_catalogue():
    known = set(CATALOGUE)
    for prompt in ALL:
        assert known.issuperset(SPEECH.clips(prompt, {**WORDS, **FACTS}))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.decimals(0, 999_999, places=2), st.from_regex(r"\A\d{2,9}\Z"))
def test_clips_say_the_same_words_as_the_text(day, amount, code):
    template = "Done. It ends on {day:date}, you paid {amount:money}, and your code is {code:digits}. Bye."
    values = {"day": day.isoformat(), "amount": str(Decimal(amount)), "code": code}
    if not (code.isascii() and code.isdecimal()):
        return
    heard = " ".join(clip.text for clip in clips(template, **values))
    assert _bare(heard) == _bare(words(template, **values))


def test_a_translation_may_change_the_order_of_everything():
    texts = {
        "x": "{ending:digits}: am {ends_on:date} endet Ihr Konto.",
        "value.date": "{day} {weekday} {year}",
        "weekday.friday": "Freitag",
        "day.03-05": "fünfter März",
    }
    german = Speech(WORDS, texts)
    prompt = Prompt("x", "Your account ending in {ending:digits} runs through {ends_on:date}.")
    values = {"ending": "19", "ends_on": "2027-03-05"}
    assert german.words(prompt, values) == "1 9: am fünfter März, Freitag, 2027 endet Ihr Konto."
    assert [clip.text for clip in german.clips(prompt, values)] == [
        "1", "9,", "am", "fünfter März,", "Freitag,", "2027,", "endet Ihr Konto.",
    ]  # fmt: skip


@pytest.mark.parametrize("template", ["{x:colour}", "{x", "{0}", "{x.y}"])
def test_a_field_that_cannot_be_read_is_an_error(template):
    with pytest.raises(FlowError, match="prompt"):
        fields(template)


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("{company}", {}), ("{x:date}", {"x": "tomorrow"}), ("{x:date}", {}), ("{x:plan}", {"x": "weekly"}),
        ("{x:money}", {"x": "1.005"}), ("{x:money}", {"x": "NaN"}), ("{x:count}", {"x": "1000000"}),
        ("{x:money}", {"x": "1000000"}), ("{x:money}", {"x": "-1"}), ("{x:count}", {"x": "-1"}),
        ("{x:minutes}", {"x": "1.5"}), ("{x:minutes}", {"x": "-1"}), ("{x:minutes}", {"x": "soon"}),
        ("{x:minutes}", {"x": ""}),
        ("{x:digits}", {"x": "12a"}), ("{x:digits}", {"x": ""}),
    ],
)  # fmt: skip
def test_a_value_that_is_missing_or_does_not_fit_is_an_error(template, values):
    with pytest.raises(FlowError, match=r"no \w+ for"):
        words(template, **values)


def test_a_value_without_a_kind_cannot_be_rendered_ahead():
    with pytest.raises(FlowError, match=r"\{name\} needs a kind"):
        clips("Hello {name}.", name="Ada")


def _bare(text):
    return "".join(c for c in text.lower() if c.isalnum() or c == " ").split()


def test_a_year_beyond_the_clips_is_still_spoken():
    assert words("{x:date}", x="1999-12-31") == "Friday, December thirty-first, 1999"
    assert clips("{x:date}", x="1999-12-31")[-1] not in CATALOGUE


def test_values_that_no_prompt_speaks_have_no_clips():
    assert not [clip for clip in SPEECH.catalogue([Prompt("x", "{x:digits}")]) if not clip.id.startswith("digit.")]


def test_the_catalogue_is_small_enough_to_render_at_first_start():
    assert len(TODAY) < 1000


def test_amounts_are_rendered_only_where_a_prompt_speaks_one():
    """They are more than three times as many clips as all others together."""
    assert not [clip for clip in TODAY if clip.id.startswith(("dollars", "cents", "and-cents", "thousands"))]
