"""Prompt audio: what a carrier is told to play, where it gets it, and how long it may keep it."""

import logging
import threading
from pathlib import Path

import pytest
from carrier import Carrier
from once import application
from puppets import WORDS
from walker import Walker, calls_that_walk_every_edge

from ivr import flows
from ivr.audio import shelf
from ivr.audio.shelf import Shelf
from ivr.audio.store import ClipStore
from ivr.call import Position
from ivr.clip import HOLD_SOUND
from ivr.prompts import prompts
from ivr.speech import Speech
from ivr.turn import Holding

SOUND = b"RIFF$\0\0\0WAVE" + bytes(100)
LINE = flows.line()
WAITS = Holding(Position("support", "wait"), 3, (), {})


@pytest.fixture
def settings(settings, tmp_path):
    object.__setattr__(settings, "prompt_mode", "play")
    object.__setattr__(settings, "prompts_dir", tmp_path / "prompts")
    return settings


@pytest.fixture
def store(settings):
    """Every clip there is, each with a sound of its own."""
    store = ClipStore(settings.clips_dir)
    store.keep({
        clip.id: store.put(clip, SOUND + clip.id.encode(), seconds=1.0, source="rendered", recipe="test")
        for clip in (*Speech(WORDS).catalogue(prompts(LINE)), HOLD_SOUND)
    })  # fmt: skip
    return store


class Caller(Carrier):
    """A carrier that fetches files, too."""

    def get(self, path, **options):
        return self.app.test_client().get(path, buffered=True, **options)

    def head(self, path):
        return self.app.test_client().head(path, buffered=True)


@pytest.fixture
def carrier(settings, clock, store):
    assert store.built()
    app = application(settings, clock)
    yield Caller(app)
    app.extensions["answerline"].database.dispose()


@pytest.fixture
def greeting(store):
    return store.built()["welcome.greeting"]


def test_a_prompt_is_played(carrier, greeting):
    xml = carrier.post("/voice").text
    assert f"<Play>/prompts/{greeting.path}</Play>" in xml
    assert "<Say" not in xml


def test_nothing_that_the_carrier_gets_depends_on_a_cookie(carrier, greeting):
    """Or a cache on the way would keep a clip for each visitor, and every webhook would prepare a session."""
    for answer in (carrier.post("/voice"), carrier.get(f"/prompts/{greeting.path}"), carrier.get("/healthz")):
        assert answer.status_code == 200
        assert "Vary" not in answer.headers


