"""How the console writes times, numbers and words: the filters of its templates."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import session
from flask_login import current_user
from markupsafe import Markup, escape

from ivr.bootstrap import answerline
from ivr.call import masked, withheld
from ivr.console.desk import WHOLE_NUMBERS, blueprint, me
from ivr.numbers import international

NOTHING = "\N{EN DASH}"


def zone() -> ZoneInfo:
    """Return the time zone of whoever reads: their own setting, their browser's, or the company's."""
    name = (me().zone if current_user.is_authenticated else "") or session.get("zone", "")
    try:
        return ZoneInfo(name or answerline().settings.time_zone)
    except (ValueError, OSError):  # a zone that this machine does not know
        return ZoneInfo(answerline().settings.time_zone)


@blueprint.app_template_filter("when")
def when(at: datetime | None, style: str = "minute") -> Markup:
    """Write a time where the reader is. style: `day`, `minute`, `second` or `clock` (without its day)."""
    if at is None:
        return escape(NOTHING)
    local = at.astimezone(zone())
    shape = {"day": "%a %-d %b %Y", "minute": "%-d %b %Y, %H:%M", "second": "%-d %b %Y, %H:%M:%S", "clock": "%H:%M:%S"}
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), local.strftime("%A %-d %B %Y, %H:%M:%S %Z"), local.strftime(shape[style])
    )


@blueprint.app_template_filter("phone")
def phone(number: str | None) -> str:
    """Write a telephone number: whole for whoever may see it, its last two digits for others."""
    if not number:
        return NOTHING
    if withheld(number):
        return "withheld"
    return international(number) if me().may(WHOLE_NUMBERS) else masked(number)


@blueprint.app_template_filter("lasting")
def lasting(seconds: float | None) -> str:
    """Write a length of time: `0:42`, `12:05`, `1:02:05`."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@blueprint.app_template_filter("percent")
def percent(share: float | None) -> str:
    """Write a share: `42.1 %`."""
    return NOTHING if share is None else f"{100 * share:.1f} %"


@blueprint.app_template_filter("grouped")
def grouped(number: int | None) -> str:
    """Write a number with thin blanks between thousands."""
    return NOTHING if number is None else f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


@blueprint.app_template_global("icon")
def icon(name: str) -> Markup:
    """Draw a sign out of Bootstrap's set; it says nothing by itself to those who listen."""
    from flask import url_for  # noqa: PLC0415 used here only

    sprite = url_for("bootstrap.static", filename="icons/bootstrap-icons.svg")
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        sprite, escape(name)
    )
