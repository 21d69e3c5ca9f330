"""Somebody who looks at the pages of outlets, and what they see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server.console.outlets.archive import family_of
from server.console.outlets.telling import book_of
from server.console.outlets.timeline import Event, Line, timeline
from server.console.viewer import Viewer
from server.identity import staff
from tests.server.firm import ZONE, Firm

__all__ = ["events", "line_of", "viewer_of"]


async def viewer_of(firm: Firm, person: UUID | None = None, language: str = "zh") -> Viewer:
    """Somebody (the dealer) in front of a page."""
    async with firm.store.read() as tx:
        who = await staff.find(tx, person or firm.dealer)
    assert who is not None
    return Viewer(language, ZONE, firm.desk.now, "测试公司", who, "csrf")


async def line_of(firm: Firm, outlet: UUID, language: str = "zh", **narrowed: Any) -> Line:
    """A page of the time line."""
    viewer = await viewer_of(firm, language=language)
    async with firm.store.read() as tx:
        family = await family_of(tx, outlet)
        return await timeline(tx, family, await book_of(tx, viewer, family), **narrowed)


async def events(firm: Firm, outlet: UUID, language: str = "zh", **narrowed: Any) -> list[Event]:
    """The entries of the first page."""
    return list((await line_of(firm, outlet, language, **narrowed)).events)
