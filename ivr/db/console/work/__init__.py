"""Work lists: what waits for staff, oldest first, and what they do about it.

- `messages`: voicemails to be heard. `missed`: callers who asked for a person and found none.
- `callbacks`, `locks`: promised calls, accounts closed to guessing. `texts`, `events`: what was given up sending.
- `marked`: calls that somebody is to come back to. `counts`: how much there is of each.
"""

MOST = 200  # rows of a list that are shown at once
