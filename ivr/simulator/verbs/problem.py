"""What is wrong with a TwiML document, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in TwiML.

    code: from Twilio's error dictionary; 0 for "not simulated".
    line, column: where, counted from 1. fatal: the document cannot be run.
    """

    code: int
    message: str
    line: int
    column: int
    fatal: bool = False
