"""What a tester hears: the line's own clips, its voice for other words, and nothing more once a key is pressed."""

import math

import pytest
from puppets import WORDS
from server import Server

from ivr import flows
from ivr.audio.store import ClipStore
from ivr.audio.voice import VoiceError, find_voice
from ivr.prompts import prompts
from ivr.speech import Speech

pytestmark = pytest.mark.slow
RATE_HZ = 8000


def hum(seconds):
    """A WAV file of 8 kHz mono and 16 bits."""
    data = b"".join(
        int(8000 * math.sin(2 * math.pi * 220 * n / RATE_HZ)).to_bytes(2, "little", signed=True)
        for n in range(int(seconds * RATE_HZ))
    )
    size = len(data)
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = b"\1\0\1\0" + RATE_HZ.to_bytes(4, "little") + (2 * RATE_HZ).to_bytes(4, "little") + b"\2\0\x10\0"
    return head + form + b"data" + size.to_bytes(4, "little") + data


@pytest.fixture(scope="module")
def playing_line(tmp_path_factory):
    """A line whose every clip is a hum of two seconds, but for the greeting, which has none."""
    folder, sound = tmp_path_factory.mktemp("playing"), hum(2.0)
    store = ClipStore(folder / "prompts" / "built" / "en-US")
    clips = Speech(WORDS).catalogue(prompts(flows.line()))
    store.keep({
        clip.id: store.put(clip, sound, seconds=2.0, source="rendered", recipe="hum")
        for clip in clips if clip.id != "welcome.greeting"
    })  # fmt: skip
    with Server(folder, PROMPT_MODE="play", PROMPTS_DIR=str(folder / "prompts")) as server:
        yield server.base


def test_the_menu_is_heard_and_a_key_stops_it(open_page, playing_line):
    tester = open_page(playing_line)
    tester.page.evaluate("voiceEnds = true")  # the greeting is spoken by the browser
    tester.calls("voice")
    tester.until("sounds.length > 0 && sounds.at(-1).currentTime > 0.3 && !sounds.at(-1).paused")
    assert "/prompts/" in tester.page.evaluate("sounds.at(-1).src")
    tester.sees("To try or buy GoToMeeting, press 1.")
    first = tester.page.evaluate("sounds.length - 1")
    tester.presses("5")
    assert tester.page.evaluate(f"sounds[{first}].paused"), "it stops before the line has even heard of the key"
    stopped_at = tester.page.evaluate(f"sounds[{first}].currentTime")
    tester.until(f"sounds.length > {first} + 1 && sounds.at(-1).currentTime > 0.1")
    tester.sees("click Edit")
    assert tester.page.evaluate(f"sounds[{first}].currentTime") == stopped_at
    tester.hangs_up()
    assert tester.page.evaluate("sounds.every((sound) => sound.paused)")


def test_a_prompt_without_a_clip_is_spoken_by_the_browser_where_the_line_has_no_voice(open_page, playing_line):
    tester = open_page(playing_line)
    tester.calls("voice")
    tester.until("spoken.length == 1")
    assert tester.page.evaluate("spoken[0]") == "Thanks for calling GoToMeeting support."
    tester.hangs_up()


def test_the_transcript_stays_at_its_end_while_sentences_grow_in_it(open_page, playing_line):
    tester = open_page(playing_line, viewport={"width": 360, "height": 780})
    tester.set("#account", "70000011")
    tester.calls()
    for keys in ("3", "1", "1"):
        tester.comes_to("listening")
        tester.presses(keys)
        tester.page.wait_for_timeout(300)
    tester.sees("6 digit PIN")
    tester.page.click("#type-pin")
    tester.sees("To cancel the trial, press 2")
    tester.comes_to("listening")
    tester.presses("2#")
    tester.sees("To take the cancellation back, press 2.")
    tester.comes_to("listening")
    box = "document.querySelector('#transcript').closest('.scroll')"
    assert tester.page.evaluate(f"{box}.scrollHeight > {box}.clientHeight")
    assert tester.page.evaluate(f"{box}.scrollHeight - {box}.scrollTop - {box}.clientHeight") < 5
    tester.hangs_up()


@pytest.mark.usefixtures("voice")
def test_words_are_spoken_in_the_voice_of_the_line(open_page, tmp_path):
    with Server(tmp_path, VOICE_MODEL="") as server:
        tester = open_page(server.base)
        tester.calls("voice")
        tester.until("sounds.some((sound) => sound.currentTime > 0.3)")
        assert "simulator/speech?text=Thanks%20for%20calling" in tester.page.evaluate("sounds[0].src")
        assert tester.page.evaluate("spoken.length") == 0
        tester.presses("5")
        tester.sees("click Edit")
        assert tester.page.evaluate("sounds.slice(0, -1).every((sound) => sound.paused)")
        tester.hangs_up()


@pytest.fixture
def voice():
    try:
        return find_voice("")
    except VoiceError as error:
        pytest.skip(str(error))
