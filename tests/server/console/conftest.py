"""A company on each of the two databases, and somebody who looks at its pages."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.console.viewer import Viewer
from server.identity import staff
from server.master.store import Store
from tests.server.firm import ZONE, Firm, founded


@pytest.fixture
async def firm(store: Store) -> Firm:
    """A company with people on rosters, in an empty store."""
    return await founded(store)


async def viewer_of(firm: Firm, person: UUID | None = None, language: str = "en") -> Viewer:
    """Somebody of the company (the dealer), signed in."""
    async with firm.store.read() as tx:
        found = await staff.find(tx, person or firm.dealer)
    assert found is not None
    return Viewer(language, ZONE, firm.desk.now, "测试公司", found, "token")
