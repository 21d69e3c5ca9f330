"""The exposure: what each device was given, at the level of field groups, and when it had what; what was opened on it.

*Held* is computed from what the server gave, and is an upper bound: the device held at most this. *Opened* is what the
device itself counted and handed in: at least this, as far as its word goes. Copies made outside the client are neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.departure.evidence.groups import Group, group_of
from server.departure.evidence.history import Trace, Value, traces_in
from server.departure.evidence.periods import Period, periods_of
from server.departure.evidence.sightings import decoy_outlets
from server.identity import devices, staff
from server.identity.devices import Device
from server.master.evidence import photo_readings
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.tables import feed
from sync.codec import DecodeError, unpack
from sync.errors import Refusal
from sync.rules import Merge
from sync.scopes import staff as staff_scope

__all__ = ["DeviceExposure", "Exposure", "Held", "Opened", "PhotoRead", "exposure_of"]


class Held(msgspec.Struct, frozen=True):
    """One record that a device held at most. It had it no earlier than `since_earliest` and, if at all, by
    `since_latest`. From `until` on it was told to drop it at its next contact (None: it was not). `revision` is the
    highest that it may have had; `is_certain` where the versions given show it. `is_own` for what was made on the
    device and never given to it: it had that from when it was made.
    """

    record: UUID
    collection: str
    outlet: UUID | None
    scope: str
    since_earliest: int
    since_latest: int
    until: int | None
    revision: int
    is_certain: bool
    fields: tuple[str, ...]
    is_own: bool = False

    @property
    def groups(self) -> frozenset[Group]:
        """The field groups of which it had something."""
        return frozenset(group_of(self.collection, field) for field in self.fields)


class PhotoRead(msgspec.Struct, frozen=True):
    """A photo whose bytes a device was given: the first time on a day, in server milliseconds, and bytes."""

    photo: UUID
    at: int
    size: int


class Opened(msgspec.Struct, frozen=True):
    """How often a contact's details were opened on a day, as the phone counted; `private` of these the private part.

    `at` is when the server took it in, `position` where the person's chain says so.
    """

    contact: UUID
    outlet: UUID
    day: str
    times: int
    private: int
    device: UUID | None
    at: int
    position: int


class DeviceExposure(msgspec.Struct, frozen=True):
    """What one device was given."""

    device: UUID
    model: str
    periods: tuple[Period, ...]
    records: tuple[Held, ...]
    photos: tuple[PhotoRead, ...]

    @property
    def counts(self) -> dict[Group, tuple[int, int]]:
        """By field group: how many records it held something of, and how many fields of them."""
        fields = {(one.record, group_of(one.collection, field), field) for one in self.records for field in one.fields}
        by_record = Counter(group for _, group in {(record, group) for record, group, _ in fields})
        by_field = Counter(group for _, group, _ in fields)
        return {group: (by_record[group], by_field[group]) for group in Group if by_record[group]}


class Exposure(msgspec.Struct, frozen=True):
    """The exposure of one person, over all devices that were ever theirs; `traces` are of every record concerned."""

    staff: UUID
    devices: tuple[DeviceExposure, ...]
    opened: tuple[Opened, ...]
    traces: Mapping[UUID, Trace]


async def exposure_of(tx: Tx, person: UUID, only: UUID | None = None) -> Exposure:
    """The exposure of a person, or of one device of theirs. Raises Refusal."""
    if await staff.find(tx, person) is None:
        raise Refusal("not_found", f"there is no person {person}")
    theirs = [one for one in await devices.of_person(tx, person) if only in {None, one.id}]
    periods = {one.id: await periods_of(tx, one.id) for one in theirs}
    own = staff_scope(person)
    wanted = sorted({one.scope for found in periods.values() for one in found} | {own})
    traces = {one.record: one for one in await traces_in(tx, wanted)}
    now = await _now_in(tx, wanted)
    given = [await _given(tx, one, periods[one.id], traces.values(), now) for one in theirs]
    hidden = await decoy_outlets(tx, (one.id for one in theirs))
    opened = tuple(one for one in _opened(traces.values()) if only in {None, one.device} and one.outlet not in hidden)
    return Exposure(person, tuple(given), opened, traces)


async def _now_in(tx: Tx, wanted: Sequence[str]) -> dict[tuple[str, UUID], Any]:
    """What the feed has now of these scopes: version and what the server derived, by scope and record."""
    by_number = {no: name for name, no in (await numbers(tx, wanted)).items()}
    columns = (feed.c.scope, feed.c.record, feed.c.version, feed.c.revision, feed.c.packed)
    rows = await tx.execute(select(*columns).where(feed.c.scope.in_(by_number), feed.c.packed.is_not(None)))
    return {(by_number[row.scope], UUID(bytes=bytes(row.record))): row for row in rows}


async def _given(
    tx: Tx, device: Device, periods: Sequence[Period], traces: Iterable[Trace], now: Mapping[tuple[str, UUID], Any]
) -> DeviceExposure:
    held = [one for trace in traces for one in _held(trace, periods, now) or _own(trace, device)]
    read = select(photo_readings).where(photo_readings.c.device == device.id.bytes).order_by(photo_readings.c.at)
    photos = [PhotoRead(UUID(bytes=bytes(row.photo)), row.at, row.size) for row in await tx.execute(read)]
    held.sort(key=lambda one: (one.scope, one.collection, one.record, one.since_earliest))
    return DeviceExposure(device.id, device.model, tuple(periods), tuple(held), tuple(photos))


def _own(trace: Trace, device: Device) -> list[Held]:
    """A record that was made on the device, where no answer gave it."""
    written = [one for values in trace.values.values() for one in values if one.device == device.id]
    if not any(one.is_first for one in written):
        return []
    first = written[0]
    return [
        Held(
            record=trace.record,
            collection=trace.collection.name,
            outlet=trace.outlet,
            scope=first.scope,
            since_earliest=min(one.happened for one in written),
            since_latest=first.at,
            until=None,
            revision=max(one.revision for one in written),
            is_certain=True,
            fields=tuple(sorted(_filled(written))),
            is_own=True,
        )
    ]


def _held(trace: Trace, periods: Iterable[Period], now: Mapping[tuple[str, UUID], Any]) -> list[Held]:
    return list(_in_periods(trace, periods, now))


def _in_periods(trace: Trace, periods: Iterable[Period], now: Mapping[tuple[str, UUID], Any]) -> Iterator[Held]:
    for stay in trace.stays:
        for period in periods:
            earliest = max(period.first_at, stay.since)
            latest = period.given_by(earliest)
            if period.scope != stay.scope or latest is None or (stay.until is not None and stay.until < earliest):
                continue
            row = now.get((stay.scope, trace.record))
            written = [one for values in trace.values.values() for one in values if one.at <= period.last_at]
            may_have = max((one.revision for one in written), default=0)
            is_certain = row is not None and row.version <= period.version
            yield Held(
                record=trace.record,
                collection=trace.collection.name,
                outlet=trace.outlet,
                scope=stay.scope,
                since_earliest=earliest,
                since_latest=latest,
                until=min((one for one in (stay.until, period.evicted_at) if one is not None), default=None),
                revision=row.revision if row is not None and is_certain else may_have,
                is_certain=is_certain,
                fields=tuple(sorted(_filled(written) | _derived(trace, row))),
            )


def _filled(written: Iterable[Value]) -> set[str]:
    return {one.field for one in written if one.value not in (None, "", [], {})}


def _derived(trace: Trace, row: Any) -> set[str]:
    """Fields that the server works out and the record has now: no entry of the journal says since when."""
    names = [name for name, rule in trace.collection.rules.items() if rule.merge is Merge.DERIVED]
    if row is None or not names:
        return set()
    try:
        record = unpack(bytes(row.packed))
    except DecodeError:
        return set()
    return {name for name in names if getattr(record, name, None) not in (None, "", (), {})}


def _opened(traces: Iterable[Trace]) -> list[Opened]:
    found = []
    for one in traces:
        if one.collection.name != "opening" or "contact" not in one.values:
            continue
        said = {field: values[-1].value for field, values in one.values.items()}
        first = one.values["contact"][0]
        found.append(
            Opened(
                UUID(bytes=bytes(said["contact"])),
                UUID(bytes=bytes(said["outlet"])),
                str(said["day"]),
                int(said.get("times", 1)),
                int(said.get("private", 0)),
                first.device,
                first.at,
                first.position,
            )
        )
    return sorted(found, key=lambda one: (one.day, one.at, one.contact))
