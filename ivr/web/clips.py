"""`/prompts/<hash>/<id>.wav`: prompt audio. A name never changes its sound, so whoever has it may keep it for ever."""

import logging
import re

from flask import Blueprint, Response, make_response, send_from_directory

from ivr.audio.in_time import read_in_time
from ivr.bootstrap import answerline

log = logging.getLogger("answerline")
blueprint = Blueprint("clips", __name__, url_prefix="/prompts")
FOREVER_S = 365 * 24 * 3600
READ_S = 1.0  # the carrier is silent until it has the sound
_PATH = re.compile(r"(?P<hash>[0-9a-f]{16})/(?P<id>[a-z0-9_.*-]+)\.wav")


@blueprint.get("/<path:path>")
def clip(path: str) -> Response:
    """Send a clip, or the part of it that is asked for; no other file of the folder."""
    line = answerline()
    folder = line.settings.clips_dir
    named = _PATH.fullmatch(path)
    try:
        there = named is not None and read_in_time(folder / path, READ_S) is not None
    except TimeoutError:  # callers hear the carrier's voice instead, from their next turn on
        line.clips.is_slow(path)
        log.warning("clip %s: the disk does not give it; it is spoken for a minute", path)
        return Response("The disk does not give it.\n", 503, {"Cache-Control": "no-store"}, mimetype="text/plain")
    if named is None or not there:
        missing = make_response("There is no such clip.\n", 404)
        missing.headers.update({"Content-Type": "text/plain", "Cache-Control": "no-store"})
        return missing
    sound = send_from_directory(folder, path, mimetype="audio/wav", etag=named["hash"], max_age=FOREVER_S)
    sound.cache_control.public, sound.cache_control.immutable = True, True
    built = line.clips.built().get(named["id"])
    if built and built.path == path:  # what it says, for whoever plays it to people who read
        sound.headers["Content-Description"] = built.text.encode().decode("latin-1")
    return sound
