"""The line calls itself at its public address, as the carrier would, and hears from itself how that arrived."""

import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from ivr.address import VOICE
from ivr.config import Settings
from ivr.probe import SEAL, TICKET, Seen, seal, ticket
from ivr.simulator.signature import sign

WAIT_S = 4.0
# What proxies like to write in another way: escapes, blanks, plus signs, a field twice, letters that are not English.
QUERY = "probe=1&blank=&escaped=a%20b%3Cc%C3%A9&plus=a+b&twice=1"
FORM = {"Probe": "1", "Blank": "", "Body": " a+b & c=d; \u00e9\U0001f600 \n", "To": "+18005550100"}
# A stranger would send these, to be taken for somebody else; what is between us and them must write its own.
FORGED = {
    "X-Forwarded-Host": "stranger.invalid",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/stranger",
    "X-Forwarded-Server": "stranger.invalid",
    "X-Forwarded-For": "192.0.2.1",
    "X-Original-URL": "/stranger",
    "X-Rewrite-URL": "/stranger",
    "Forwarded": "for=192.0.2.1;host=stranger.invalid;proto=http",
}


@dataclass(frozen=True)
class Knocked:
    """What came back. error: why nothing did. answer: what a carrier would read. seen: where it is ours, and whole."""

    url: str
    error: httpx.HTTPError | None = None
    answer: httpx.Response | None = field(default=None, repr=False)
    seen: Seen | None = None

    @property
    def status(self) -> int:
        """The answer's; 0 where there is none."""
        return self.answer.status_code if self.answer is not None else 0


def knock(settings: Settings, *, forged: bool = False) -> Knocked:
    """Send one signed request to the address for calls. forged: with headers that a stranger would add."""
    base, token = settings.public_base_url.rstrip("/"), settings.twilio_auth_token
    url = f"{base}{VOICE}?{QUERY}"
    given = ticket(token, time.time())
    headers = {
        TICKET: given,
        "X-Twilio-Signature": sign(url, FORM, token),
        "Accept-Encoding": "identity",
        "User-Agent": "TwilioProxy/1.1",
        **(FORGED if forged else {}),
    }
    try:
        with httpx.Client(timeout=WAIT_S, trust_env=True) as client:
            answer = client.post(url, data=FORM, headers=headers)
    except httpx.HTTPError as error:
        return Knocked(url, error)
    return Knocked(url, None, answer, _seen(token, given, answer))


def _seen(token: str, given: str, answer: httpx.Response) -> Seen | None:
    if answer.headers.get(SEAL, "") != seal(token, given, answer.content):
        return None
    return Seen(**json.loads(answer.content))


def answers_here(settings: Settings) -> bool:
    """Say whether the line answers on this machine, whatever stands before it."""
    base = urlsplit(settings.demo_rest_base)
    try:
        with httpx.Client(timeout=1.0, trust_env=False) as client:
            return client.get(f"http://{base.netloc}/healthz").text == "ok\n"
    except httpx.HTTPError:
        return False
