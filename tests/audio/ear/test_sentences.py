"""What the ear is asked to hear."""

import re

from puppets import WORDS

from ivr import flows
from ivr.audio.sentence import whole_clips
from ivr.prompts import Prompt, prompts
from ivr.sentences import EAR_ONLY, drawn_sentences, ear_only_clips
from ivr.speech import Speech

SPEECH = Speech(WORDS)
FLOWS = list(prompts(flows.line()))
PROMPTS = [*FLOWS, *EAR_ONLY]
DRAWN = drawn_sentences(SPEECH, PROMPTS)


def test_every_whole_clip_is_asked_for_once():
    sentences = list(whole_clips(SPEECH.catalogue(PROMPTS)))
    texts = [sentence.words for sentence in sentences]
    assert len(texts) == len(set(texts))
    assert {"For the main menu, press 9.", "Sorry, I didn't get any digits."} <= set(texts)
    assert not any(text.endswith(",") for text in texts)


def test_a_telephone_number_in_a_whole_clip_must_be_exact():
    [sentence] = [s for s in whole_clips(SPEECH.catalogue(PROMPTS)) if s.id == "sales.missed"]
    [value] = sentence.values
    assert re.fullmatch(r"[\d, ]+", value.words)


def test_five_hundred_sentences_are_drawn_and_always_the_same():
    assert len(DRAWN) == 500
    assert drawn_sentences(SPEECH, PROMPTS) == DRAWN
    assert drawn_sentences(SPEECH, PROMPTS, seed=2) != DRAWN
    assert drawn_sentences(SPEECH, PROMPTS, 5) == DRAWN[:5]


def test_every_prompt_with_values_is_among_them():
    drawn = {sentence.id.split(" ")[0] for sentence in DRAWN}
    assert {"verify.offer", "cancel_trial.cancelled", "undo.confirm_renewal"} <= drawn
    assert {prompt.id for prompt in EAR_ONLY} <= drawn


def test_every_kind_of_value_is_among_them_though_no_flow_speaks_it():
    kinds = {clip.id.split(".")[0] for s in DRAWN for v in s.values for clip in v.clips}
    assert {"weekday", "digit", "dollars", "cents", "and-cents", "thousands", "number", "minutes"} <= kinds


def test_what_only_the_ear_is_to_hear_is_known_and_a_call_needs_none_of_it():
    mine = ear_only_clips(DRAWN, SPEECH.catalogue(FLOWS))
    assert len(set(mine)) == len(mine)
    assert not set(mine) & set(SPEECH.catalogue(FLOWS))
    assert set(mine) <= set(SPEECH.catalogue(PROMPTS))
    there = {*mine, *SPEECH.catalogue(FLOWS)}
    assert all(clip in there for sentence in DRAWN for clip in sentence.clips)


def test_a_value_knows_its_clips_and_what_leads_up_to_it():
    sentence = next(s for s in DRAWN if s.id.startswith("cancel_trial.cancelled "))
    day, code, again = sentence.values
    assert [clip.id for clip in day.before] == ["cancel_trial.cancelled-1"]
    assert [clip.id.split(".")[0] for clip in day.clips] == ["weekday", "day", "year"]
    assert code.words == again.words
    assert [clip.id for clip in again.before] == ["cancel_trial.cancelled-3"]
    assert all(clip.id.startswith("digit.") for clip in again.clips)
    assert [c for v in sentence.values for c in (*v.before, *v.clips)] == list(sentence.clips)


def test_days_do_not_come_again_before_all_have_come():
    days = [clip.id for s in DRAWN for v in s.values for clip in v.clips if clip.id.startswith("day.")]
    assert len(set(days)) == min(len(days), 366)


def test_dates_are_of_the_years_that_calls_speak_of():
    years = {int(clip.text[:4]) for s in DRAWN for v in s.values for clip in v.clips if clip.id.startswith("year.")}
    assert min(years) >= 2026
    assert max(years) < 2040


def test_a_february_29_is_of_a_leap_year():
    days = {
        v.words.split(", ", 1)[1] for s in drawn_sentences(SPEECH, PROMPTS, 700) for v in s.values if "y, " in v.words
    }
    leap_days = [day for day in days if day.startswith("February twenty-ninth")]
    assert leap_days
    assert all(int(day[-4:]) % 4 == 0 for day in leap_days)


def test_an_amount_is_drawn_where_a_prompt_speaks_one():
    [sentence] = drawn_sentences(SPEECH, [Prompt("bill", "You owe {due:money}.")], 1)
    [value] = sentence.values
    assert sentence.words == f"You owe {value.words}."
    assert value.words.endswith(("dollars", "dollar", "cents", "cent"))


def test_a_line_without_values_has_nothing_to_draw():
    assert drawn_sentences(SPEECH, [Prompt("a", "Nothing here.")]) == []
