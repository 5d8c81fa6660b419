"""Voicemails that wait to be heard, and texts that could not be sent."""

from io import BytesIO
from typing import Any

from flask import Response, abort, send_file

from ivr.bootstrap import answerline
from ivr.console.desk import me, now, page
from ivr.console.work import work_page, worked
from ivr.db.console.work import messages, texts
from ivr.staff import Role
from ivr.voicemail.storage import Storage

LIST, TEXTS = "console.work_messages", "console.work_texts"
NUMBER = "<int(max=9223372036854775807):number>"


@page("/work/messages", needs=Role.LEAD)
def work_messages() -> str:
    """List messages to be heard."""
    return work_page("messages", LIST, messages=messages.waiting_messages(answerline().reads.primary))


@page(f"/messages/{NUMBER}/audio", needs=Role.LEAD)
def message_audio(number: int) -> Response:
    """Play a message; who listens is in the audit log. Pieces of it can be asked for (Range)."""
    line = answerline()
    stored = messages.sound_of(line.reads.primary, number, me().name, now())
    if stored is None:
        abort(404, "There is no such message, or its sound has not been fetched yet.")
    content = Storage(line.settings.voicemail_address).read(stored)
    return send_file(BytesIO(content), mimetype="audio/wav", conditional=True, etag=f"message-{number}")


@page(f"/work/messages/{NUMBER}/done", needs=Role.LEAD, methods=("POST",))
def work_message_done(number: int) -> Any:
    """Note that a message has been attended to."""
    done = messages.done_with_message(answerline().reads.primary, number, me().name, now())
    return worked(done=done, told="The message is done.", instead="Somebody has done with it already.", back=LIST)


@page(f"/work/messages/{NUMBER}/delete", needs=Role.LEAD, methods=("POST",))
def work_message_delete(number: int) -> Any:
    """Have a message deleted, here and at the carrier."""
    line = answerline()
    done = messages.delete_message(line.reads.primary, line.calls, number, me().name, now())
    told = "The message is being deleted, here and at the carrier."
    return worked(done=done, told=told, instead="It has been deleted already.", back=LIST)


@page(f"/work/messages/{NUMBER}/retry", needs=Role.LEAD, methods=("POST",))
def work_message_retry(number: int) -> Any:
    """Have a message fetched again now."""
    done = messages.fetch_again(answerline().reads.primary, number, me().name, now())
    told = "The message is being fetched again. Load the page again in a moment."
    return worked(done=done, told=told, instead="There is nothing to be fetched any more.", back=LIST)


@page("/work/texts", needs=Role.LEAD)
def work_texts() -> str:
    """List texts that could not be sent."""
    return work_page("texts", TEXTS, texts=texts.failed_texts(answerline().reads.primary))


@page(f"/work/texts/{NUMBER}/retry", needs=Role.LEAD, methods=("POST",))
def work_text_retry(number: int) -> Any:
    """Send a text again from the start."""
    line = answerline()
    why_not = texts.retry_text(line.reads.primary, line.clock, number, me().name)
    instead = f"The text was not sent again: {why_not}."
    return worked(done=not why_not, told="The text is on its way again.", instead=instead, back=TEXTS)


@page(f"/work/texts/{NUMBER}/done", needs=Role.LEAD, methods=("POST",))
def work_text_done(number: int) -> Any:
    """Note that a text was seen to in another way."""
    done = texts.done_with_text(answerline().reads.primary, number, me().name, now())
    return worked(done=done, told="The text is off the list.", instead="It is off the list already.", back=TEXTS)
