"""A firm on each of the two databases."""

from __future__ import annotations

import pytest

from server.master.store import Store
from tests.server.field.credit.firm import Firm


@pytest.fixture
async def firm(store: Store) -> Firm:
    """A dealer, a manager and two reps, each with a territory."""
    return await Firm(store).open()
