"""An office on each of the two databases."""

from __future__ import annotations

import pytest

from tests.server.desk import Desk
from tests.server.field.registration.office import Office, opened


@pytest.fixture
async def office(desk: Desk) -> Office:
    """A territory with two reps."""
    return await opened(desk)
