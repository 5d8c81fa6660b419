"""What a tester reads: a line for each thing that happens, and for each sentence."""

from ivr.simulator import Phone
from ivr.simulator.events import DigitsPressed, PlayHeard, SayHeard
from ivr.simulator.transcript import transcript


def play(at, text):
    return PlayHeard(at, f"https://x.test/{at}.wav", 0.5, text=text)


def test_a_sentence_put_together_from_files_is_one_line():
    heard = [play(0, "Your code is"), play(1, "4"), play(2, "8,"), play(3, "2."), play(4, "Once more:"), play(5, "4.")]
    assert transcript(heard).splitlines() == [
        "    0.0  hears    Your code is 4 8, 2.",
        "    4.0  hears    Once more: 4.",
    ]


def test_a_sentence_that_is_cut_off_is_shown_as_far_as_it_was_heard():
    assert transcript([play(0, "Your code"), DigitsPressed(1, "1"), play(2, "So")]).splitlines() == [
        "    0.0  hears    Your code",
        "    1.0  presses  1",
        "    2.0  hears    So",
    ]


def test_words_are_never_joined_to_files():
    assert len(transcript([play(0, "Your code"), SayHeard(1, "Hello.", 1)]).splitlines()) == 2


def test_what_a_file_says_is_told_by_the_application():
    """RFC 2045, section 8: Content-Description is what a body is about, in words."""

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/hello.wav":
            told = "Grüß Gott.".encode().decode("latin-1")
            start_response("200 OK", [("Content-Type", "audio/wav"), ("Content-Description", told)])
            return [b"RIFF"]
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [b"<Response><Play>/hello.wav</Play><Play>/other.wav</Play></Response>"]

    call = Phone(app, auth_token="x").dial("/")
    assert call.heard[0] == "Grüß Gott."
