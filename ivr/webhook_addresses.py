"""Where the carrier is to ask next, and to report: our own addresses, as they stand in what it is told."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode, urlsplit

from ivr.call import Position
from ivr.turn import Tries


@dataclass(frozen=True)
class WebhookAddresses:
    """The addresses of one line. base_url: the public one, `https://line.example.com` or `.../ivr`."""

    base_url: str

    @cached_property
    def base_path(self) -> str:
        """Path of the public address, without a trailing slash."""
        return urlsplit(self.base_url).path.rstrip("/")

    def action(self, at: Position, turn: int, tries: Tries = Tries()) -> str:  # noqa: B008 a frozen value
        """Address that receives what the caller does next."""
        counts = {"turn": turn, "silent": tries.silent, "wrong": tries.wrong}
        query = urlencode({name: count for name, count in counts.items() if count})
        return f"{self.base_path}/voice/{at.flow}/{at.node}?{query}"

    def holding(self, at: Position, turn: int) -> str:
        """Address of what a caller on hold hears."""
        return f"{self.base_path}/voice/{at.flow}/{at.node}/hold?{urlencode({'turn': turn})}"

    def after_fallback(self, failed: int) -> str:
        """Address that receives how ringing a person has ended, when nothing else works. failed: tried in vain."""
        return f"{self.base_path}/voice/fallback?failed={failed}"

    def clip(self, path: str) -> str:
        """Address of a clip. path: below the folder of the built audio."""
        return f"{self.base_path}/prompts/{path}"

    def leg(self, flow: str, offer: str) -> str:
        """Whole address of what somebody hears whom we ring."""
        return f"{self._whole}/voice/leg/{flow}?{urlencode({'offer': offer})}"

    @cached_property
    def status(self) -> str:
        """Where calls are reported. Unlike an action, a relative address is refused here, with error 21609."""
        return f"{self._whole}/voice/status"

    def status_of(self, offer: str) -> str:
        """Whole address that is told when the call of somebody whom we ring is over."""
        return f"{self.status}?{urlencode({'offer': offer})}"

    @cached_property
    def recording(self) -> str:
        """Where it is told that a recording can be fetched; a whole address, as `status` is."""
        return f"{self._whole}/voice/recording"

    @cached_property
    def fallback(self) -> str:
        """Where calls go on when another address has failed; the one that is set on the numbers, too."""
        return f"{self._whole}/voice/fallback"

    @cached_property
    def _whole(self) -> str:
        return self.base_url.rstrip("/")
