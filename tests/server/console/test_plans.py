"""What waits is counted and listed by indexes that hold nothing else, however much does not wait."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event, text

from server.console.inbox.kinds import waiting
from server.identity.staff import Role
from server.master.store import Store
from tests.server.firm import Firm

_SCAN = re.compile(r"SCAN (\w+)(?! USING INDEX ix_\w+_(?:open|waiting|doubtful))")
_LARGE = ("outlets", "findings", "dead_letters", "proposals", "conflicts", "quarantine", "visits")


@pytest.fixture
def asked(store: Store) -> list[tuple[str, Any]]:
    """The statements that are read, with their values."""
    found: list[tuple[str, Any]] = []
    event.listen(store._reader.sync_engine, "before_cursor_execute", lambda *told: found.append((told[2], told[3])))
    return found


async def test_no_count_looks_at_what_does_not_wait(firm: Firm, asked: list[tuple[str, Any]]) -> None:
    """On SQLite the plan says so; one query counts all kinds."""
    if not firm.store.is_sqlite:
        pytest.skip("PostgreSQL plans by how much there is, and here is next to nothing")
    async with firm.store.read() as tx:
        await waiting(tx, Role.DEALER, firm.desk.now)
        counted = [(one, values) for one, values in asked if "count(" in one]
        ((statement, values),) = counted
        connection = await tx.get_raw_connection()
        cursor = await connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[union-attr]
        plan = [row[3] for row in await cursor.fetchall()]
        await tx.execute(text("SELECT 1"))
    found = [_SCAN.match(line) for line in plan]
    assert {one[1] for one in found if one is not None}.isdisjoint(_LARGE), plan
