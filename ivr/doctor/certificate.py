"""The certificate of the public address, as the carrier would judge it."""

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from ivr.doctor.findings import Finding, Findings, SkipError, broken, warning
from ivr.doctor.patient import Patient

WARN_DAYS = 14
WAIT_S = 4.0
_RENEW = "renew it, and have the proxy read it again: `certbot renew` does both where certbot made it"
# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_EXPIRED, _NOT_YET, _OTHER_HOST = 10, 9, 62


def good(patient: Patient) -> Findings:
    """A certificate that the carrier refuses, or soon will."""
    parts = urlsplit(patient.settings.public_base_url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https":
        raise SkipError("PUBLIC_BASE_URL is not https://")
    try:
        left = _ends(host, port, httpx.create_ssl_context()) - datetime.now(UTC)
    except ssl.SSLCertVerificationError as error:
        yield _refused(host, port, error)
        return
    except OSError as error:
        raise SkipError(f"{host}:{port} cannot be reached: {error.strerror or type(error).__name__}") from None
    if left.days <= WARN_DAYS:
        yield warning("certificate.ending", f"the certificate of {host} ends in {left.days} days", _RENEW)


def _refused(host: str, port: int, error: ssl.SSLCertVerificationError) -> Finding:
    if error.verify_code in {_EXPIRED, _NOT_YET}:
        return broken("certificate.expired", f"the certificate of {host} is not valid today", _RENEW)
    if error.verify_code == _OTHER_HOST:
        return broken(
            "certificate.host",
            f"the certificate at {host}:{port} is for {_names(host, port) or 'other names'}",
            f"have one made that names it: `certbot --domain {host}`; or correct PUBLIC_BASE_URL",
        )
    reason = error.verify_message
    return broken(
        "certificate.untrusted",
        f"the certificate of {host} leads to nobody that carriers trust: {reason}",
        "have the proxy send the whole chain (fullchain.pem) of a public authority, such as Let's Encrypt",
    )


def _ends(host: str, port: int, context: ssl.SSLContext) -> datetime:
    return _certificate(host, port, context).not_valid_after_utc


def _names(host: str, port: int) -> str:
    """Say whom a certificate is for that is not for this host."""
    looking = ssl.create_default_context()
    looking.check_hostname, looking.verify_mode = False, ssl.CERT_NONE  # nothing is said to whoever is there
    try:
        names = _certificate(host, port, looking).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, x509.ExtensionNotFound):
        return ""
    return ", ".join(names.get_values_for_type(x509.DNSName)[:3])


def _certificate(host: str, port: int, context: ssl.SSLContext) -> x509.Certificate:
    with (
        socket.create_connection((host, port), WAIT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        der = wrapped.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(der or b"")
