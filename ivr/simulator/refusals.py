"""What an application says beside a 4xx or 5xx, in one line: often the only word about why."""

import re
from html import unescape

from ivr.simulator.transport import Answer

LONGEST = 200
_UNSEEN = re.compile(r"<(script|style|title|head)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)(?:</p\s*>|<p\b|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def reason(answer: Answer) -> str:
    """Return the first paragraph of a page, or the first line of anything else that is text; '' is none."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = answer.body[:65536].decode("utf-8", "replace")
    if kind == "text/html":
        text = _UNSEEN.sub(" ", text)
        paragraph = _PARAGRAPH.search(text)
        text = unescape(_TAG.sub(" ", paragraph[1] if paragraph else text))
    elif kind and not kind.startswith("text/") and kind not in {"application/json", "application/xml"}:
        return ""
    elif kind != "text/html":
        text = next((line for line in text.splitlines() if line.strip()), "")
    text = " ".join(word for word in text.split() if word.isprintable())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
