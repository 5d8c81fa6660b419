"""Where numbers of the account are to point, and where they pointed before: kept in `instance/`, to be put back."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ivr.address import FALLBACK, STATUS, TEXT, VOICE, same
from ivr.carrier.webhooks import Webhooks
from ivr.setting_rules import SettingsError

Fields = Mapping[str, str]
_ADDRESSES = frozenset({"voice_url", "voice_fallback_url", "status_callback", "sms_url"})


def wanted(base: str, *, messages: bool = False) -> dict[str, str]:
    """Return the fields of a number that calls this line. base: PUBLIC_BASE_URL. messages: its texts, too."""
    base = base.rstrip("/")
    fields = {
        "voice_url": base + VOICE,
        "voice_method": "POST",
        "voice_fallback_url": base + FALLBACK,
        "voice_fallback_method": "POST",
        "status_callback": base + STATUS,
        "status_callback_method": "POST",
        "voice_application_sid": "",
        "trunk_sid": "",
    }
    if messages:
        fields |= {"sms_url": base + TEXT, "sms_method": "POST", "sms_application_sid": ""}
    return fields


def differing(now: Webhooks, to: Fields) -> dict[str, str]:
    """Return those fields that would change."""
    there: dict[str, str] = asdict(now)
    return {
        name: value
        for name, value in to.items()
        if there[name] != value and not (name in _ADDRESSES and same(there[name], value))
    }


class NumberBook:
    """What each number was before it was connected, by its number; a file that its owner only can read."""

    def __init__(self, instance_dir: Path) -> None:
        self._path = instance_dir / "numbers.json"

    def before(self, number: str) -> dict[str, str]:
        """Return the fields that a number had; nothing where it has not been connected from here."""
        return dict(self._read().get(number, {}).get("before", {}))

    def connected(self) -> list[str]:
        """List the numbers that were connected from here."""
        return sorted(self._read())

    def connecting(self, number: str, now: Webhooks, to: Fields) -> None:
        """Remember what a number is, before it is changed. What we have set ourselves is not what it was before."""
        book, there = self._read(), asdict(now)
        entry = book.get(number, {"before": {}, "set": {}})
        for name, value in to.items():
            if there[name] != entry["set"].get(name):
                entry["before"][name] = there[name]
            entry["set"][name] = value
        self._write({**book, number: entry})

    def forget(self, number: str) -> None:
        """Forget a number that is again what it was."""
        self._write({name: entry for name, entry in self._read().items() if name != number})

    def _read(self) -> dict[str, dict[str, dict[str, str]]]:
        try:
            book: Any = json.loads(self._path.read_text())
            return {
                number: {"before": dict(entry["before"]), "set": dict(entry["set"])} for number, entry in book.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            raise SettingsError(f"{self._path} cannot be read: mend it, or move it away") from None

    def _write(self, book: Mapping[str, Any]) -> None:
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(book, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise SettingsError(f"{self._path}: {error.strerror}; nothing was changed at the carrier") from None
