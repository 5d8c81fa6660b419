"""The carrier's language: Turn to TwiML. What comes from the carrier is read in `ivr.webhook`."""

# twilio ships no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import assert_never

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Enqueue as EnqueueVerb
from twilio.twiml.voice_response import Gather as GatherVerb
from twilio.twiml.voice_response import VoiceResponse

from ivr.audio.store import ClipStore
from ivr.call import Call
from ivr.clip import HOLD_SOUND
from ivr.documents import Kept
from ivr.flow import AGENT, CALLED_BACK
from ivr.prompts import Prompt
from ivr.speaker import Speaker
from ivr.speech import Speech
from ivr.template import fields
from ivr.turn import Bridge, Dial, End, Enqueue, Gather, Holding, Join, Recording, Turn
from ivr.waiting import TALK_S
from ivr.webhook_addresses import WebhookAddresses

CALLBACK_RING_S = 30
QUEUE_S = 10  # the caller is in the queue already, or gone
SILENT_HOLD_S = 10
SEALED = "sealed"  # what of an address holds what is known of a call, while no database can
_ANY_TURN = 987_654_321  # stands for the number of the turn in a document that is kept


@dataclass(frozen=True)
class Voice:
    """How prompts sound, and where answers are sent.

    name, language: of `<Say>`. base_url: the public address, `https://line.example.com` or `.../ivr`.
    clips: audio to play; without it, and where a clip is missing, the carrier's voice speaks.
    caller_id: number that those we ring see; None shows the caller's own.
    """

    name: str
    language: str
    base_url: str
    speech: Speech = field(default_factory=lambda: Speech({}))
    clips: ClipStore | None = None
    caller_id: str | None = None
    _kept: Kept = field(default_factory=Kept)

    @cached_property
    def addresses(self) -> WebhookAddresses:
        """Where the carrier asks and reports."""
        return WebhookAddresses(self.base_url)

    @cached_property
    def speaker(self) -> Speaker:
        """Who says what is to be said."""
        return Speaker(self.name, self.language, self.addresses, self.speech, self.clips)

    def twiml(self, turn: Turn, values: Mapping[str, str]) -> str:
        """Write a turn as TwiML. values: what prompts may speak."""
        if not self._is_the_same_in_every_call(turn):
            return self._document(turn, values)
        key, sources = (turn.prompts, turn.wait), self._sources()
        text = self._kept.find(key, sources)
        if text is None:
            text = self._document(replace(turn, call=replace(turn.call, turn=_ANY_TURN)), values)
            # Not where what can be played has changed on the way.
            if all(one is other for one, other in zip(self._sources(), sources, strict=True)):
                self._kept.keep(key, text, sources)
        return text.replace(str(_ANY_TURN), str(turn.call.turn))

    def _sources(self) -> tuple[object, ...]:
        return self.speech.fixed, self.clips.built() if self.clips else None

    def _is_the_same_in_every_call(self, turn: Turn) -> bool:
        """Say whether nothing is spoken, and nothing asked for, that belongs to this caller alone."""
        fixed, facts = self.speech.fixed, turn.call.facts
        names = (name for prompt in turn.spoken for name in fields(prompt.text))
        return isinstance(turn.wait, Gather | End) and all(name in fixed and name not in facts for name in names)

    def _document(self, turn: Turn, values: Mapping[str, str]) -> str:
        response = VoiceResponse()
        self.speaker.speak(response, turn.prompts, values)
        match turn.wait:
            case Gather() as wait:
                self._gather(response, wait, turn.call.turn, values)
            case Dial() as wait:
                self._dial(
                    response, wait.number, self.addresses.action(wait.at, turn.call.turn), wait.timeout_s, wait.offer
                )
            case Enqueue() as wait:
                self._enqueue(response, wait, turn.call)
            case Join() as wait:
                self._join(response, wait, turn.call.turn)
            case Recording() as wait:
                self._record(response, wait, turn.call.turn)
            case Bridge():
                pass  # the document's end is what puts both through
            case End():
                response.hangup()
            case _ as never:
                assert_never(never)
        return str(response)

    def hold(self, holding: Holding, values: Mapping[str, str]) -> str:
        """Say how it stands, and play something until it is said again; a key can be pressed at any moment."""
        response = VoiceResponse()
        action = self.addresses.holding(holding.at, holding.turn)
        gather = GatherVerb(action=action, method="POST", num_digits=1, timeout=1, finish_on_key="")
        self.speaker.speak(gather, holding.prompts, {**values, **holding.values})
        if sound := self.speaker.sound(HOLD_SOUND):
            gather.play(sound)
        else:
            gather.pause(length=SILENT_HOLD_S)  # short: somebody who hears nothing hangs up
        response.append(gather)
        response.redirect(action, method="POST")
        return str(response)

    def leave(self) -> str:
        """Take a caller out of the queue; the call goes on with the queue's action."""
        response = VoiceResponse()
        response.leave()
        return str(response)

    def carrying(self, answer: str, turn: int, sealed: str) -> str:
        """Have the carrier bring something back with whatever comes next in the call.

        answer: one that `twiml` or `hold` has written for this turn. sealed: fit for an address as it is.
        """
        return answer.replace(f"?turn={turn}", f"?turn={turn}&amp;{SEALED}={sealed}")

    def apology(self, numbers: Sequence[str], failed: int) -> str:
        """Say sorry and connect to the next of `numbers`; static, for when nothing else works.

        Spoken by the carrier even where there are clips: what keeps us from answering may keep us from serving files.
        failed: how many numbers have been tried in vain.
        """
        response = VoiceResponse()
        if failed < len(numbers):
            sorry = "I'm sorry, we have a technical problem. I'm connecting you to a person. Please hold."
            again = "I'm sorry, nobody could take your call there. I'm trying another number. Please hold."
            self.speaker.say(response, again if failed else sorry)
            action = self.addresses.after_fallback(failed + 1)
            self._dial(response, numbers[failed], action, timeout_s=25)
        else:
            spelled = self.speech.words(Prompt("", "{number:phone}"), {"number": numbers[-1]})
            self.speaker.say(
                response, f"I'm sorry, nobody can take your call right now. Please dial {spelled}. Goodbye."
            )
            response.hangup()
        return str(response)

    def hang_up(self) -> str:
        """End the call of somebody whom we ring, and who can be told nothing better."""
        response = VoiceResponse()
        self.speaker.say(response, "I'm sorry, we have a technical problem, and can't go on with this call. Goodbye.")
        response.hangup()
        return str(response)

    def goodbye(self) -> str:
        """End a call whose caller has been served."""
        response = VoiceResponse()
        self.speaker.say(response, "Thank you for calling. Goodbye.")
        response.hangup()
        return str(response)

    def _gather(self, response: VoiceResponse, wait: Gather, turn: int, values: Mapping[str, str]) -> None:
        action = self.addresses.action(wait.at, turn, wait.tries)
        gather = GatherVerb(
            action=action,
            method="POST",
            num_digits=wait.digits,
            timeout=wait.timeout_s,
            finish_on_key=wait.finish,
            action_on_empty_result=True,
        )
        self.speaker.speak(gather, wait.prompts, values)
        response.append(gather)
        # Carriers that do not know actionOnEmptyResult go on here when the caller is silent.
        response.redirect(action, method="POST")

    def _record(self, response: VoiceResponse, wait: Recording, turn: int) -> None:
        action = self.addresses.action(wait.at, turn, wait.tries)
        response.record(
            action=action,
            method="POST",
            max_length=wait.limit_s,
            timeout=wait.silence_s,
            finish_on_key=wait.finish,
            play_beep=True,
            trim="trim-silence",
            # A whole address, as for a <Number>. It tells when the sound is there to be fetched, and of recordings
            # whose action never came: the action alone is not to be relied on.
            recording_status_callback=self.addresses.recording,
            recording_status_callback_method="POST",
            recording_status_callback_event="completed absent",
        )
        # Carriers differ on a silent recording: some request the action, others go on here.
        response.redirect(action, method="POST")

    def _dial(self, response: VoiceResponse, number: str, action: str, timeout_s: int, offer: str = "") -> None:
        dial = DialVerb(action=action, method="POST", timeout=timeout_s, time_limit=TALK_S, caller_id=self.caller_id)
        if offer:
            self._asked_first(dial, number, AGENT, offer)
        else:
            dial.number(number, status_callback=self.addresses.status, status_callback_event="answered")
        response.append(dial)

    def _asked_first(self, dial: DialVerb, number: str, flow: str, offer: str) -> None:
        """Ring somebody who says by a key whether they want to be put through."""
        asked = {"url": self.addresses.leg(flow, offer), "method": "POST"}
        dial.number(number, **asked, status_callback=self.addresses.status, status_callback_event="completed")

    def _enqueue(self, response: VoiceResponse, wait: Enqueue, call: Call) -> None:
        # A queue for each caller: the order of the line is ours to keep, and who takes a call takes this one.
        queue = EnqueueVerb(
            call.sid,
            action=self.addresses.action(wait.at, call.turn),
            method="POST",
            wait_url=self.addresses.holding(wait.at, call.turn),
            wait_url_method="POST",
        )
        response.append(queue)

    def _join(self, response: VoiceResponse, wait: Join, turn: int) -> None:
        action = self.addresses.action(wait.at, turn)
        if wait.whom.startswith("+"):
            shown = self.caller_id or wait.shown
            dial = DialVerb(action=action, method="POST", timeout=CALLBACK_RING_S, time_limit=TALK_S, caller_id=shown)
            self._asked_first(dial, wait.whom, CALLED_BACK, wait.offer)
        else:
            dial = DialVerb(action=action, method="POST", timeout=QUEUE_S, time_limit=TALK_S)
            dial.queue(wait.whom)
        response.append(dial)


def text_reply(text: str) -> str:
    """Write the answer to a text message that came in; '' answers nothing."""
    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)
