"""The audio of the prompts: there, of today's words, and made of the recordings that are there."""

from pathlib import Path

from ivr.audio.pronunciation import PronunciationError
from ivr.audio.recipe import Job, Sources
from ivr.audio.recordings import RecordingError, check_file, find_recordings
from ivr.audio.voice import VoiceError, find_voice
from ivr.clip import HOLD_SOUND
from ivr.doctor.findings import Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient
from ivr.prompts import prompts


def audio(patient: Patient) -> Findings:
    """Prompts that the carrier's voice must speak, or whose audio says something else than they do."""
    here, jobs = _jobs(patient)
    store = here.store
    built = store.built()
    missing = [job.clip.id for job in jobs if store.find(job.clip) is None]
    stale = [job.clip.id for job in jobs if job.clip.id in built and not job.is_made(built[job.clip.id])]
    stale = [clip_id for clip_id in stale if clip_id not in missing]
    mend = "flask prompts render" if here.voice else f"`make voice`, then `flask prompts render` ({here.no_voice})"
    if missing:
        yield warning(
            "prompts.missing", f"without audio, so that the carrier's voice speaks in between: {_some(missing)}", mend
        )
    if stale:
        yield warning("prompts.stale", f"with audio of another voice, recording or making: {_some(stale)}", mend)


def recordings(patient: Patient) -> Findings:
    """Recordings of people that are not played, since they cannot be."""
    here, jobs = _jobs(patient)
    known = {job.clip.id for job in jobs}
    notes = {clip_id: row.note for clip_id, row in here.store.built().items() if row.note}
    for clip_id, path in sorted(find_recordings(here.recordings).items()):
        if clip_id not in known:
            near = "flask prompts list"
            yield warning("prompts.recording", f"{path} is of no prompt", f"name it as a prompt is called: `{near}`")
            continue
        problem = notes.get(clip_id, "") or _fault(path)
        if problem:
            yield broken(
                "prompts.recording",
                f"not played: {problem}",
                f"`flask prompts record {clip_id} FILE.wav` with a good one",
            )


def _fault(path: Path) -> str:
    try:
        check_file(path)
    except RecordingError as error:
        return str(error)
    return ""


def _jobs(patient: Patient) -> tuple[Sources, list[Job]]:
    settings = patient.settings
    if settings.prompt_mode != "play":
        raise SkipError("PROMPT_MODE is say: no audio is played")
    try:
        voice, why = find_voice(settings.voice_model), ""
    except VoiceError as error:
        voice, why = None, str(error)
    here = Sources(settings.prompts_dir, settings.say_language, voice, why)
    line = patient.line
    try:
        return here, here.jobs([*line.voice.speech.catalogue(prompts(line.line)), HOLD_SOUND])
    except PronunciationError as error:
        raise SkipError(str(error)) from None


def _some(ids: list[str]) -> str:
    shown = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")  # noqa: PLR2004 a line's worth
    return f"{len(ids)} {'prompt' if len(ids) == 1 else 'prompts'} ({shown})"
