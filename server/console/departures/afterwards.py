"""One departure after it was decided: each phone's order, what was handed in, the handover, formalities, customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.departure import orders
from server.departure.departures_file import Step
from server.departure.leaving import notice
from server.departure.leaving.checklist import Item
from server.departure.leaving.checklist import listed as points_of
from server.departure.leaving.informing import Progress, begun_at, progress
from server.departure.leaving.notice import GivenNotice
from server.departure.orders import Order
from server.departure.quarantine import OPEN
from server.identity import devices, staff, territories
from server.identity.channels import Channel
from server.identity.channels import listed as channels_of
from server.identity.staff import Person
from server.master.departures import handovers, quarantine
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal

__all__ = ["Afterwards", "PlanLine", "afterwards"]


class PlanLine(msgspec.Struct, frozen=True):
    """One step of the handover's plan: names of the territory or outlet, of who follows, and of where it goes; when it
    was done (server ms). `pool` says that it goes to the pool.
    """

    step: Step
    what: str
    follows: str
    goes_to: str
    pool: bool
    done_at: int | None


class Afterwards(msgspec.Struct, frozen=True):
    """All of one departure. `models` names the phones, `handed_in` counts what came after the lock, `undecided` what of
    it waits for a manager; `informed` is None where nobody is leaving.
    """

    person: Person
    notice: GivenNotice | None
    orders: tuple[Order, ...]
    models: Mapping[UUID, str]
    plan: tuple[PlanLine, ...]
    handed_in: int
    undecided: int
    informed: Progress | None
    points: tuple[Item, ...]
    channels: tuple[Channel, ...]
    names: Mapping[UUID, str]

    @property
    def is_open(self) -> bool:
        """Whether an order still waits."""
        return any(one.is_open for one in self.orders)


async def afterwards(tx: Tx, person: UUID) -> Afterwards:
    """Everything about a person's departure, notice and orders. Raises Refusal where there is nobody of that id."""
    who = await staff.find(tx, person)
    if who is None:
        raise Refusal("not_found", f"there is no person {person}")
    names = {one.id: one.name for one in await staff.everybody(tx)}
    handed_in, undecided = await _quarantined(tx, person)
    return Afterwards(
        person=who,
        notice=await notice.latest(tx, person),
        orders=tuple(await orders.of_person(tx, person)),
        models={one.id: one.model for one in await devices.of_person(tx, person)},
        plan=await _plan(tx, who, names),
        handed_in=handed_in,
        undecided=undecided,
        informed=await progress(tx, who) if await begun_at(tx, who) is not None else None,
        points=tuple(await points_of(tx, person)),
        channels=tuple(one for one in await channels_of(tx) if one.until is None and one.staff != person),
        names=names,
    )


async def _quarantined(tx: Tx, person: UUID) -> tuple[int, int]:
    """How much was handed in after the lock, and how much of it nobody has decided."""
    mine = select(quarantine.c.state, func.count()).where(quarantine.c.staff == person.bytes)
    counts = {str(state): int(many) for state, many in await tx.execute(mine.group_by(quarantine.c.state))}
    return sum(counts.values()), sum(many for state, many in counts.items() if state in OPEN)


async def _plan(tx: Tx, who: Person, names: Mapping[UUID, str]) -> tuple[PlanLine, ...]:
    """The plan of the last departure, in its order."""
    mine = (handovers.c.leaver == who.id.bytes) & (handovers.c.planned_at == who.left_at)
    rows = (await tx.execute(select(handovers).where(mine))).all()
    areas = {one.id: one.name for one in await territories.all_territories(tx)}
    outlets = await _named(tx, [UUID(bytes=bytes(row.outlet)) for row in rows if row.outlet])

    def of(where: Mapping[UUID, str], one: bytes | None) -> str:
        return where.get(UUID(bytes=bytes(one)), "") if one is not None else ""

    found = [
        PlanLine(
            Step(row.step), of(outlets, row.outlet) or of(areas, row.territory), of(names, row.successor),
            of(areas, row.goes_to), bool(row.pool), row.done_at,
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (list(Step).index(one.step), one.what)))


async def _named(tx: Tx, outlets: Sequence[UUID]) -> dict[UUID, str]:
    table = TYPED["outlet"]
    rows = await tx.execute(select(table.c.id, table.c.name).where(table.c.id.in_(outlets)))
    return {row.id: row.name for row in rows}
