"""The data files of a pack, line by line. A line that the journal shows names its entry in `ref`: scope, position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.dealings import Dealings, dealings_at
from server.departure.evidence.exposure import Held
from server.departure.evidence.gather import Gathered
from server.departure.evidence.groups import group_of
from server.departure.evidence.history import Entry, Value
from server.departure.evidence.merged import stands_for
from server.departure.evidence.origins import source_of
from server.departure.evidence.points import Point, points_of, values_of
from server.departure.evidence.shown import Showing
from server.departure.evidence.texts import acknowledged_by, versions_of
from server.identity.staff import Role

__all__ = ["Told", "facts_of"]

Line = Mapping[str, Any]
_NAMED = frozenset({Role.DEALER, Role.MANAGER})
_ROSTER = frozenset({"roster_joined", "roster_left", "handed_over"})


class Told(msgspec.Struct, frozen=True):
    """How a pack is told: what is shown, as of when (server milliseconds), which registers are public, and what an hour
    of a visit cost (minor units; 0 for not stated), the company's time zone.
    """

    showing: Showing
    as_of: int
    registers: frozenset[str]
    an_hour: int
    zone: str


def facts_of(found: Gathered, told: Told) -> dict[str, Sequence[Line]]:
    """The lines of each data file, by its name. `agreements` are told where their files are. What was written of an
    outlet after it had gone where the person never was is in no line: its entries are in no chain of the pack.
    """
    held = {one.record: one for device in found.exposure.devices for one in device.records}
    traces = [found.exposure.traces[record] for record in held if record in found.exposure.traces]
    into = stands_for(found.merges, told.as_of)
    inside = frozenset(found.scopes)
    points = [
        one
        for one in points_of(traces, told.registers, told.as_of, into)
        if one.value is None or one.value.scope in inside
    ]
    return {
        "people": [_person(found, one) for one in sorted(_named_in(found))],
        "devices": list(_devices(found)),
        "scopes": [*_places(found), *_periods(found)],
        "exposure": [
            _held(one) | {"device": device.device} for device in found.exposure.devices for one in device.records
        ],
        "openings": [msgspec.structs.asdict(one) for one in found.exposure.opened],
        "photos": [
            msgspec.structs.asdict(one) | {"device": device.device}
            for device in found.exposure.devices
            for one in device.photos
        ],
        "fields": [one for one in _fields(found, told, held, into) if one["ref"][0] in inside],
        "secret_points": [_point(one, told) for one in points],
        "dealings": [_dealing(one, told) for one in _dealings(found, told, into)],
        "merges": [msgspec.structs.asdict(one) for one in found.merges],
        "policies_and_notices": [msgspec.structs.asdict(one) for one in versions_of(found.texts)],
        "acknowledgements": [
            msgspec.structs.asdict(one) for one in acknowledged_by(found.exposure.traces.values(), found.person.id)
        ],
        "access": [msgspec.structs.asdict(one) for one in found.access],
        "quarantine": [_waiting(one) for one in found.quarantine],
        "handover": found.parting.handover,
        "leaving": found.parting.leaving,
        "evictions": found.parting.evictions,
        "handed_photos": found.parting.handed_photos,
        "decoys_seen": found.sightings,
    }


def _named_in(found: Gathered) -> set[UUID]:
    """Whoever the files name: the person, and the authors of what was held."""
    traces = found.exposure.traces.values()
    authors = {one.staff for trace in traces for values in trace.values.values() for one in values}
    return {found.person.id, *(one for one in authors if one is not None and one in found.people)}


def _person(found: Gathered, person: UUID) -> Line:
    """Colleagues are told by id and role; the person concerned and who decides by name as well."""
    one = found.people[person]
    is_named = person == found.person.id or one.role in _NAMED
    return {
        "id": person,
        "name": one.name if is_named else None,
        "role": one.role,
        "status": one.status,
        "joined_at": one.joined_at if is_named else None,
        "left_at": one.left_at if is_named else None,
    }


def _devices(found: Gathered) -> Iterator[Line]:
    enrolled = {
        bytes(one.note["device"]): one for one in found.own if one.kind == "device_enrolled" and "device" in one.note
    }
    for one in found.devices:
        entry = enrolled.get(one.id.bytes)
        yield {
            "id": one.id,
            "model": one.model,
            "standing": one.standing,
            "enrolled_at": one.enrolled_at,
            "confirmed_at": one.confirmed_at,
            "attestation": one.attestation,
            "last_contact": one.last_contact,
            "lease_locks_at": one.lease_locks_at,
            "public_key": one.public_key,
            "key": one.key_name,
        } | _ref(entry)


def _ref(entry: Entry | None) -> dict[str, Any]:
    return {"ref": None} if entry is None else {"ref": (entry.scope, entry.position), "at": entry.at}


def _places(found: Gathered) -> Iterator[Line]:
    """When the person stood on which roster, as the journal noted it."""
    for one in found.places:
        if one.kind in _ROSTER and found.person.id.bytes in {one.note.get("staff"), one.note.get("leaver")}:
            yield {"kind": one.kind, "scope": one.scope, "said": one.note} | _ref(one)


def _periods(found: Gathered) -> Iterator[Line]:
    for device in found.exposure.devices:
        for one in device.periods:
            yield {"kind": "held", "device": device.device, **msgspec.structs.asdict(one)}


def _held(one: Held) -> dict[str, Any]:
    return msgspec.structs.asdict(one) | {"groups": sorted(one.groups)}


def _fields(found: Gathered, told: Told, held: Mapping[UUID, Held], into: Mapping[UUID, UUID]) -> Iterator[Line]:
    for trace, value, origin in values_of((found.exposure.traces[one] for one in held), told.registers):
        if value.at > told.as_of:
            continue
        source, reference = source_of(trace)
        outlet = trace.outlet or trace.record
        yield _written(trace.collection.name, value, told) | {
            "record": trace.record,
            "collection": trace.collection.name,
            "outlet": into.get(outlet, outlet),
            "origin": origin,
            "is_public": origin == "public",
            "source": source,
            "source_ref": reference,
            "author": value.staff,
            "authority": value.authority,
            "happened": value.happened,
            "revision": value.revision,
        }


def _written(collection: str, value: Value, told: Told) -> dict[str, Any]:
    """A value of a field with the entry that shows it; only a mask of it where it is not to be shown."""
    is_shown = told.showing.shows_value(collection)
    return {
        "field": value.field,
        "group": group_of(collection, value.field),
        "value": value.value if is_shown else None,
        "mask": None if is_shown else _mask(value.value),
        "at": value.at,
        "ref": (value.scope, value.position),
    }


def _mask(value: Any) -> str:
    """Enough of a value to tell which one is meant, for whoever knows it."""
    if not isinstance(value, str) or not value:
        return "…"
    return f"{value[:3]}…{value[-2:]}" if len(value) >= 7 else f"{value[:1]}…"


def _point(one: Point, told: Told) -> Line:
    about = {
        "kind": "value" if one.value is not None else "compilation",
        "scope": one.scope,
        "group": one.group,
        "origin": one.origin,
        "record": one.record,
        "collection": one.collection,
        "outlet": one.outlet,
    }
    if one.value is None:
        return about | {"outlets": one.outlets}
    return about | _written(one.collection, one.value, told) | {"author": one.value.staff}


def _dealings(found: Gathered, told: Told, into: Mapping[UUID, UUID]) -> list[Dealings]:
    return dealings_at(found.exposure.traces.values(), found.person.id, told.as_of, into)


def _dealing(one: Dealings, told: Told) -> Line:
    more = {"merged": sorted(one.merged), "cost": one.cost(told.an_hour) if told.an_hour else None}
    return msgspec.structs.asdict(one) | more


def _waiting(one: Any) -> Line:
    """An item of the quarantine; its content is in the journal once it is accepted."""
    about = ("id", "order", "device", "number", "received_at", "committed", "state")
    told = {name: getattr(one, name) for name in about}
    operation = one.operation
    said = (operation.act, operation.collection, operation.record) if operation is not None else (None, None, None)
    return told | dict(zip(("act", "collection", "record"), said, strict=True))
