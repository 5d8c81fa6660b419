"""What stands before the line: a proxy or a tunnel, through which a signed request must come as it was sent.

Signatures are checked against PUBLIC_BASE_URL, whatever host or scheme arrives. What must not change is the path below
it, the query, the fields and the signature itself.
"""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from ivr.address import VOICE, shown
from ivr.doctor.findings import Finding, Findings, SkipError, broken, warning
from ivr.doctor.knock import FORM, QUERY, Knocked, knock
from ivr.doctor.patient import Patient
from ivr.doctor.stranger import stranger, upstream
from ivr.probe import Seen

REFUSAL, NO_CALL = b"The signature does not match.\n", b"CallSid is missing or malformed.\n"  # ivr/web/voice.py
_NGINX = "`proxy_set_header Host $host;` in nginx, and the like elsewhere"


def answers(patient: Patient) -> Findings:
    """Nothing at the public address, or something else than this line."""
    at = patient.knocked.get()
    where = shown(patient.settings.public_base_url)
    if at.error is not None:
        if "CERTIFICATE_VERIFY_FAILED" in str(at.error):
            raise SkipError(f"{where}: its certificate is refused")
        what = f"{where} does not answer: {str(at.error) or type(at.error).__name__}"
        yield broken("line.away", what, upstream(patient))
    elif at.seen is None and at.answer is not None and not _is_known(at):
        yield from stranger(patient, at, at.answer)


def token(patient: Patient) -> Findings:
    """A line that still runs with another token than the one that is set."""
    at = patient.knocked.get()
    if at.answer is not None and at.status == HTTPStatus.FORBIDDEN and at.answer.content == REFUSAL:
        yield broken(
            "line.token",
            "the line that answers has another TWILIO_AUTH_TOKEN than is set here, or another PUBLIC_BASE_URL",
            "start it again, with this .env (`make run`)",
        )


def arrives(patient: Patient) -> Findings:
    """A request that arrives as another one."""
    seen = _seen(patient)
    found = [*_path(patient, seen), *_content(seen)]
    if not seen.signature:
        name = "X-Twilio-Signature"
        what = f"the header {name} does not arrive, so every webhook is refused"
        found.append(broken("proxy.signature", what, f"let the proxy pass {name} on"))
    if not (found or seen.signed):
        found.append(
            broken(
                "line.token",
                "the line that answers checks signatures against another PUBLIC_BASE_URL than is set here",
                "start it again, with this .env (`make run`)",
            )
        )
    yield from found


def host(patient: Patient) -> Findings:
    """A request that arrives for another host, port or scheme; calls do not mind, pages do."""
    seen, sent = _seen(patient), urlsplit(patient.settings.public_base_url)
    name, _, port = seen.host.rpartition(":") if not seen.host.endswith("]") else (seen.host, "", "")
    name, port = (name, port) if name and port.isdecimal() else (seen.host, "")
    public = (sent.hostname or "").lower()
    if name.strip("[]").lower() != public:
        danger = ", which opens the browser phone to strangers" if patient.settings.is_demo else ""
        find = broken if patient.settings.is_demo else warning
        what = f"the proxy passes the host on as {seen.host}, not {public}{danger}"
        yield find("proxy.host", what, f"pass the host on as it came: {_NGINX}")
    elif port and port != str(sent.port or {"https": 443, "http": 80}[sent.scheme]):
        what = f"the proxy adds a port: {seen.host} arrives for {sent.netloc.rpartition('@')[2]}"
        yield warning("proxy.port", what, f"pass the host on as it came: {_NGINX}")
    if sent.scheme == "https" and "https" not in {seen.scheme, seen.proto.split(",")[0].strip()}:
        yield warning(
            "proxy.scheme",
            "https arrives as http, and nothing says that it was https; calls do not mind",
            "let the proxy say so: `proxy_set_header X-Forwarded-Proto $scheme;` in nginx, and the like elsewhere",
        )


def forged(patient: Patient) -> Findings:
    """A proxy that lets strangers say who they are."""
    seen = _seen(patient)
    if not seen.signed:
        raise SkipError("signed requests do not arrive yet")
    other = knock(patient.settings, forged=True).seen
    if other is None or not other.signed or (other.path, other.host, other.peer) != (seen.path, seen.host, seen.peer):
        yield broken(
            "proxy.forged",
            "forwarded headers of a stranger are believed: they change the host, the path or the address of who calls",
            "have the proxy write X-Forwarded-* and Forwarded anew: `proxy_set_header X-Forwarded-For $remote_addr;`",
        )


def whole(patient: Patient) -> Findings:
    """Answers that are packed though nobody asked."""
    at = patient.knocked.get()
    packed = at.answer.headers.get("content-encoding", "") if at.answer is not None else ""
    if packed and at.seen is not None:
        yield warning(
            "proxy.compressed",
            f"answers come back packed ({packed}) though the request did not ask for it; a carrier may not read them",
            "turn compression off for text/xml: `gzip off;` in nginx",
        )


def _is_known(at: Knocked) -> bool:
    """Whether the answer is ours: a refusal, or a webhook whose probe was stripped, and whose signature was good."""
    return at.answer is not None and at.answer.content in {REFUSAL, NO_CALL}


def _seen(patient: Patient) -> Seen:
    at = patient.knocked.get()
    if at.seen is None:
        raise SkipError("this line does not answer at PUBLIC_BASE_URL")
    return at.seen


def _path(patient: Patient, seen: Seen) -> Iterator[Finding]:
    prefix, port = patient.settings.base_path, patient.settings.port
    if seen.method != "POST":
        yield broken("proxy.method", f"POST arrives as {seen.method}", "let the proxy pass the method on")
    if seen.path == VOICE:
        return
    if prefix and seen.path == prefix + VOICE:
        yield broken(
            "proxy.prefix",
            f"the proxy does not take {prefix} off: {prefix}{VOICE} arrives, where {VOICE} should",
            f"in nginx: `location {prefix}/ {{ proxy_pass http://127.0.0.1:{port}/; }}`, with both slashes at the end",
        )
    else:
        yield broken(
            "proxy.path",
            f"the path arrives as {seen.path}, where {VOICE} should",
            "let the proxy pass the path on as it is below PUBLIC_BASE_URL",
        )


def _content(seen: Seen) -> Iterator[Finding]:
    if seen.query != QUERY:
        yield broken(
            "proxy.query",
            f"the query is rewritten on its way: {seen.query[:80] or 'nothing'} arrives for {QUERY}",
            "let the proxy pass it on as it is: `proxy_pass` without a path or variables in nginx",
        )
    changed = {name for name, _ in {(name, value) for name, value in seen.form} ^ set(FORM.items())}
    if changed or len(seen.form) != len(FORM):
        yield broken(
            "proxy.body",
            f"fields of a form are changed on their way: {', '.join(sorted(changed)) or 'some come twice'}",
            "turn off what rewrites bodies: a firewall's filter, or a plug-in of the proxy",
        )
