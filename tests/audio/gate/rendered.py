"""A few clips that are rendered for tests: sentences, and pieces of sentences."""

from ivr.clip import Clip

CLIPS = [
    Clip("main.menu.1", "To try or buy GoToMeeting, press 1."),
    Clip("common.key_9", "For the main menu, press 9."),
    Clip("common.no_input_1", "Sorry, I didn't hear a key press."),
    Clip("support.ring", "I'm connecting you to Global Customer Support. Please hold."),
    Clip("verify.account", "Please enter your 8 digit account number. For help, press star and then pound."),
    Clip("undo.kept", "All right, nothing has changed. The cancellation stands."),
    Clip("sales.goodbye", "Thank you for calling. Goodbye."),
    Clip("audio.menu.2", "To sign up for toll-free numbers, press 2."),
]
PIECES = [
    Clip("offer-1", "This may be about the account ending in,", tail_s=0.03),
    Clip("digit.1-join", "1,", 0.03, 0.03),
    Clip("digit.8-pause", "8,", 0.03, 0.15),
    Clip("digit.6-end", "6.", 0.03, 0.3),
    Clip("weekday.friday", "Friday,", 0.03, 0.15),
    Clip("day.03-05", "March fifth,", 0.03, 0.15),
    Clip("year.2027", "2027.", 0.03, 0.3),
]
