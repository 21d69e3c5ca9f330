"""What must hold after each round, read from the master: nothing acknowledged is missing, nothing is there twice."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.departure.means import Means
from server.identity import staff
from server.master.audit import audit
from server.master.departures import quarantine
from server.master.meta import read_identity
from server.master.people import devices, outboxes, rosters
from server.master.store import Tx
from server.master.tables import dead_letters, operations
from server.master.typed import TYPED
from server.master.verify import verify
from sync.messages import Standing
from tests.end_to_end.failover.crew import PRODUCT, Rep
from tests.end_to_end.failover.manager import insisting
from tests.end_to_end.nodes.nodes import Nodes

__all__ = ["Found", "examined", "lost"]


class Found(msgspec.Struct, frozen=True):
    """What the master holds of one person: visits by id, the address of their shop and the pieces sold there, numbers
    of operations that took effect, letters and quarantined work, and how their device stands.
    """

    visits: frozenset[UUID]
    address: str
    sold: int
    numbers: tuple[int, ...]
    acknowledged: int
    letters: int
    quarantined: int
    standing: Standing


def lost(nodes: Nodes, reps: Sequence[Rep]) -> list[str]:
    """What phones hold an acknowledgement for, while they go on working, and the master does not hold. Words."""
    told = [(rep, rep.acknowledged, dict(rep.visits)) for rep in reps]

    async def look(means: Means) -> list[str]:
        async with means.store.read() as tx:
            have = set((await tx.execute(select(TYPED["visit"].c.id))).scalars())
        return [
            f"{rep.person}: visit {number} of {acknowledged} acknowledged is lost"
            for rep, acknowledged, visits in told
            for number, visit in visits.items()
            if number <= acknowledged and visit not in have
        ]

    return insisting(nodes, look)


def examined(
    nodes: Nodes, reps: Sequence[Rep], gone: Sequence[Rep], epoch: bytes, place: tuple[str, bool]
) -> list[str]:
    """Everything that is not as it has to be, in words, of reps that rest and are in step and of those that are gone.

    `place` is whom the manager last put on the second territory's roster, and whether they are on it.
    """

    async def look(means: Means) -> list[str]:
        async with means.store.read() as tx:
            wrong = [f"audit: {fault.scope} {fault.what}" for fault in await audit(tx)]
            verified = await verify(tx, means.keys.signing_public)
            wrong += [f"journal: {flaw}" for flaw in verified.flaws]
            if (await read_identity(tx)).epoch != epoch:
                wrong.append("history was taken for lost: a new epoch began")
            wrong += await _roster(tx, *place)
            for rep in reps:
                wrong += _of_active(rep, await _found(tx, rep))
            for rep in gone:
                wrong += _of_departed(rep, await _found(tx, rep))
        return wrong

    return insisting(nodes, look)


def _of_active(rep: Rep, found: Found) -> list[str]:
    last = rep.texts[max(rep.texts)] if rep.texts else ""
    must = {
        "visits": (len(found.visits), len(rep.visits)),
        "missing visits": (len(set(rep.visits.values()) - found.visits), 0),
        "pieces sold": (found.sold, len(rep.visits)),
        "address": (found.address, last),
        "operations": (found.numbers, tuple(range(1, rep.made + 1))),
        "acknowledged": (found.acknowledged, rep.made),
        "letters": (found.letters, 0),
        "answers without a reason": (rep.ends["internal"], 0),
        "standing": (found.standing, Standing.ACTIVE),
    }
    return [f"{rep.person}: {what}: {is_so}, not {so}" for what, (is_so, so) in must.items() if is_so != so]


def _of_departed(rep: Rep, found: Found) -> list[str]:
    told = {visit for number, visit in rep.visits.items() if number <= rep.acknowledged}
    must = {
        "acknowledged visits that are lost": (len(told - found.visits), 0),
        "operations, with those in quarantine": (len(found.numbers) + found.letters + found.quarantined, rep.made),
        "operations twice": (len(found.numbers) - len(set(found.numbers)), 0),
        "pieces sold": (found.sold, len(found.visits)),
        "answers without a reason": (rep.ends["internal"], 0),
        "records received after the cut-off": (rep.received_after, 0),
        "standing": (found.standing, Standing.DEPARTED),
    }
    return [f"{rep.person}: {what}: {is_so}, not {so}" for what, (is_so, so) in must.items() if is_so != so]


async def _found(tx: Tx, rep: Rep) -> Found:
    device = rep.device.bytes
    visit, outlet = TYPED["visit"].c, TYPED["outlet"].c
    visits = (await tx.execute(select(visit.id).where(visit.outlet == rep.shop))).scalars()
    shop = (await tx.execute(select(outlet.address, outlet.stock).where(outlet.id == rep.shop))).first()
    boxes = (await tx.execute(select(outboxes).where(outboxes.c.device == device))).all()
    ours = [bytes(box.id) for box in boxes]
    numbers = select(operations.c.number).where(operations.c.origin.in_(ours)).order_by(operations.c.number)
    standing = (await tx.execute(select(devices.c.standing).where(devices.c.id == device))).scalar_one()
    lines = (shop.stock or {}) if shop else {}
    return Found(
        frozenset(visits),
        (shop.address or "") if shop else "",
        lines[PRODUCT]["sold"] if PRODUCT in lines else 0,
        tuple((await tx.execute(numbers)).scalars()),
        sum(box.acknowledged for box in boxes),
        await _count(tx, dead_letters.c.device == device),
        await _count(tx, quarantine.c.device == device),
        Standing(standing),
    )


async def _count(tx: Tx, which: object) -> int:
    return int((await tx.execute(select(func.count()).where(which))).scalar_one())  # type: ignore[arg-type]


async def _roster(tx: Tx, name: str, is_on: bool) -> list[str]:
    (person,) = await staff.named(tx, name)
    places = (await tx.execute(select(rosters.c.territory).where(rosters.c.staff == person.id.bytes))).all()
    is_so = len(places) == 2
    return [] if is_so == is_on else [f"{name}: the roster's change is lost"]
