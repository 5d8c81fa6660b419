"""What each clip is to be made from, and a name for all of it: another name, another clip."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr.audio.piper import SPEED
from ivr.audio.pronunciation import Pronunciation, read_pronunciation
from ivr.audio.recordings import content_hash, find_recordings
from ivr.audio.store import Built, ClipStore
from ivr.audio.voice import Voice
from ivr.clip import Clip

PIPELINE = 1  # to be raised with every change that changes the sound
RECORDED, RENDERED, COMPOSED = "recorded", "rendered", "composed"
_SCORE = Path(__file__).with_name("hold_music.py")  # read, not imported: it computes


@dataclass(frozen=True)
class Job:
    """One clip to be made.

    words: as the voice is to read them. rendered: recipe of the voice's clip, or of the composed one; None without a
    voice. recording: what wins over it, and recorded: the recipe of that.
    """

    clip: Clip
    words: str
    rendered: str | None
    recording: Path | None = None
    recorded: str | None = None

    @property
    def needs_voice(self) -> bool:
        """Whether nothing but the voice can make it."""
        return self.recording is None and not self.clip.music

    @property
    def rendered_recipe(self) -> str:
        """Of the clip without a recording; it names one that could not be used, so that another one is tried."""
        return " ".join(filter(None, (self.rendered, self.recorded)))

    def is_made(self, built: Built | None) -> bool:
        """Say whether a clip is what it would become. Without a voice, what was rendered elsewhere will do."""
        if built is None or built.text != self.clip.text:
            return False
        if built.recipe in {self.recorded, self.rendered_recipe}:
            return True
        return self.rendered is None and self.recording is None and built.source == RENDERED


@dataclass(frozen=True)
class Sources:
    """What clips are made from. folder: PROMPTS_DIR. voice: None where there is none, and no_voice says why."""

    folder: Path
    language: str
    voice: Voice | None
    no_voice: str = ""

    @property
    def store(self) -> ClipStore:
        """The clips that are there."""
        return ClipStore(self.folder / "built" / self.language)

    @property
    def recordings(self) -> Path:
        """Where recordings are looked for."""
        return self.folder / "recordings" / self.language

    def jobs(self, clips: Iterable[Clip]) -> list[Job]:
        """Return what each clip is to be made from. Raises: PronunciationError."""
        said = read_pronunciation(self.folder / "pronunciation.toml")
        recordings = find_recordings(self.recordings)
        return [self._job(clip, said, recordings.get(clip.id)) for clip in clips]

    def unmade(self, clips: Iterable[Clip]) -> list[Job]:
        """Return the clips that are missing, or not what they would become. Raises: PronunciationError."""
        built = self.store.built()
        return [job for job in self.jobs(clips) if not job.is_made(built.get(job.clip.id))]

    def _job(self, clip: Clip, said: Pronunciation, recording: Path | None) -> Job:
        words = said.apply(clip.text)
        if words[-1:].isalnum():
            words += ","  # more follows; without it the voice falls as at the end of a sentence
        recipe = _name(RENDERED, clip, words, self.voice.identity, SPEED) if self.voice else None
        if clip.music:
            recipe = _name(COMPOSED, clip, content_hash(_SCORE))
        if recording is None:
            return Job(clip, words, recipe)
        return Job(clip, words, recipe, recording, _name(RECORDED, clip, content_hash(recording)))


def _name(source: str, clip: Clip, *made_from: str) -> str:
    content = json.dumps([PIPELINE, source, clip.lead_s, clip.tail_s, *made_from])
    return hashlib.sha256(content.encode()).hexdigest()[:24]
