"""What the carrier says went wrong with us: the list, and each error in words."""

from flask import abort, render_template, request, url_for

from ivr.bootstrap import answerline
from ivr.carrier import error_codes
from ivr.console.desk import blueprint, page
from ivr.db.carrier_errors import carrier_errors as listed
from ivr.staff import Role

PAGE = 50
_DIGITS_MAX = 18  # of a BIGINT

blueprint.add_app_template_filter(error_codes.meaning, "error_meaning")
blueprint.add_app_template_filter(error_codes.page, "error_page")


@page("/carrier-errors", needs=Role.LEAD)
def carrier_errors() -> str:
    """List errors, newest first."""
    before, code = _number("before"), _number("code")
    found = listed(answerline().database, PAGE + 1, before=before, code=code)
    shown = found[:PAGE]
    older = url_for("console.carrier_errors", before=shown[-1].id, code=code) if len(found) > PAGE else ""
    return render_template("console/carrier_errors.html", errors=shown, code=code, older=older, newest=before is None)


def _number(name: str) -> int | None:
    given = request.args.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS_MAX):
        abort(400, f"There is no such page. The newest errors are at {url_for('console.carrier_errors')}.")
    return int(given)
