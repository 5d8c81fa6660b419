"""A caller's message, to be listened to by whoever may; each time is written down."""

from io import BytesIO
from typing import Any

from flask import abort, jsonify, request, send_file

from ivr.audio.wav import BadWavError
from ivr.bootstrap import answerline
from ivr.console.desk import me, page
from ivr.console.waveform import peaks
from ivr.db.console.audit import Act
from ivr.db.console.call_page import read_voicemail
from ivr.staff import Role
from ivr.voicemail.storage import Storage


@page("/calls/<sid>/messages/<int:number>.wav", needs=Role.LEAD)
def call_message(sid: str, number: int) -> Any:
    """Send a message's sound."""
    sound = _sound(sid, number)
    # A player asks for a file in pieces; the first one tells that somebody has begun to listen.
    if request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        answerline().staff.note(me().name, Act.LISTENED, sid, message=number)
    return send_file(BytesIO(sound), mimetype="audio/wav", conditional=True, etag=False)


@page("/calls/<sid>/messages/<int:number>/peaks", needs=Role.LEAD)
def call_peaks(sid: str, number: int) -> Any:
    """Send the shape of a message's sound; null where it has none that can be drawn."""
    try:
        return jsonify(peaks=peaks(_sound(sid, number)))
    except BadWavError:
        return jsonify(peaks=None)


def _sound(sid: str, number: int) -> bytes:
    line = answerline()
    row = read_voicemail(line.reads.primary, sid, number)
    if row is None or row.stored is None:
        abort(404, "There is no such message, or its sound is not here: not yet, or not any more.")
    return Storage(line.settings.voicemail_address).read(row.stored)
