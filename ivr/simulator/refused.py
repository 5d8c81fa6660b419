"""Requests to the carrier's REST interface that are not granted."""

from typing import NoReturn

from ivr.simulator.addresses import unusable

BAD_PARAMETER, BAD_METHOD = 20001, 21403


class RefusedError(Exception):
    """Raised for a request that the carrier does not grant. code: from its error dictionary; status: of the answer."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def refuse(code: int, message: str) -> NoReturn:
    """Raise RefusedError."""
    raise RefusedError(code, message)


def check_method(name: str, method: str) -> str:
    """Return a method that the carrier can use. Raises: RefusedError."""
    if method not in {"GET", "POST"}:
        refuse(BAD_METHOD, f"{name} is GET or POST, not {method!r}")
    return method


def check_address(code: int, name: str, url: str) -> str:
    """Return a whole address, or '' for none. Raises: RefusedError with the code."""
    if url and (problem := unusable(url)):
        refuse(code, f"{name}: {problem[1]}")
    return url
