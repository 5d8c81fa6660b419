"""A call told as a story: its turns with what was heard in them, what the caller did, and what came of it, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from ivr.bootstrap import Answerline
from ivr.call import Position
from ivr.call_log import Visit
from ivr.console.wait_words import Told, told
from ivr.db.console.call_page import CallPage
from ivr.db.models.accounts import ChangeRow
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.edges import FULL, RECORDED
from ivr.flow import FlowError
from ivr.prompts import Prompt, prompts

SLOW_MS = 500  # of an answer to the carrier: a caller notices a silence from there on


@dataclass(frozen=True)
class Said:
    """A sentence that was heard. clips: addresses of its audio, in order; none where the carrier's own voice spoke."""

    text: str
    clips: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Scene:
    """A turn. at_s: seconds since the call began. after_s: from the turn's start to what the caller did.

    Both are None in a simulated call that took no time, and after_s while it is awaited.
    seconds: how long what was to be heard takes, where all of it is clips, else None. cut_s: when a key cut that short;
    None where it did not. changes, messages, texts: what the caller's act led to. slow: the answer took SLOW_MS
    or more.
    """

    number: int
    visit: Visit
    title: str
    said: tuple[Said, ...]
    told: Told
    after_s: float | None
    at_s: float | None = None
    seconds: float | None = None
    cut_s: float | None = None
    changes: tuple[ChangeRow, ...] = ()
    messages: tuple[VoicemailRow, ...] = ()
    texts: tuple[TextRow, ...] = ()

    @property
    def slow(self) -> bool:
        """Whether the caller had to wait for the answer."""
        return self.visit.ms >= SLOW_MS


def story(page: CallPage, line: Answerline) -> list[Scene]:
    """Tell a call."""
    teller = _Teller(line)
    ends = [*(visit.at for visit in page.visits[1:]), page.call.ended_at]
    scenes = [
        teller.scene(number, visit, end) for number, (visit, end) in enumerate(zip(page.visits, ends, strict=False), 1)
    ]
    if takes_no_time(page):
        scenes = [replace(scene, after_s=None) for scene in scenes]
    else:
        scenes = [
            _timed(replace(scene, at_s=(scene.visit.at - page.call.started_at).total_seconds())) for scene in scenes
        ]
    return list(_with_deeds(scenes, page))


def takes_no_time(page: CallPage) -> bool:
    """Say whether a call was simulated faster than it would be: its seconds are not those of any caller."""
    call = page.call
    if not call.simulated or not page.visits:
        return False
    passed = ((call.ended_at or page.visits[-1].at) - call.started_at).total_seconds()
    return passed < max(len(page.visits), (call.duration_s or 0) / 2)


class _Teller:
    """Knows the line's sentences."""

    def __init__(self, line: Answerline) -> None:
        self._line = line
        self._prompts: Mapping[str, Prompt] = {prompt.id: prompt for prompt in prompts(line.line)}

    def scene(self, number: int, visit: Visit, end: datetime | None) -> Scene:
        flow = self._line.line.flows.get(visit.flow)
        node = self._line.line.node(Position(visit.flow, visit.node))
        said = tuple(self._said(prompt_id, visit.values) for prompt_id in visit.prompts)
        after_s = None if end is None else max(0.0, (end - visit.at).total_seconds())
        title = flow.title if flow else visit.flow
        seconds = sum(one.seconds for one in said) if said and all(one.clips for one in said) else None
        return Scene(number, visit, title, said, self._filled(told(visit, node), visit), after_s, seconds=seconds)

    def _filled(self, what: Told, visit: Visit) -> Told:
        """Say what a choice names, such as the company."""
        try:
            return replace(what, act=self._line.voice.speech.words(Prompt("", what.act), visit.values))
        except FlowError:  # today it names something that was not known then
            return what

    def _said(self, prompt_id: str, values: Mapping[str, str]) -> Said:
        prompt = self._prompts.get(prompt_id)
        if prompt is None:
            return Said(f"[{prompt_id}: a sentence that the flows no longer have]", (), 0.0)
        try:
            speech, voice = self._line.voice.speech, self._line.voice
            text = speech.words(prompt, values)
            built = [voice.clips.find(clip) for clip in speech.clips(prompt, values)] if voice.clips else []
        except FlowError:  # today it speaks of something that was not known then
            return Said(f"[{prompt_id}: a sentence that has changed since]", (), 0.0)
        there = [clip for clip in built if clip is not None]
        if not there or len(there) < len(built):
            return Said(text, (), 0.0)
        base = self._line.settings.base_path
        return Said(text, tuple(f"{base}/prompts/{clip.path}" for clip in there), sum(clip.seconds for clip in there))


def _timed(scene: Scene) -> Scene:
    """Work out how much of a turn was heard, before a key or the caller's end cut it short."""
    whole, after = scene.seconds, scene.after_s
    return replace(scene, cut_s=after if whole is not None and after is not None and after < whole else None)


def _with_deeds(scenes: Sequence[Scene], page: CallPage) -> Iterator[Scene]:
    """Put what was done to the turn in which it was done."""
    sid = page.call.sid
    key_of = re.compile(rf"{re.escape(sid)}/(\d+)$")

    def where(at: datetime, key: str) -> int:
        named = key_of.search(key)
        return int(named[1]) if named else _turn_at(scenes, at)

    recorded = [
        scene.number
        for scene in scenes
        if scene.visit.kind == "record" and scene.visit.outcome.startswith((RECORDED, FULL))
    ]
    left = recorded[-len(page.voicemails) :] if page.voicemails else []
    messages = dict(zip((row.id for row in page.voicemails), left, strict=False))
    for scene in scenes:
        here = scene.number
        yield replace(
            scene,
            changes=tuple(row for row in page.changes if row.call_sid == sid and where(row.at, row.key) == here),
            messages=tuple(row for row in page.voicemails if messages.get(row.id, _turn_at(scenes, row.at)) == here),
            texts=tuple(row for row in page.texts if where(row.created_at, row.key) == here),
        )


def _turn_at(scenes: Sequence[Scene], at: datetime) -> int:
    """Return the number of the turn that something happened in: the answer to a turn is written as the next begins."""
    for scene, following in pairwise(scenes):
        if at <= following.visit.at:
            return scene.number
    return scenes[-1].number if scenes else 0
