"""The processes beside the server, and what they have left behind."""

from datetime import timedelta

from sqlalchemy import func, select

from ivr.db.database import reading
from ivr.db.heartbeats import heartbeats
from ivr.db.models.texts import TextRow
from ivr.db.models.voicemails import VoicemailRow
from ivr.doctor.findings import Findings, broken, warning
from ivr.doctor.patient import Patient
from ivr.helpers import helpers_of
from ivr.text import TextState

SILENT = timedelta(minutes=10)  # a pass that writes messages down may take some of them
LATE = timedelta(minutes=30)


def at_work(patient: Patient) -> Findings:
    """Processes that should run, and have not been heard of."""
    beats = heartbeats(patient.line.database)
    for helper in helpers_of(patient.settings):
        last = beats.get(helper.command)
        if last is None or patient.now() - last > SILENT:
            since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
            yield broken(
                f"helpers.{helper.command.replace(' ', '_')}",
                f"`flask {helper.command} --forever` has done nothing {since}: no {helper.does}",
                f"keep `flask {helper.command} --forever` running; `make run` does",
            )


def dead_texts(patient: Patient) -> Findings:
    """Texts that were given up."""
    dead = (TextRow.state == TextState.DEAD) & TextRow.done_at.is_(None) & (TextRow.to_number != "")
    with reading(patient.line.database) as session:
        newest = session.execute(select(TextRow.id, TextRow.error).where(dead).order_by(TextRow.id.desc())).first()
        count = session.scalar(select(func.count()).select_from(TextRow).where(dead)) or 0
    if newest is not None:
        yield warning(
            "texts.dead",
            f"{count} {'text was' if count == 1 else 'texts were'} given up; the newest: {newest.error or 'no reason'}",
            f"mend what kept it, then `flask texts retry {newest.id}`; `flask texts list --state dead` shows all",
        )


def late_messages(patient: Patient) -> Findings:
    """Messages of callers that nobody can hear yet."""
    late = patient.now() - LATE
    waiting = VoicemailRow.stored.is_(None) & VoicemailRow.next_try_at.is_not(None) & (VoicemailRow.at < late)
    query = select(VoicemailRow.error).where(waiting, VoicemailRow.error.is_not(None)).order_by(VoicemailRow.at)
    with reading(patient.line.database) as session:
        errors = list(session.scalars(query.limit(100)))
    if errors:
        yield warning(
            "voicemail.late",
            f"{len(errors)} messages have not been fetched for half an hour: {errors[0]}",
            "mend what the reason names, then `flask voicemail fetch`",
        )
