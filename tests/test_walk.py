"""Every edge of every flow, through the real webhooks, each POST sent twice."""

from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from puppets import puppet_line
from walker import Script, Walker

from ivr.call import DialEnded
from ivr.db.history import show_call
from ivr.engine import Engine
from ivr.turn import Step


@dataclass(frozen=True)
class RecordingEngine(Engine):
    walked: set[Step]

    def start(self, call):
        return self._noted(super().start(call))

    def answer(self, call, at, tries, heard):
        return self._noted(super().answer(call, at, tries, heard))

    def _noted(self, turn):
        self.walked.update(turn.path)
        return turn


def action(twiml: str) -> str | None:
    """Where the carrier posts next."""
    root = ET.fromstring(twiml)  # noqa: S314 our own TwiML
    return next((verb.get("action") for verb in root if verb.get("action")), None)


def form(heard):
    if isinstance(heard, DialEnded):
        return {"DialCallStatus": heard.status.value}
    return {"Digits": heard.digits}


def test_every_edge_is_walked_and_a_repeated_webhook_changes_nothing(app, carrier):
    walker, script, walked = Walker(), Script(), set()
    expected = set(walker.left)
    puppets = puppet_line(script.choose)
    parts = app.extensions["answerline"]
    engine = RecordingEngine(puppets, parts.conversation.engine.services, walked)
    conversation = replace(parts.conversation, engine=engine)
    app.extensions["answerline"] = replace(parts, line=puppets, conversation=conversation)
    for number, moves in enumerate(walker.calls()):
        sid, path = f"CA{number:032x}", "/voice"
        for move in moves:
            script.picks, script.asked = list(move.picks), []
            answer = carrier.post(path, sid, **(form(move.heard) if move.heard else {}))
            assert answer.status_code == 200
            before, asked = carrier.log(sid), list(script.asked)
            again = carrier.post(path, sid, **(form(move.heard) if move.heard else {}))
            assert again.data == answer.data
            assert carrier.log(sid) == before
            assert script.asked == asked, "a repeated webhook ran an action again"
            path = action(answer.text)
        carrier.post("/voice/status", sid, CallStatus="completed", CallDuration="60")
        assert show_call(parts.engine, sid)["disposition"] is not None
    missing = sorted(f"{step.at}[{step.label}]" for step in expected - walked)
    assert not missing, f"{len(missing)} of {len(expected)} edges not walked: {', '.join(missing)}"
