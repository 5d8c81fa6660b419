"""Calls and text messages as the carrier's REST interface shows them."""

from email.utils import format_datetime
from typing import Any

from ivr.simulator.calls import PhoneCall
from ivr.simulator.facts import API_VERSION
from ivr.simulator.orders import check_numbers
from ivr.simulator.post import TextMessage
from ivr.simulator.refused import refuse

LONGEST_BODY, SEGMENT = 1600, 153
NO_BODY, NO_FROM, NO_TO, TOO_LONG = 21602, 21603, 21604, 21617


def call_resource(call: PhoneCall) -> dict[str, Any]:
    """Return a call."""
    facts = call.line.facts
    return {
        "sid": call.call_sid,
        "account_sid": facts.account_sid,
        "api_version": API_VERSION,
        "parent_call_sid": facts.parent_sid or None,
        "direction": facts.direction,
        "from": facts.from_,
        "to": facts.to,
        "status": call.status,
        "duration": str(round(call.ended.duration_s)) if call.ended else None,
        "uri": f"/{API_VERSION}/Accounts/{facts.account_sid}/Calls/{call.call_sid}.json",
    }


def message_resource(account_sid: str, message: TextMessage, status: str) -> dict[str, Any]:
    """Return a text message."""
    sent_at = format_datetime(message.sent_at)
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "direction": "outbound-api",
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": status,
        "num_segments": str(-(-len(message.body) // SEGMENT)),
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "date_created": sent_at,
        "date_updated": sent_at,
        "date_sent": None if status == "queued" else sent_at,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}.json",
    }


def check_message(to: str, from_: str, body: str) -> None:
    """See that a text message can be sent. Raises: RefusedError."""
    check_numbers(to, from_, missing_to=NO_TO, missing_from=NO_FROM)
    if not body:
        refuse(NO_BODY, "Message body is required.")
    if len(body) > LONGEST_BODY:
        refuse(TOO_LONG, f"The message body has {len(body)} characters; {LONGEST_BODY} are allowed")
