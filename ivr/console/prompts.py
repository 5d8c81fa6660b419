"""Prompts: what each one says, whose voice says it, and new recordings of whole sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NoReturn

from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for

from ivr.audio.recordings import MOST_BYTES, MOST_SECONDS
from ivr.audio.store import Built
from ivr.bootstrap import answerline
from ivr.clip import HOLD_SOUND, Clip
from ivr.console.desk import me, page
from ivr.console.recorder import Recorder, RecorderError
from ivr.db.console.audit import Act
from ivr.prompts import prompts as all_prompts
from ivr.staff import Role
from ivr.template import fields

MISSING, ASSEMBLED, RECORDED = "missing", "assembled", "recorded"
SOURCES = (RECORDED, "rendered", "composed", ASSEMBLED, MISSING)
_FIELD = re.compile(r"\{(\w+)(?::\w+)?\}")
_UPLOAD = MOST_BYTES + 64 * 1024  # and the form around it


@dataclass(frozen=True)
class Row:
    """A prompt and its audio. clip: None where it is put together. parts: its own clips, with their audio.

    values: what is spoken between them.
    """

    id: str
    text: str
    clip: Clip | None
    parts: tuple[tuple[Clip, Built | None], ...]
    values: tuple[str, ...] = ()

    @property
    def flow(self) -> str:
        """The part of the line that says it."""
        return self.id.partition(".")[0]

    @property
    def shown(self) -> str:
        """What it says, with the names of values where they stand."""
        return _FIELD.sub(lambda field: f"[{field[1].replace('_', ' ')}]", self.text)

    @property
    def built(self) -> Built | None:
        """Its audio, where it is one clip."""
        return self.parts[0][1] if self.clip else None

    @property
    def source(self) -> str:
        """Whose voice it is: a word of SOURCES."""
        if any(built is None for _, built in self.parts):
            return MISSING
        return self.built.source if self.built else ASSEMBLED

    @property
    def seconds(self) -> float | None:
        """How long it is, as far as that is known before a call."""
        return self.built.seconds if self.built else None


@page("/prompts", needs=Role.ADMIN)
def prompts() -> str:
    """List the prompts."""
    q, source = request.args.get("words", "").strip()[:200], request.args.get("source", "")
    rows = list(_rows())
    found = [
        row
        for row in rows
        if q.casefold() in f"{row.id} {row.text}".casefold() and (source not in SOURCES or row.source == source)
    ]
    counts = {name: sum(row.source == name for row in rows) for name in SOURCES}
    groups = {flow: list(each) for flow, each in groupby(found, key=lambda row: row.flow)}
    return render_template(
        "console/prompts.html",
        groups=[(flow, each, len(each)) for flow, each in groups.items()],
        found=len(found),
        total=len(rows),
        counts=counts,
        q=q,
        source=source,
        speaks=answerline().settings.prompt_mode == "say",
    )


@page("/prompts/<prompt_id>", needs=Role.ADMIN)
def prompt(prompt_id: str) -> Response:
    """Show a prompt, and take a new recording of it."""
    row = _row(prompt_id)
    draft = _recorder().draft(prompt_id)
    shown = render_template("console/prompt.html", row=row, draft=draft, most_s=MOST_SECONDS, most_bytes=MOST_BYTES)
    answer = Response(shown)
    answer.headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"  # to record in the browser
    return answer


@page("/prompts/<prompt_id>/try", needs=Role.ADMIN, methods=("POST",), room=_UPLOAD)
def prompt_try(prompt_id: str) -> Any:
    """Check a recording."""
    row, upload = _row(prompt_id), request.files.get("recording")
    if row.clip is None:
        abort(400, "This sentence is put together of parts, so it cannot be recorded as a whole.")
    if upload is None or not upload.filename:
        abort(400, "Choose a file, or record one, before it is checked.")
    try:
        _recorder().listen(prompt_id, upload, me().name)
    except RecorderError as error:
        _refuse(error)
    return redirect(url_for("console.prompt", prompt_id=prompt_id, _anchor="checked"))


@page("/prompts/<prompt_id>/draft/<token>.wav", needs=Role.ADMIN)
def prompt_draft(prompt_id: str, token: str) -> Response:
    """Play a recording as callers would hear it."""
    path = _recorder().sound(_row(prompt_id).id, token)
    if path is None:
        abort(404, "That recording is not there any more.")
    return send_file(path, mimetype="audio/wav", conditional=True)


@page("/prompts/<prompt_id>/put", needs=Role.ADMIN, methods=("POST",))
def prompt_put(prompt_id: str) -> Any:
    """Have callers hear a recording from now on."""
    row = _row(prompt_id)
    try:
        draft = _recorder().put(prompt_id, request.form.get("token", ""))
    except RecorderError as error:
        _refuse(error)
    answerline().clips.look_again()
    answerline().staff.note(me().name, Act.PROMPT_RECORDED, row.id, seconds=draft.seconds, recorded_by=draft.who)
    flash("In place: callers hear this recording from now on.", "success")
    return redirect(url_for("console.prompt", prompt_id=prompt_id))


@page("/prompts/<prompt_id>/discard", needs=Role.ADMIN, methods=("POST",))
def prompt_discard(prompt_id: str) -> Any:
    """Forget a recording that was checked."""
    try:
        _recorder().discard(_row(prompt_id).id)
    except RecorderError as error:
        _refuse(error)
    return redirect(url_for("console.prompt", prompt_id=prompt_id))


@page("/prompts/<prompt_id>/reset", needs=Role.ADMIN, methods=("POST",))
def prompt_reset(prompt_id: str) -> Any:
    """Go back to the rendered one."""
    row = _row(prompt_id)
    if row.source != RECORDED:
        abort(409, "There is no recording of this prompt in place.")
    try:
        told = _recorder().reset(prompt_id)
    except RecorderError as error:
        _refuse(error)
    answerline().clips.look_again()
    answerline().staff.note(me().name, Act.PROMPT_RESET, row.id)
    flash(f"The recording is gone: {told}", "success")
    return redirect(url_for("console.prompt", prompt_id=prompt_id))


def _refuse(error: RecorderError) -> NoReturn:
    abort(409 if error.busy else 400, str(error))


def _recorder() -> Recorder:
    return Recorder(answerline().settings)


def _row(prompt_id: str) -> Row:
    row = next((row for row in _rows() if row.id == prompt_id), None)
    if row is None:
        abort(404, "There is no such prompt.")
    return row


def _rows() -> Iterator[Row]:
    """Every prompt, in the order of the flows; what is said everywhere comes first, and the music last."""
    line = answerline()
    line.clips.look_again()
    speech, find = line.voice.speech, line.clips.find
    for each in all_prompts(line.line):
        own = [clip for clip in speech.catalogue([each]) if clip.id == each.id or clip.id.startswith(f"{each.id}-")]
        own = own or [clip for clip in speech.catalogue([each]) if clip.id.startswith(f"{each.id}.")]
        whole = own[0] if len(own) == 1 and own[0].id == each.id else None
        values = tuple(name for name in fields(each.text) if name not in speech.fixed)
        parts = tuple((clip, find(clip)) for clip in own)
        yield Row(each.id, whole.text if whole else each.text, whole, parts, values)
    yield Row(HOLD_SOUND.id, "Music, while callers wait", HOLD_SOUND, ((HOLD_SOUND, find(HOLD_SOUND)),))
