"""What is where: the console's navigation, as far as somebody's role reaches."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request

from ivr.bootstrap import answerline
from ivr.console.desk import NEEDS, blueprint, me, signed_in


@dataclass(frozen=True)
class Entry:
    """A line of the navigation. endpoint: the page's view. part: what else lies below it, by the start of its path."""

    title: str
    endpoint: str
    icon: str
    part: str


ENTRIES = (
    Entry("Calls", "console.calls", "telephone-inbound", "/console/calls"),
    Entry("Live", "console.live", "broadcast", "/console/live"),
    Entry("Insight", "console.insight", "bar-chart-line", "/console/insight"),
    Entry("Work lists", "console.work", "inbox", "/console/work"),
    Entry("Accounts", "console.accounts", "person-vcard", "/console/accounts"),
    Entry("Carrier errors", "console.carrier_errors", "exclamation-triangle", "/console/carrier-errors"),
    Entry("Prompts", "console.prompts", "volume-up", "/console/prompts"),
    Entry("Staff", "console.staff_list", "people", "/console/staff"),
    Entry("Data", "console.data", "shield-lock", "/console/data"),
    Entry("Audit log", "console.audit", "journal-check", "/console/audit"),
)


def _not_replica() -> str:
    """Say why a page that would be read from the replica is not; '' where there is nothing to say."""
    return answerline().reads.trouble if "reads" in g else ""


@blueprint.app_context_processor
def navigation() -> dict[str, Any]:
    """Give every page of the console its navigation."""
    if request.blueprint != blueprint.name or not signed_in():
        return {}
    there = [
        entry
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions and me().may(NEEDS[entry.endpoint] or me().role)
    ]
    here = next((entry for entry in there if request.path.startswith(entry.part)), None)
    return {
        "navigation": there,
        "here": here,
        "me": me(),
        "NEEDS": NEEDS,
        "not_replica": _not_replica(),
        "on_disk": answerline().steady.spool.count(),
    }
