"""`/outlets/{id}`: the archive of one outlet, its photos, and all that happened to it."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.inbox.words import DOUBTS
from server.console.outlets.archive import Archive, archive, family_of, open_private
from server.console.outlets.pictures import photo_at, small
from server.console.outlets.telling import book_of
from server.console.outlets.timeline import KINDS, WAYS, Line, entries_since, read_key, timeline
from server.console.rights import ARCHIVE, MANAGERS, OFFICE
from server.console.viewer import Viewer
from server.departure.evidence.access import note_access
from server.master.working import load
from server.routes.calls import AnyRequest, plain
from server.routes.console.door import Page, View, acted, opened_to, shown
from sync.errors import Refusal
from sync.words import VALUES

__all__ = ["ROUTES", "words_of_lines"]

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_KEPT = {"cache-control": "private, no-cache"}
"""A browser asks each time whether it may show the photo that it has."""


@get("/outlets/{outlet:uuid}", opt=opened_to(OFFICE))
async def one(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """The archive of one outlet."""
    return await shown(request, partial(_one, outlet=outlet))


async def _one(view: View, outlet: UUID, *, with_private: bool = False) -> Page:
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
    found = await archive(view.store, outlet, ground, view.viewer, view.context.photos)
    private = await open_private(view.store, found, ground, view.viewer) if with_private else None
    async with view.store.read() as tx:
        line = await timeline(tx, found.family, found.book, has_private=view.viewer.is_manager)
    return Page(
        "outlet.html",
        _values(view, found, line) | {"private": private, "today": str(ground.today)} | {"asked_for": outlet},
    )


def _values(view: View, found: Archive, line: Line) -> dict[str, Any]:
    may_edit = view.viewer.person.role in ARCHIVE
    doubts = {key: view.viewer.say(*text) for key, text in DOUBTS.items()}
    shown_with = {"may_edit": may_edit, "narrowed": None, "doubts": doubts, **words_of_lines(view.viewer)}
    return {"archive": found, "line": line, **shown_with}


def words_of_lines(viewer: Viewer) -> dict[str, Any]:
    """What a page with a time line says beside it."""
    return {
        "kinds": [(key, viewer.say(*text)) for key, text in KINDS.items()],
        "ways": {key: viewer.say(*text) for key, text in WAYS.items()},
        "outcomes": {key: viewer.say(*text) for key, text in VALUES["outcome"].items()},
    }


@post("/outlets/{outlet:uuid}/private", opt=opened_to(MANAGERS))
async def private(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """The archive with the private part of its contacts, which is noted."""
    return await acted(request, partial(_one, outlet=outlet, with_private=True))


@get("/outlets/{outlet:uuid}/timeline", opt=opened_to(OFFICE))
async def line(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """All that happened to an outlet."""
    return await shown(request, partial(_line, outlet=outlet))


async def _line(view: View, outlet: UUID) -> Page:
    kind = view.query.get("kind", "")
    kind, after = kind if kind in KINDS else "", read_key(view.query.get("from", ""))
    async with view.store.read() as tx:
        family = await family_of(tx, outlet)
        here = (await load(tx, [family[0].bytes], (), {})).held[family[0].bytes].content
        book = await book_of(tx, view.viewer, family)
        found = await timeline(tx, family, book, kind=kind, after=after, has_private=view.viewer.is_manager)
    async with view.store.write() as tx:
        who = view.viewer.person.id
        await note_access(tx, "timeline", who, len(found.events), view.sources, outlet=family[0], kind=kind)
    values = {"outlet": here, "line": found, "narrowed": kind, "is_later": after is not None}
    return Page("outlet_timeline.html", values | words_of_lines(view.viewer))


@get("/outlets/{outlet:uuid}/news", opt=opened_to(OFFICE))
async def news(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """How many entries are newer than a page that is open; nothing of what they say."""
    return await shown(request, partial(_news, outlet=outlet))


async def _news(view: View, outlet: UUID) -> ASGIApp:
    since = view.query.get("since", "")
    if not (since.isascii() and since.isdigit() and len(since) < 17):
        raise Refusal("bad_request", "since is a server time in milliseconds")
    async with view.store.read() as tx:
        entries = await entries_since(tx, await family_of(tx, outlet), int(since))
    return plain(view.request, 200, json.dumps({"entries": entries}).encode())


@get("/outlets/{outlet:uuid}/photos/{photo:uuid}", opt=opened_to(OFFICE))
async def picture(request: AnyRequest, outlet: FromPath[UUID], photo: FromPath[UUID]) -> ASGIApp:
    """A photo of an outlet, whole, or small for a page of many."""
    return await shown(request, partial(_picture, outlet=outlet, photo=photo))


async def _picture(view: View, outlet: UUID, photo: UUID) -> ASGIApp:
    is_small = "small" in view.query
    async with view.store.read() as tx:
        path, digest = await photo_at(tx, view.context.photos, outlet, photo)
    tag = f'"{digest}{"-small" if is_small else ""}"'
    if view.request.headers.get("if-none-match") == tag:
        return plain(view.request, 304, headers=_KEPT | {"etag": tag})
    if is_small:
        return plain(view.request, 200, await asyncio.to_thread(small, path), "image/jpeg", _KEPT | {"etag": tag})
    async with view.store.write() as tx:
        await note_access(tx, "photo", view.viewer.person.id, 1, view.sources, outlet=outlet, photo=photo)
    data = await asyncio.to_thread(path.read_bytes)
    kind = (
        "image/jpeg" if data.startswith(_JPEG) else "image/png" if data.startswith(_PNG) else "application/octet-stream"
    )
    return plain(view.request, 200, data, kind, _KEPT | {"etag": tag})


ROUTES: tuple[HTTPRouteHandler, ...] = (one, private, line, news, picture)
