"""Behaviour that Twilio does not document, as switches with a default.

Two open questions have no switch. The full list of StirVerstat values: any text can be set here, so an application can
be tried with each. The best loudness of telephone prompts: a simulator hears nothing; it is measured where they are
rendered.
"""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Switches:
    """How the simulated carrier behaves where the documentation is silent.

    silent_record_falls_through: a Record in which nothing is said goes on to the next verb; else to its action.
    sends_digits_on_hangup: who hangs up in a Gather with keys pressed has them sent to the action, whose answer is
        not run; else nothing is requested.
    sends_blank_digits: an empty Gather with actionOnEmptyResult sends `Digits=`; else it leaves Digits out.
    keeps_type_ahead: keys beyond what a Gather takes, or pressed before one begins, go to the next Gather.
    http_error_code: the alert for a 4xx or 5xx answer, 11200 or 11217.
    unknown_verb_fails: an unknown verb fails the document; else it is skipped with the warning.
    media_failure_fails: a file that cannot be played leads to the fallback; else it is skipped with the warning.
    late_reject_ends: a Reject in an answered call ends it; else it is skipped.
    cookies_by_numbers: cookies are kept for four hours for each pair of From and To, as they are for messages; else
        for one call.
    most_redirects: Redirects in a row that run nothing in between; one more is an error. 0 is no limit.
    most_media_bytes: the largest file that can be played.
    stir_verstat: what the first webhook says of the caller's number; '' leaves it out.
    signs_every_parameter: the signature covers all parameters; else not CallToken and StirVerstat.
    barge_in: whether keys and speech cut off the prompts of a Gather that does not say.
    max_speech_s: the longest speech of a Gather that does not say, in seconds.
    base_after_redirect: relative addresses are resolved against the address an HTTP redirect led to; else against
        the one first asked.
    accepts_front_member: the REST address of a queue's first member may end in `Front`; else only in a CallSid.
    """

    silent_record_falls_through: bool = False
    sends_digits_on_hangup: bool = False
    sends_blank_digits: bool = True
    keeps_type_ahead: bool = True
    http_error_code: int = 11200
    unknown_verb_fails: bool = False
    media_failure_fails: bool = False
    late_reject_ends: bool = True
    cookies_by_numbers: bool = False
    most_redirects: int = 0
    most_media_bytes: int = 50 * MEGABYTE
    stir_verstat: str = "TN-Validation-Passed-A"
    signs_every_parameter: bool = True
    barge_in: bool = True
    max_speech_s: int = 60
    base_after_redirect: bool = True
    accepts_front_member: bool = True
