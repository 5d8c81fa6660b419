"""X-Twilio-Signature, from the published rules.

Source: https://www.twilio.com/docs/usage/security#validating-requests
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def sign(url: str, form: Mapping[str, str], auth_token: str, digest: str = "sha1") -> str:
    """Sign a request. form: the POST fields, decoded; empty for GET and for JSON bodies."""
    text = signed_url(url) + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), digest)).decode()


def signed_url(url: str) -> str:
    """Return the part of an address that is signed: no user, no fragment, and no port over HTTPS."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host = host.rpartition(":")[0]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
