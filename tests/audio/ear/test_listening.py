"""Listening: what is told of a sentence, with an ear that hears what it is made to; and once with the real one."""

import pytest

pytest.importorskip("numpy", reason="the voice's tools are not installed")

from made_up import MadeUpEar
from rendered_words import CLIPS, PIECES
from scipy import signal

from ivr.audio.ear import DeafError, Ear
from ivr.audio.heard import word_errors
from ivr.audio.join import join
from ivr.audio.listening import Listener, MissingClipError
from ivr.audio.sentence import Sentence, Value
from ivr.cli.prompts import _judge
from ivr.clip import Clip


def code(spelled):
    clips = tuple(PIECES[part] for part in ("offer", *spelled.split()))
    return Sentence("offer", clips, f"{clips[0].text[:-1]} {spelled}.", (Value(spelled, clips[1:], clips[:1]),))


def test_a_sentence_that_was_understood(at_hand):
    heard = Listener([at_hand], MadeUpEar("This may be about the account ending in 1 8 6.")).hears(code("1 8 6"))
    assert (heard.words, heard.errors, heard.again, heard.wrong) == (11, 0, (), ())
    assert not heard.worth_telling


def test_a_code_that_was_heard_only_when_it_was_played_again(at_hand):
    ear = MadeUpEar("This may be about the account ending in.", "ending in 87", "account ending in 18", "one eight six")
    heard = Listener([at_hand], ear).hears(code("1 8 6"))
    assert (heard.errors, heard.again, heard.wrong) == (3, ("1 8 6",), ())
    assert heard.text == "This may be about the account ending in."


# A recognizer that knows what to expect lets the last of equal digits sound once more, at every hearing but this one.
def test_a_code_that_was_heard_only_by_an_ear_that_expects_nothing(at_hand):
    ear = MadeUpEar("account ending in 1866", "1866", "ending in 1866", "1 8 6 6.", "One, eight, six.")
    heard = Listener([at_hand], ear).hears(code("1 8 6"))
    assert (heard.again, heard.wrong) == (("1 8 6",), ())
    assert ear.knew == [True, False, True, True, False]


def test_of_two_hearings_the_better_one_counts(at_hand):
    ear = MadeUpEar("This may be about.", "This may be about the account ending in 186.")
    heard = Listener([at_hand], ear).hears(code("1 8 6"))
    assert (heard.errors, heard.again, heard.wrong) == (0, ("1 8 6",), ())


def test_a_code_that_was_never_heard(at_hand):
    heard = Listener([at_hand], MadeUpEar("account ending in 187", "187", "187", "187", "187")).hears(code("1 8 6"))
    assert heard.wrong == ("1 8 6",)
    assert heard.worth_telling


def test_a_sentence_without_audio(at_hand):
    clip = Clip("other", "Never rendered.")
    with pytest.raises(MissingClipError, match="there is no audio for other"):
        Listener([at_hand], MadeUpEar()).hears(Sentence("other", (clip,), clip.text))


def test_without_an_ear_it_is_said_how_to_get_one(monkeypatch):
    monkeypatch.setattr("ivr.audio.ear.find_spec", lambda _: None)
    with pytest.raises(DeafError, match=r"make \.venv/\.ear"):
        Ear()


@pytest.mark.slow  # so are the other sentences: `make check-ear` has every prompt heard
def test_what_is_heard_is_what_was_meant(ear, spoken):
    for clip in CLIPS:
        heard = Listener([spoken], ear).hears(Sentence(clip.id, (clip,), clip.text))
        assert heard.errors == 0, (clip.text, heard.text)


@pytest.mark.slow
@pytest.mark.parametrize("digits", ["1 8 6", "6 6 8", "8 1 1"])
def test_digits_are_heard_one_by_one(ear, spoken, digits):
    heard = Listener([spoken], ear).hears(code(digits))
    assert heard.wrong == (), heard.text


@pytest.mark.slow
def test_the_wrong_words_are_heard_as_wrong(ear, spoken):
    """The ear does not know what it ought to hear: with other audio under a prompt's name, it says so."""
    said, meant = CLIPS[0], CLIPS[1]
    heard = Listener([spoken], ear).hears(Sentence(said.id, (said,), meant.text))
    assert heard.worth_telling
    assert word_errors(meant.text, heard.text) > 0.5
    assert word_errors(said.text, heard.text) == 0


@pytest.mark.slow
def test_a_file_is_heard_whatever_its_kind(ear, spoken, sound, tmp_path):
    """So recordings are, before they take the place of the voice."""
    clip = spoken.folder / spoken.find(CLIPS[1]).path
    samples = signal.resample_poly(join([clip]), 441, 80)
    recording = sound.save(tmp_path / "recording.wav", samples, rate_hz=44_100, channels=2)
    assert word_errors(CLIPS[1].text, ear.hear(clip)) == 0
    assert word_errors(CLIPS[1].text, ear.hear(recording)) == 0


@pytest.mark.slow
def test_a_recording_is_judged_by_what_it_says(ear, spoken):  # noqa: ARG001 it is there
    judge = _judge("en-US")
    recording = spoken.folder / spoken.find(CLIPS[1]).path
    assert judge(recording, CLIPS[1].text)[0] == 0
    assert judge(recording, CLIPS[2].text)[0] > 0.5


def test_nobody_judges_recordings_in_another_language():
    assert _judge("fr-CA") is None
