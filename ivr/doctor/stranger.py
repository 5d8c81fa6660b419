"""Who answers at the public address in place of the line: a redirect, a tunnel's page, somebody else."""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx

from ivr.address import VOICE, shown
from ivr.doctor.findings import Finding, broken
from ivr.doctor.knock import Knocked, answers_here
from ivr.doctor.patient import Patient
from ivr.probe import SEAL

# From 520 on: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
_BROKEN_WAYS = frozenset({502, 503, 504, 521, 522, 523, 524, 530})


def stranger(patient: Patient, at: Knocked, answer: httpx.Response) -> Iterator[Finding]:
    """Say who has answered in place of the line."""
    where = shown(patient.settings.public_base_url)
    if answer.has_redirect_location:
        yield _redirected(at, answer)
        return
    page = "html" in answer.headers.get("content-type", "")
    tunnel = answer.headers.get("ngrok-error-code", "")
    if tunnel or answer.status_code in _BROKEN_WAYS:
        name = f" ({tunnel})" if tunnel else ""
        what = f"what stands at {where} answers {answer.status_code}{name} itself: it does not reach the line"
        yield broken("proxy.upstream", what, upstream(patient))
    elif SEAL in answer.headers:
        yield broken(
            "proxy.altered", "answers are altered on their way back", "turn off what rewrites answers at the proxy"
        )
    else:
        kind = "a web page" if page else answer.headers.get("content-type", "nothing").split(";")[0]
        yield broken(
            "line.stranger",
            f"{where} is answered by something else: {answer.status_code}, {kind}",
            f"correct PUBLIC_BASE_URL in .env, or have the proxy pass it on to 127.0.0.1:{patient.settings.port}",
        )


def _redirected(at: Knocked, answer: httpx.Response) -> Finding:
    to, sent = urlsplit(urljoin(at.url, answer.headers["location"])), urlsplit(at.url)
    lost = f"({answer.status_code}), on which a carrier loses what was sent"
    new = "set PUBLIC_BASE_URL in .env to {}, then `flask numbers connect` each number"
    if to.scheme == "https" and sent.scheme == "http":
        base = f"https://{to.netloc}{sent.path.removesuffix(VOICE)}"
        return broken("proxy.redirect_https", f"http is redirected to https {lost}", new.format(base))
    if to.path.rstrip("/") == sent.path.rstrip("/") and to.netloc == sent.netloc:
        return broken(
            "proxy.redirect_slash",
            f"{sent.path} is redirected to {to.path} {lost}",
            "turn that off: a `location` without a slash at its end, in nginx",
        )
    there = shown(to.geturl())
    return broken("proxy.redirect", f"calls are redirected to {there} {lost}", "set PUBLIC_BASE_URL to where it leads")


def upstream(patient: Patient) -> str:
    """Say what to do where nothing reaches the line."""
    port = patient.settings.port
    if answers_here(patient.settings):
        tunnel = "start the tunnel (`ngrok start answerline --config ngrok.yml`)"
        return f"the line answers on this machine: {tunnel}, or point the proxy to http://127.0.0.1:{port}"
    return f"start the line (`make run`); then see that the proxy or tunnel leads to its port, {port}"
