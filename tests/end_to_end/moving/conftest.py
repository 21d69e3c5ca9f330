"""An empty PostgreSQL database to move to."""

from __future__ import annotations

from tests.end_to_end.nodes.conftest import database, postgres

__all__ = ["database", "postgres"]
