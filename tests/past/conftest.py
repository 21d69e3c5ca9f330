"""The databases that a past deployment is laid out in."""

from __future__ import annotations

import pytest

from tests.end_to_end.nodes.conftest import database, postgres

__all__ = ["database", "postgres"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Empty for the deployment's own SQLite file, else a database of PostgreSQL."""
    return str(request.getfixturevalue("database")) if request.param == "postgresql" else ""
