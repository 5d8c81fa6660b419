"""Work lists: what waits for staff, oldest first, and what they do about it.

- `messages`: voicemails to be heard. `missed`: callers who asked for a person and found none.
- `callbacks`, `locks`, `texts`: promised calls, accounts closed to guessing, text messages that were given up.
- `marked`: calls that somebody is to come back to. `counts`: how much there is of each.
"""

MOST = 200  # rows of a list that are shown at once
