"""Servers of this machine's loopback, for a `with` statement: within, `base` is the address."""

import threading
from http.server import ThreadingHTTPServer


class OnLoopback:
    """Serves with `handler`, whose `owner` is this object. over: set when it ends, for answers that hang."""

    handler: type

    def __enter__(self):
        self.over = threading.Event()
        handler = type("Handler", (self.handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
