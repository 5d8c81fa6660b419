"""What a demo's own carrier offers: pages that can be rung, and its REST interface. Private like the page itself."""

from threading import BoundedSemaphore

from flask import Response, abort, jsonify, request

from ivr.bootstrap import answerline
from ivr.web.browser_caller import Message, Socket
from ivr.web.exchange import chosen, exchange, number_of
from ivr.web.simulator import blueprint, sock
from ivr.web.standby import Standby

__all__ = ["blueprint"]  # with these routes on it, too
# A page that stands by keeps a thread of the server.
STANDBYS = BoundedSemaphore(4)


@sock.route("/standby", bp=blueprint)  # type: ignore[untyped-decorator]
def stand_by(socket: Socket) -> None:
    """Be a telephone that can be rung, as long as the page is open."""
    _demo_only()
    there = exchange()
    settings = answerline().settings

    def told(page: Standby, message: Message) -> None:
        if message.get("do") == "people":
            there.choose(chosen(message, settings))
        else:
            there.stand_by(page, number_of(message.get("number"), "number"))

    if not STANDBYS.acquire(blocking=False):
        return
    page = Standby(socket, told)
    try:
        page.run()
    finally:
        there.leave(page)
        STANDBYS.release()


@blueprint.route("/rest/<path:path>", methods=["GET", "POST"])
def rest(path: str) -> Response:
    """Be the carrier's REST interface, for the line's own dispatcher; who asks must know the account's token."""
    _demo_only()
    form = {name: request.form.getlist(name) for name in request.form}
    reply = exchange().rest(request.method, f"/{path}", form, request.headers.get("Authorization", ""))
    answer = jsonify(reply.resource)
    answer.status_code = reply.status
    return answer


def _demo_only() -> None:
    """Only a demo is served by one process, which such a carrier needs."""
    if not answerline().settings.is_demo:
        abort(404)
