"""The customer list as a workbook: the outlets that the list on the page finds, journalled as an export."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from server.console.outlets.filters import OUTLETS, Filters, conditions
from server.console.outlets.listing import choices, scopes_meant
from server.field.export import HEADINGS, Chosen, export_outlets
from server.field.ground import Ground
from server.field.workbooks import Sheet, workbook
from server.identity.staff import Person
from server.master.store import Store

__all__ = ["customer_list"]


async def customer_list(store: Store, filters: Filters, ground: Ground, by: Person) -> tuple[str, bytes]:
    """The file's name, and the workbook. Raises Refusal, journalled, for somebody who is leaving."""
    chosen = Chosen()
    if not filters.is_open:
        async with store.read() as tx:
            known = await choices(tx)
            places = await scopes_meant(tx, filters, known)
            wanted = conditions(filters, ground, places, [one.code for one in known.classes])
            found = frozenset((await tx.execute(select(OUTLETS.c.id).where(*wanted))).scalars())
        chosen = Chosen(outlets=found, said=filters.address())
    lines = await export_outlets(store, ground.sources, chosen, by.id)
    made = await asyncio.to_thread(workbook, [Sheet("客户", HEADINGS, lines)])
    return f"客户一览表-{ground.today}.xlsx", made
