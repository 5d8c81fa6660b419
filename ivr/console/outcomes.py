"""What came of a call, in words, and the colour of its chip."""

from markupsafe import Markup

from ivr.call import Disposition
from ivr.console.desk import blueprint

# label, class of its chip
OUTCOMES = {
    Disposition.ABANDONED: ("Hung up", "warn"),
    Disposition.INFORMED: ("Got an answer", ""),
    Disposition.RESOLVED: ("Done by the line", "good"),
    Disposition.FAILED: ("Not served", "bad"),
    Disposition.VOICEMAIL: ("Left a message", ""),
    Disposition.CALLBACK: ("Wants a callback", ""),
    Disposition.TRANSFERRED: ("Put through", "good"),
}


def outcome(disposition: Disposition | None) -> str:
    """Name an outcome; '' for a call that has none yet."""
    return OUTCOMES[disposition][0] if disposition else ""


@blueprint.app_template_filter("outcome")
def outcome_chip(disposition: Disposition | None) -> Markup:
    """Draw an outcome as a chip; nothing where there is none yet."""
    if disposition is None:
        return Markup("")
    label, kind = OUTCOMES[disposition]
    return Markup('<span class="chip {}">{}</span>').format(kind, label)
