"""How prompts are heard in the carrier's language: played from clips, or spoken by the carrier's own voice."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.audio.store import ClipStore
from ivr.clip import Clip
from ivr.prompts import Prompt
from ivr.speech import Speech
from ivr.webhook_addresses import WebhookAddresses

log = logging.getLogger("answerline")


@dataclass(frozen=True)
class Speaker:
    """Says what is to be said. name, language: of `<Say>`. clips: audio to play; None has everything spoken."""

    name: str
    language: str
    addresses: WebhookAddresses
    speech: Speech
    clips: ClipStore | None = None
    _missed: set[str] = field(default_factory=set[str])

    def speak(self, verb: Any, prompts: Sequence[Prompt], values: Mapping[str, str]) -> None:
        """Have prompts heard, in order. verb: a `<Response>` or `<Gather>` of Twilio's library."""
        for prompt in prompts:
            if clips := self._played(prompt, values):
                for clip in clips:
                    verb.play(clip)
            else:
                self.say(verb, self.speech.words(prompt, values))

    def say(self, verb: Any, text: str) -> None:
        """Have the carrier's own voice speak."""
        verb.say(text, voice=self.name, language=self.language)

    def sound(self, clip: Clip) -> str:
        """Return where a clip is that has no words; '' where there is none."""
        if self.clips is None:
            return ""
        if built := self.clips.find(clip):
            return self.addresses.clip(built.path)
        self._miss(clip, "callers hear nothing")
        return ""

    def _played(self, prompt: Prompt, values: Mapping[str, str]) -> list[str]:
        """Where the clips of a prompt are; none if any is missing, since one voice should say a whole sentence."""
        if self.clips is None:
            return []
        addresses: list[str] = []
        for clip in self.speech.clips(prompt, values):
            built = self.clips.find(clip)
            if built is None:
                self._miss(clip, "the carrier's voice speaks it")
                return []
            addresses.append(self.addresses.clip(built.path))
        return addresses

    def _miss(self, clip: Clip, instead: str) -> None:
        """Tell the operator once of a clip that is not there."""
        if clip.id not in self._missed:
            self._missed.add(clip.id)
            log.warning("no clip for %s: %s; run `flask prompts render`", clip.id, instead)