def test_a_clip_may_be_kept_for_ever_and_asked_for_in_parts(carrier, greeting):
    whole = carrier.get(f"/prompts/{greeting.path}")
    assert (whole.status_code, whole.mimetype) == (200, "audio/wav")
    assert whole.data == SOUND + b"welcome.greeting"
    assert {"public", "immutable", "max-age=31536000"} <= set(whole.headers["Cache-Control"].split(", "))
    again = carrier.get(f"/prompts/{greeting.path}", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    part = carrier.get(f"/prompts/{greeting.path}", headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.data) == (206, whole.data[4:12])
    assert carrier.head(f"/prompts/{greeting.path}").headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    "path", ["0123456789abcdef/x.wav", "manifest.json", "../../line.db", "x", "a/../manifest.json"]
)
def test_what_is_not_there_is_never_remembered(carrier, path):
    answer = carrier.get(f"/prompts/{path}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_a_missing_clip_is_spoken_in_that_very_answer_and_logged_once(carrier, store, greeting, caplog):
    (store.folder / greeting.path).unlink()
    with caplog.at_level(logging.WARNING, "answerline"):
        answers = [carrier.post("/voice", f"CA{n}").text for n in (1, 2)]
    assert all("GoToMeeting support.</Say><Play>" in xml for xml in answers)
    assert [r.getMessage() for r in caplog.records].count(
        "no clip for welcome.greeting: the carrier's voice speaks it; run `flask prompts render`"
    ) == 1


def test_a_clip_that_says_something_else_by_now_is_not_played(carrier, store, greeting):
    store.keep({**store.built(), "welcome.greeting": type(greeting)(**{**vars(greeting), "text": "Hello."})})
    assert "Thanks for calling GoToMeeting support.</Say>" in carrier.post("/voice").text


def test_who_waits_hears_music_between_two_announcements_and_it_is_sent_like_any_clip(carrier, store):
    path = store.built()["hold"].path
    voice = carrier.app.extensions["answerline"].voice
    assert f"<Play>/prompts/{path}</Play></Gather><Redirect" in voice.hold(WAITS, {})
    sent = carrier.get(f"/prompts/{path}")
    assert (sent.status_code, sent.headers["Content-Description"]) == (200, "(music)")


def test_who_waits_where_there_is_no_music_hears_a_short_silence_and_the_log_says_so_once(carrier, store, caplog):
    (store.folder / store.built()["hold"].path).unlink()
    voice = carrier.app.extensions["answerline"].voice
    with caplog.at_level(logging.WARNING, "answerline"):
        answers = [voice.hold(WAITS, {}) for _ in range(2)]
    assert all('<Pause length="10"/></Gather>' in xml.replace(" />", "/>") for xml in answers)
    assert not any("music" in xml for xml in answers), "it has no words to be spoken"
    assert [r.getMessage() for r in caplog.records] == [
        "no clip for hold: callers hear nothing; run `flask prompts render`"
    ]


def test_clips_rendered_while_the_line_runs_are_played_from_the_next_look_on(carrier, store):
    built, clips = dict(store.built()), carrier.app.extensions["answerline"].clips
    store.keep({})
    assert "<Play>" not in carrier.post("/voice", "CA1").text
    store.keep(built)
    (store.folder / built["welcome.greeting"].path).parent.mkdir(parents=True, exist_ok=True)
    (store.folder / built["welcome.greeting"].path).write_bytes(SOUND)
    clips.look_again()  # which the line does every two seconds
    assert f"/prompts/{built['welcome.greeting'].path}" in carrier.post("/voice", "CA2").text


def test_an_unreadable_manifest_costs_the_audio_and_nothing_else(carrier, store):
    (store.folder / "manifest.json").write_text('{"clips": {"welcome.greeting": 1}}')
    assert "Thanks for calling GoToMeeting support.</Say>" in carrier.post("/voice").text


@pytest.fixture
def hangs(monkeypatch):
    """Have a disk keep whoever asks it for something, until the test is over; returned is what tells that it does."""
    over = threading.Event()

    def hang(owner, name):
        asked = threading.Event()
        monkeypatch.setattr(owner, name, lambda *_: asked.set() or (over.wait(60) and None))
        return asked

    yield hang
    over.set()


# The disk is looked at beside the webhooks: while it hangs, the carrier's voice speaks.
def test_a_disk_that_hangs_keeps_no_caller_waiting_and_is_not_asked_twice(carrier, hangs, greeting, monkeypatch):
    assert greeting.path in carrier.post("/voice", "CA1").text
    clips = carrier.app.extensions["answerline"].clips
    monkeypatch.setattr(shelf, "WITHIN_S", 0.0)
    asked = hangs(Shelf, "_is_there")
    clips.look_again()
    clips.built()
    asked.wait(60)
    later = clips._now() + shelf.STUCK_S + 1
    clips._now = lambda: later
    for sid in ("CA2", "CA3"):
        assert "GoToMeeting support.</Say>" in carrier.post("/voice", sid).text
    assert sum(thread.name == "clips" for thread in threading.enumerate()) == 1


def test_a_file_that_the_disk_does_not_give_is_refused_in_time_and_spoken_from_then_on(
    carrier, hangs, greeting, monkeypatch
):
    assert greeting.path in carrier.post("/voice", "CA1").text
    monkeypatch.setattr("ivr.web.clips.READ_S", 0.01)
    hangs(Path, "read_bytes")
    assert carrier.get(f"/prompts/{greeting.path}").status_code == 503
    assert "GoToMeeting support.</Say>" in carrier.post("/voice", "CA2").text


def test_a_child_of_a_process_looks_at_the_disk_itself(store, monkeypatch):
    clips = Shelf(store.folder)
    assert clips.built()
    monkeypatch.setattr(shelf.os, "getpid", lambda: -1)
    assert clips._rows
    assert clips.built() == store.built()


@pytest.mark.slow
def test_every_path_of_every_flow_is_played_end_to_end_and_nothing_is_synthesized(carrier):
    voice, walker, answers = carrier.app.extensions["answerline"].voice, Walker(), 0
    for moves in calls_that_walk_every_edge():
        turn = None
        for move in moves:
            turn = walker.play(turn, move)
            xml = voice.twiml(turn, {**WORDS, **turn.call.facts})
            assert "<Say" not in xml, f"{turn.wait.at}: {xml}"
            answers += "<Play>" in xml
    assert answers > len(list(LINE.nodes()))
