"""Cells of files that a spreadsheet opens: nothing in them is a formula.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import unicodedata

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula, also behind blanks or in wide letters."""
    begins = unicodedata.normalize(
        "NFKC", cell[:1] + cell.lstrip(" \N{NO-BREAK SPACE}\N{ZERO WIDTH NO-BREAK SPACE}")[:1]
    )
    return f"'{cell}" if cell and any(letter in _FORMULA for letter in begins) else cell
