"""Golden transcripts: what a phone and the server say to each other, byte for byte, where nothing is left to chance.

`python -m tests.server.exchange.transcripts` writes them again; a difference in git is a change of the protocol.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.departure.cutoff import offboard
from server.exchange.serve import serve
from server.identity import territories
from server.master.migrations import upgrade
from server.master.store import Store
from sync.codec import encode, plain
from sync.messages import SyncRequest
from sync.operations import Act
from tests.server.exchange.conftest import Company, founded
from tests.server.exchange.phone import Phone

FOLDER = Path(__file__).parents[3] / "fixtures" / "protocol" / "transcripts"
Step = dict[str, Any]


async def _said(company: Company, phone: Phone, what: str, request: SyncRequest) -> tuple[Step, Any]:
    reply = await serve(company.means, phone.device, request)
    parts = {"head": reply.head, "page": reply.page, "tail": reply.tail}
    step = {
        "what": what,
        "request": plain(request),
        "answer": {name: plain(part) for name, part in parts.items()},
        "request_bytes": encode(request).hex(),
        "answer_bytes": {name: encode(part).hex() for name, part in parts.items()},
    }
    return step, reply


async def a_working_day(company: Company) -> AsyncIterator[Step]:
    """A first sync, work, a lost answer, a colleague's edit, a refused operation, nothing new."""
    desk = company.desk
    shop = await desk.register(desk.manager(), company.east, "老张烟酒", phone="13800000000")
    phone = await company.phone(company.wang)
    step, reply = await _said(company, phone, "a first sync brings the territory and a lease", phone.request())
    yield step
    phone.take(reply)
    desk.now += 60_000
    phone.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001", visit_days={"add": ["mon"]})
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop, notes="补货两箱", stock=[["SKU-1", 12, 5, 0]])
    step, _ = await _said(company, phone, "two operations; the answer is lost", phone.request())
    yield step
    step, reply = await _said(company, phone, "the same again is answered from what is kept", phone.request())
    yield step
    phone.take(reply)
    await desk.edit(desk.manager(), "outlet", shop, 3, phone="13800000002")
    phone.log(Act.EDIT, "outlet", shop, base=3, phone="13800000003")
    phone.log(Act.EDIT, "outlet", phone.id(), base=1, phone="1")
    step, reply = await _said(
        company, phone, "a conflict on one field, and an outlet that is not there", phone.request()
    )
    yield step
    phone.take(reply)
    step, _ = await _said(company, phone, "nothing new", phone.request())
    yield step


async def a_bad_day(company: Company) -> AsyncIterator[Step]:
    """A restored phone, a territory taken away, a departure."""
    desk = company.desk
    shop = await desk.register(desk.manager(), company.east, "老张烟酒")
    phone = await company.phone(company.wang)
    await phone.sync()
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    copy = list(phone.bodies)
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await phone.sync()
    phone.bodies, phone.acknowledged = copy, 0
    step, reply = await _said(
        company, phone, "a phone restored from a copy: a fork, nothing acknowledged", phone.request()
    )
    yield step
    phone.take(reply)
    step, reply = await _said(company, phone, "its operations again, under a new outbox id", phone.request())
    yield step
    phone.take(reply)
    async with desk.store.write() as tx:
        await territories.unassign(tx, company.east, company.wang, company.means.departure.sources)
    step, reply = await _said(company, phone, "the territory was taken away: its scopes are evicted", phone.request())
    yield step
    phone.take(reply)
    await offboard(company.means.departure, company.wang, "resigned")
    step, _ = await _said(company, phone, "after the cut-off: the order, and nothing else", phone.request())
    yield step


TRANSCRIPTS = {"a_working_day": a_working_day, "a_bad_day": a_bad_day}


async def recorded(store: Store, folder: Path, name: str) -> list[Step]:
    """One transcript, played in an empty store."""
    company = await founded(store, folder)
    return [step async for step in TRANSCRIPTS[name](company)]


async def _write(name: str) -> None:
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite+aiosqlite:///{folder}/master.db")
        await upgrade(store)
        steps = await recorded(store, Path(folder), name)
        await store.close()
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(steps, ensure_ascii=False, indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    for one in TRANSCRIPTS:
        asyncio.run(_write(one))
