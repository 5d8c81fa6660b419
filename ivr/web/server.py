"""What gunicorn is told beside the options of `flask serve`: hooks, by the names it knows."""

from ivr.web.browser_caller import STOPPING


def worker_int(_worker: object) -> None:
    """Hang up the calls of the browser phone, which would keep a worker from stopping."""
    STOPPING.set()
