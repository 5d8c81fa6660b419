"""The carrier's webhook for text messages that come in: STOP, START and HELP, and a sentence for everybody else.

Keywords: https://help.twilio.com/articles/223134027, and 47 CFR 64.1200(a)(10).
"""

import logging
import re

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from ivr.bootstrap import answerline
from ivr.call import masked, withheld
from ivr.degraded.late import Wish
from ivr.twiml import text_reply
from ivr.web import watch
from ivr.web.voice import check_signature

log = logging.getLogger("answerline")
blueprint = Blueprint("texts", __name__, url_prefix="/voice/text")
STOP = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
START = frozenset("START UNSTOP YES".split())
HELP = frozenset("HELP INFO".split())
blueprint.before_request(check_signature)
watch.webhooks(blueprint)


@blueprint.post("")
def incoming() -> Response:
    """Handle "a message comes in"."""
    line, number = answerline(), request.form.get("From", "")
    if withheld(number):
        abort(400, "From is missing or no telephone number.")
    word = re.sub(r"\W", "", request.form.get("Body", "")).upper()
    about = "{company} support by text message: you get one when you ask for it on the phone. {numbers}"
    if word in STOP:  # answered by the carrier itself, which lets nothing through from here on
        line.steady.wish(Wish(number, stops=True, at=line.clock.now()))
        answer = ""
    elif word in START:
        line.steady.wish(Wish(number, stops=False, at=line.clock.now()))
        answer = ""
    elif word in HELP:
        answer = about + " Message rates may apply. Reply STOP to end."
    else:
        answer = "{company}: nobody reads text messages here. {numbers}"
    log.info("text from %s: %s", masked(number), word if word in STOP | START | HELP else "no keyword")
    numbers = "For a person, call {support_number}.".format_map(line.desk.words)
    return Response(text_reply(answer.format(company=line.desk.words["company"], numbers=numbers)), mimetype="text/xml")


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """Fail in one word: the carrier keeps no number on hold for a text, and tries the fallback address."""
    if isinstance(error, HTTPException):
        return Response(f"{error.description}\n", status=error.code or 400, mimetype="text/plain")
    log.error("text: %s failed", request.path, exc_info=error)
    return Response("Not noted.\n", status=500, mimetype="text/plain")
