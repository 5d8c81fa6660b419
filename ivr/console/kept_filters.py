"""Filters of calls that colleagues keep by name."""

from urllib.parse import parse_qsl

from flask import abort, flash, redirect, request
from werkzeug import Response

from ivr.bootstrap import answerline
from ivr.console.calls import read_filter
from ivr.console.desk import me, page
from ivr.console.filter_words import list_of
from ivr.db.console import saved_filters
from ivr.staff import Role


@page("/filters", needs=Role.STAFF, methods=("POST",))
def save_filter() -> Response:
    """Keep a filter by name, as it stands in the address."""
    query, name = request.form.get("query", ""), request.form.get("name", "")
    wanted = read_filter(parse_qsl(query))
    try:
        anew = saved_filters.save_filter(answerline().reads.primary, me().id, name, wanted.to_query())
    except saved_filters.SavedFilterError as error:
        flash(str(error), "danger")
    else:
        flash(f"“{name.strip()}” is {'replaced' if anew else 'saved'}.", "success")
    return redirect(list_of(wanted))


@page("/filters/<int(max=2147483647):filter_id>/delete", needs=Role.STAFF, methods=("POST",))
def delete_filter(filter_id: int) -> Response:
    """Delete one of one's own filters; that of a colleague is left alone."""
    if not saved_filters.delete_filter(answerline().reads.primary, me().id, filter_id):
        abort(404, "You have no such filter; it may be gone already.")
    flash("The saved filter is gone.", "success")
    return redirect(list_of(read_filter(parse_qsl(request.form.get("query", "")))))
