"""Behaviour that Twilio does not document, as switches with a default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """How the simulated carrier behaves where the documentation is silent.

    keeps_type_ahead: keys beyond what a Gather takes, or pressed before one begins, go to the next Gather.
    sends_blank_digits: an empty Gather with actionOnEmptyResult sends `Digits=`; else it leaves Digits out.
    silent_record_falls_through: a Record in which nothing is said goes on to the next verb; else to its action.
    unknown_verb_fails: an unknown verb fails the document; else it is skipped with the warning.
    http_error_code: the alert for a 4xx or 5xx answer, 11200 or 11217.
    base_after_redirect: relative addresses are resolved against the address an HTTP redirect led to; else against
        the one first asked.
    """

    keeps_type_ahead: bool = True
    sends_blank_digits: bool = True
    silent_record_falls_through: bool = False
    unknown_verb_fails: bool = False
    http_error_code: int = 11200
    base_after_redirect: bool = True
