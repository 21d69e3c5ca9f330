"""The application spoken to by its own interface (ASGI), for what an HTTP client hides: streams, and a network that
takes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Litestar

__all__ = ["Wire"]


class Wire:
    """One request to the application, answered in a task of its own.

    `body` is None for one that never arrives. `takes` opens the network: while it is cleared, whatever is sent waits.
    `sent` holds what was taken; `is_offered` is set once anything was sent, whether taken or not.
    """

    def __init__(
        self, app: Litestar, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = b""
    ) -> None:
        named = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"test"), (b"content-length", str(len(body or b"x")).encode()), *named],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self._body = [] if body is None else [body]
        self._gone = asyncio.Event()
        self._came = asyncio.Condition()
        self.takes = asyncio.Event()
        self.takes.set()
        self.is_offered = asyncio.Event()
        self.sent: list[dict[str, Any]] = []
        self.task = asyncio.create_task(app(self._scope, self._receive, self._send))  # type: ignore[arg-type]

    async def _receive(self) -> Any:
        if self._body:
            return {"type": "http.request", "body": self._body.pop(), "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.is_offered.set()
        await self.takes.wait()
        async with self._came:
            self.sent.append(message)
            self._came.notify_all()

    def hang_up(self) -> None:
        """The client goes away."""
        self._gone.set()

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        """The body as far as it came."""
        return b"".join(one.get("body", b"") for one in self.sent[1:])

    @property
    def is_whole(self) -> bool:
        """Whether the answer came to its end."""
        return bool(self.sent) and not self.sent[-1].get("more_body", self.sent[-1]["type"] != "http.response.body")

    async def until(self, part: bytes, wait_s: float = 30) -> bytes:
        """Wait until the body holds `part`."""
        async with asyncio.timeout(wait_s), self._came:
            await self._came.wait_for(lambda: part in self.body)
        return self.body

    async def ended(self, wait_s: float = 30) -> None:
        """Wait until the application is done with the request."""
        async with asyncio.timeout(wait_s):
            await self.task
