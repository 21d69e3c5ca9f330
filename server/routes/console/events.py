"""`GET /events`: an open page hears that something changed, and of what kind, but nothing of any record.

It looks at the store's own marks: whatever process wrote, each page hears of it within a second or two. It may be
lost, and nothing depends on it but freshness.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from litestar import get
from litestar.types import ASGIApp, Receive, Scope, Send

from server.console.marks import marks
from server.console.rights import OFFICE
from server.master.store import Store
from server.routes import streams
from server.routes.calls import AnyRequest
from server.routes.console.door import View, opened_to, shown

__all__ = ["ROUTES"]

LOOKS_EVERY_S = 1.0
_LENGTH_S = 600


class _Look:
    """The newest marks of one store, read once for all pages that are open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = asyncio.Lock()
        self._read_at = -LOOKS_EVERY_S
        self._marks: dict[str, int] = {}

    async def marks(self) -> dict[str, int]:
        """The marks, not older than half the time between two looks."""
        clock = asyncio.get_running_loop().time
        async with self._turn:
            if clock() - self._read_at >= LOOKS_EVERY_S / 2:
                async with self._store.read() as tx:
                    self._marks = await marks(tx)
                self._read_at = clock()
            return self._marks


_LOOKS: WeakKeyDictionary[Store, _Look] = WeakKeyDictionary()


def _look_of(store: Store) -> _Look:
    return _LOOKS.setdefault(store, _Look(store))


class _Open:
    """A stream until its time is over or the page is closed."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Say which topics changed, until the page goes."""
        await streams.while_listened(self._talk(send), receive)

    async def _talk(self, send: Send) -> None:
        clock, quiet = asyncio.get_running_loop().time, 0.0
        ends_at, announcer = clock() + _LENGTH_S, self._view.context.announcer
        look = _look_of(self._view.store)
        seen = await look.marks()
        await streams.begin(send, b"retry: 3000\n\n")
        while clock() < ends_at and not announcer.is_ending:
            await asyncio.sleep(LOOKS_EVERY_S)
            now = await look.marks()
            topics = sorted(topic for topic, mark in now.items() if seen.get(topic) != mark)
            seen, quiet = now, 0.0 if topics else quiet + LOOKS_EVERY_S
            if topics:
                await streams.tell(send, f"event: changed\ndata: {' '.join(topics)}\n\n".encode())
            elif quiet >= streams.PING_S:
                quiet = 0.0
                await streams.tell(send, b": ping\n\n")
        await streams.end(send)


async def _opened(view: View) -> ASGIApp:
    return _Open(view)


@get("/events", opt=opened_to(OFFICE))
async def events(request: AnyRequest) -> ASGIApp:
    """Tell an open page that something changed."""
    return await shown(request, _opened)


ROUTES = (events,)
