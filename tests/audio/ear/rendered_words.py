"""Clips that are rendered to be listened to."""

from ivr.clip import Clip

CLIPS = [
    Clip("main.menu.1", "To try or buy GoToMeeting, press 1."),
    Clip("common.key_9", "For the main menu, press 9."),
    Clip("support.ring", "I'm connecting you to Global Customer Support. Please hold."),
]
PIECES = {
    "offer": Clip("verify.offer-1", "This may be about the account ending in,", tail_s=0.03),
    "1": Clip("digit.1-join", "1,", 0.03, 0.03),
    "8": Clip("digit.8-join", "8,", 0.03, 0.03),
    "6": Clip("digit.6-join", "6,", 0.03, 0.03),
}
