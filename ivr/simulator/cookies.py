"""Cookies, kept and sent back as a browser does."""

from email.message import Message
from http.cookiejar import CookieJar
from typing import Any, cast
from urllib.request import Request

LIFETIME_S = 4 * 60 * 60


class Cookies:
    """The cookies an application has set in a call."""

    def __init__(self) -> None:
        self._jar: CookieJar | None = None

    def keep(self, url: str, set_cookie: tuple[str, ...]) -> None:
        """Keep what an answer from this address has set."""
        if not set_cookie:
            return
        headers = Message()
        for value in set_cookie:
            headers["Set-Cookie"] = value
        self._jar = self._jar or CookieJar()
        self._jar.extract_cookies(cast("Any", _Answer(headers)), Request(url))  # noqa: S310 nothing is opened

    def header(self, url: str) -> str | None:
        """Return the Cookie header for a request to this address."""
        if self._jar is None:
            return None
        request = Request(url)  # noqa: S310 nothing is opened
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie")


class CookiesByNumbers:
    """Cookies shared by the calls between two numbers, for four hours after the first. Times: seconds since 1970."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, Cookies]] = {}

    def of(self, from_: str, to: str, now: float) -> Cookies:
        """Return the cookies of this pair of numbers."""
        began, cookies = self._kept.get((from_, to), (now, None))
        if cookies is None or now - began >= LIFETIME_S:
            began, cookies = self._kept[from_, to] = now, Cookies()
        return cookies


class _Answer:
    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        return self._headers
