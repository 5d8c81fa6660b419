"""What is known of a number of the account; apart from who asks for it, since that loads all of Twilio's client.

Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Webhooks:
    """Where a number's calls and texts go: whole addresses, and how they are asked; '' for nowhere.

    voice_application_sid, trunk_sid, sms_application_sid: what is asked in place of the addresses.
    """

    voice_url: str = ""
    voice_method: str = ""
    voice_fallback_url: str = ""
    voice_fallback_method: str = ""
    status_callback: str = ""
    status_callback_method: str = ""
    voice_application_sid: str = ""
    trunk_sid: str = ""
    sms_url: str = ""
    sms_method: str = ""
    sms_application_sid: str = ""


@dataclass(frozen=True)
class OwnNumber:
    """A number of the account. number: E.164. name: as it is called at the carrier."""

    sid: str
    number: str
    name: str
    webhooks: Webhooks
