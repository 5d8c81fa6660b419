"""The wire to an ASGI application in this process: one event loop, kept for as long as the telephone is."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeGuard, TypeVar
from urllib.parse import unquote, urlsplit

from ivr.simulator.transport import Answer, Limits, WireError

T = TypeVar("T")
Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_asgi(app: object) -> TypeGuard[AsgiApp]:
    """Tell an ASGI application from a WSGI one: calling it makes a coroutine."""
    call = type(app).__call__ if callable(app) else app
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)


class AsgiTransport:
    """Calls an ASGI application, its start and its end included; what it raises, the test sees.

    The loop runs in a thread of its own, so that tests that are coroutines themselves can use it, too.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(1, "asgi")
        self._runner = asyncio.Runner()
        self._lifespan: _Lifespan | None = None

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        """Send a request as it is, follow nothing, and return the answer."""
        if self._lifespan is None:
            self._lifespan = _Lifespan(self._app)
            self._run(self._lifespan.start())
        scope = _scope(method, url, headers) | {"state": dict(self._lifespan.state)}
        return self._run(self._exchange(scope, body, limits))

    def close(self) -> None:
        """End the application and the loop."""
        if self._lifespan is not None:
            self._run(self._lifespan.end())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, work).result()

    async def _exchange(self, scope: MutableMapping[str, Any], body: bytes, limits: Limits) -> Answer:
        start: Message = {}
        chunks: list[bytes] = []
        coming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif sum(map(len, chunks)) <= limits.body_bytes:
                chunks.append(message.get("body", b""))

        try:
            await asyncio.wait_for(self._app(scope, receive, send), limits.total_s)
        except TimeoutError:
            raise WireError(11200, "rt", f"the application took more than {limits.total_s:g} s") from None
        if not start:
            raise WireError(11206, "rt", "the application sent no answer")
        pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start.get("headers", ())]
        cookies = tuple(value for name, value in pairs if name == "set-cookie")
        return Answer(start["status"], dict(pairs), b"".join(chunks), cookies)


class _Lifespan:
    """The start and the end of an application; one that knows neither is left in peace."""

    def __init__(self, app: AsgiApp) -> None:
        self.state: dict[str, Any] = {}
        self._app = app

    async def start(self) -> None:
        self._to_app, self._from_app = asyncio.Queue[Message](), asyncio.Queue[Message]()
        self._task = asyncio.ensure_future(self._serve())
        await self._tell("startup")

    async def end(self) -> None:
        if not self._task.done():
            await self._tell("shutdown")
        await self._task

    async def _serve(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        # The protocol: an application that raises here does without.
        with suppress(Exception):
            await self._app(scope, self._to_app.get, self._from_app.put)
        await self._from_app.put({"type": "lifespan.over"})

    async def _tell(self, what: str) -> None:
        await self._to_app.put({"type": f"lifespan.{what}"})
        answer = await self._from_app.get()
        if answer["type"] == f"lifespan.{what}.failed":
            raise RuntimeError(f"the application's {what} failed: {answer.get('message', '')}")


def _scope(method: str, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    named = {"host": parts.netloc.rpartition("@")[2], **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path or "/"),
        "raw_path": (parts.path or "/").encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in named.items()],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "localhost", parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)),
    }
