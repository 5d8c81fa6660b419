"""Numbers of the account: whether calls to them come here, all the way."""

from ivr.address import FALLBACK, STATUS, TEXT, VOICE, same, shown
from ivr.carrier.webhooks import OwnNumber
from ivr.doctor.findings import Finding, Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient
from ivr.number_book import NumberBook


def connected(patient: Patient) -> Findings:
    """No number that calls this line, or one that no longer does."""
    numbers = patient.own_numbers()
    if not numbers:
        yield broken(
            "numbers.none",
            "the account has no number, so nobody can call",
            "buy one in the carrier's console (Phone Numbers)",
        )
        return
    here = [one for one in numbers if _is_here(patient, one)]
    left = [one for one in numbers if one not in here and one.number in _expected(patient)]
    for one in left:
        yield broken("numbers.elsewhere", f"{one.number} calls {_where(one)}, not this line", _connect(one))
    if not (here or left):
        first = numbers[0]
        yield broken(
            "numbers.elsewhere",
            f"no number of the account calls this line; {first.number} calls {_where(first)}",
            _connect(first),
        )


def overridden(patient: Patient) -> Findings:
    """Addresses that the carrier does not look at, since the number has something else that goes first."""
    for one in _ours(patient):
        to = one.webhooks
        for name, sid in (("application", to.voice_application_sid), ("trunk", to.trunk_sid)):
            if sid:
                what = f"{one.number} has the {name} {sid}, which takes its calls in place of the address of this line"
                yield broken(f"numbers.{name}", what, _connect(one))


def methods(patient: Patient) -> Findings:
    """Webhooks that are asked by GET, which this line refuses."""
    for one in _ours(patient):
        to = one.webhooks
        asked = {
            "a call comes in": (to.voice_url, to.voice_method),
            "primary handler fails": (to.voice_fallback_url, to.voice_fallback_method),
            "call status changes": (to.status_callback, to.status_callback_method),
        }
        by_get = [name for name, (url, method) in asked.items() if url and method == "GET"]
        if by_get:
            yield broken(
                "numbers.method", f"{one.number}: {', '.join(by_get)} by GET; this line takes POST", _connect(one)
            )


def beside(patient: Patient) -> Findings:
    """Numbers whose calls come here, and what else belongs to them does not."""
    base = patient.settings.public_base_url.rstrip("/")
    for one in _ours(patient):
        to = one.webhooks
        if not same(to.voice_fallback_url, base + FALLBACK):
            yield _beside(
                one, "numbers.fallback", to.voice_fallback_url, "should this line fail, callers hear an error"
            )
        if not same(to.status_callback, base + STATUS):
            yield _beside(one, "numbers.status", to.status_callback, "calls that are hung up look as if they went on")


def texts(patient: Patient) -> Findings:
    """Replies to texts that do not come here."""
    settings = patient.settings
    if not settings.caller_id:
        raise SkipError("CALLER_ID is not set, so no texts are sent")
    for one in patient.own_numbers():
        to = one.webhooks
        comes = same(to.sms_url, settings.public_base_url.rstrip("/") + TEXT) and to.sms_method != "GET"
        if one.number == settings.caller_id and (to.sms_application_sid or not comes):
            where = f"to {there}" if (there := to.sms_application_sid or shown(to.sms_url)) else "nowhere"
            yield warning(
                "numbers.texts",
                f"replies to texts from {one.number} go {where}: nobody answers HELP",
                f"flask numbers connect {one.number} --messages",
            )


def _beside(one: OwnNumber, name: str, url: str, so: str) -> Finding:
    there = f"is {shown(url)}" if url else "is not set"
    which = "the fallback address" if name == "numbers.fallback" else "the status address"
    return warning(name, f"{one.number}: {which} {there}; {so}", _connect(one))


def _ours(patient: Patient) -> list[OwnNumber]:
    return [one for one in patient.own_numbers() if _is_here(patient, one)]


def _is_here(patient: Patient, one: OwnNumber) -> bool:
    return same(one.webhooks.voice_url, patient.settings.public_base_url.rstrip("/") + VOICE)


def _expected(patient: Patient) -> set[str]:
    return {patient.settings.caller_id, *NumberBook(patient.settings.instance_dir).connected()}


def _where(one: OwnNumber) -> str:
    return shown(one.webhooks.voice_url) or one.webhooks.voice_application_sid or "nobody"


def _connect(one: OwnNumber) -> str:
    return f"flask numbers connect {one.number}"
