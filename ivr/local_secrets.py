"""Secrets that a clone makes for itself, and keeps beside its local database: nobody has to think of one to try it."""

import os
import secrets
from pathlib import Path

from ivr.setting_rules import SettingsError

GENERATED = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "PIN_PEPPER")
ROTATED = GENERATED[1:]
PREVIOUS = "_previous"  # ends the name of a secret that is still good while another takes its place


def local_secret(name: str, instance_dir: Path) -> str:
    """Return this clone's own value of a secret, made at first use and readable by its owner only."""
    path = instance_dir / name.lower()
    try:
        return _kept(path) if path.exists() else _made(name, path)
    except (OSError, UnicodeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not text"
        raise SettingsError(f"the secrets of this line are kept in {instance_dir}: {path}: {reason}") from None


def _kept(path: Path) -> str:
    value = path.read_text().strip()
    if not value:
        raise SettingsError(f"{path} is empty: put its value back, or remove it to have a new one made")
    return value


def _made(name: str, path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = "AC" + secrets.token_hex(16) if name == "TWILIO_ACCOUNT_SID" else secrets.token_hex(16)
    # Written aside and linked, so that two processes starting at once agree on one value.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        value = _kept(path)
    finally:
        draft.unlink()
    return value
