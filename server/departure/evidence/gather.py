"""Everything that a pack tells, read in one snapshot of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.departure import orders, quarantine
from server.departure.evidence import agreements
from server.departure.evidence.access import Access, ledger_of
from server.departure.evidence.agreements import Agreement
from server.departure.evidence.exposure import Exposure, exposure_of
from server.departure.evidence.history import Entry, Trace, entries_in, notes_in, traces_in
from server.departure.evidence.merged import Merged, concerning, merges_of
from server.departure.evidence.parting import Parting, parting_of
from server.departure.evidence.shown import Showing
from server.departure.evidence.sightings import sighting_lines
from server.departure.orders import Order
from server.departure.quarantine import Quarantined
from server.identity import devices, staff
from server.identity.devices import Device
from server.identity.staff import Person
from server.master.departures import receipts, wipe_orders
from server.master.journal import ERASED
from server.master.store import Tx
from sync.errors import Refusal
from sync.scopes import COMPANY, ScopeKind, parse_scope
from sync.scopes import staff as staff_scope

__all__ = ["Gathered", "gathered"]


class Gathered(msgspec.Struct, frozen=True):
    """What the store says of one person. `own` are the entries of the person's chain, `places` the events of the
    territories that were ever held, `texts` the traces of the company's scope, `company` its events,
    `sightings` the decoys of the person's devices that were seen elsewhere, `merges` those of outlets that are in it.
    """

    person: Person
    people: dict[UUID, Person]
    devices: list[Device]
    exposure: Exposure
    texts: list[Trace]
    own: list[Entry]
    places: list[Entry]
    access: list[Access]
    agreements: list[Agreement]
    orders: list[Order]
    signed: dict[UUID, bytes]
    receipts: Sequence[Any]
    quarantine: list[Quarantined]
    parting: Parting
    company: list[Entry]
    sightings: Sequence[Mapping[str, Any]]
    merges: Sequence[Merged] = ()

    @property
    def removals(self) -> list[Entry]:
        """The orders that removed personal data."""
        return [one for one in self.company if one.kind == ERASED]

    def showing(self, *, with_people: bool) -> Showing:
        """Which bodies of the journal are in the pack."""
        committed = {(str(one["ref"][0]), int(one["ref"][1])) for one in self.sightings if one["ref"]}
        merged = {ref for one in self.merges for ref in (one.ref, one.undone_ref) if ref is not None}
        devices = frozenset(one.id.bytes for one in self.devices)
        return Showing(self.person.id, with_people, devices, frozenset(committed | merged))

    @property
    def scopes(self) -> list[str]:
        """The scopes whose chains are in the pack: every one that was ever held, the person's own, the company's."""
        held = {period.scope for device in self.exposure.devices for period in device.periods}
        return sorted(held | {staff_scope(self.person.id), COMPANY} | {one.scope for one in self.places})


async def gathered(tx: Tx, person: UUID) -> Gathered:
    """Read it. Raises Refusal where there is no such person."""
    found = await staff.find(tx, person)
    if found is None:
        raise Refusal("not_found", f"there is no person {person}")
    exposure = await exposure_of(tx, person)
    held = {period.scope for device in exposure.devices for period in device.periods}
    mine = [one.device for one in exposure.devices]
    company = await notes_in(tx, [COMPANY])
    signed = select(wipe_orders.c.id, wipe_orders.c.signed).where(wipe_orders.c.staff == person.bytes)
    joined = select(receipts).join(wipe_orders, wipe_orders.c.id == receipts.c.order)
    taken = joined.where(wipe_orders.c.staff == person.bytes).order_by(
        receipts.c.order, receipts.c.received_at, receipts.c.stage
    )
    return Gathered(
        person=found,
        people={one.id: one for one in await staff.everybody(tx)},
        devices=await devices.of_person(tx, person),
        exposure=exposure,
        texts=await traces_in(tx, [COMPANY]),
        own=await entries_in(tx, [staff_scope(person)]),
        places=[one for one in await entries_in(tx, [*filter(_is_territory, held)]) if one.change is None],
        access=await ledger_of(tx, person, exposure),
        agreements=await agreements.of_person(tx, person),
        orders=[one for one in await orders.listed(tx) if one.staff == person],
        signed={UUID(bytes=bytes(row.id)): bytes(row.signed) for row in await tx.execute(signed)},
        receipts=(await tx.execute(taken)).all(),
        quarantine=await quarantine.listed(tx, staff=person),
        parting=await parting_of(tx, person, mine),
        company=company,
        sightings=await sighting_lines(tx, mine, company),
        merges=concerning(merges_of(company), _outlets(exposure.traces.values())),
    )


def _outlets(traces: Iterable[Trace]) -> Iterator[UUID]:
    """The outlets that these are, or stand at."""
    for one in traces:
        if one.collection.name == "outlet":
            yield one.record
        elif one.outlet is not None:
            yield one.outlet


def _is_territory(scope: str) -> bool:
    parsed = parse_scope(scope)
    return parsed is not None and parsed.kind is ScopeKind.TERRITORY
