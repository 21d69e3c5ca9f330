"""Outlets (终端): near me, by text, by id; registering and mending them."""

from __future__ import annotations

from math import cos, radians
from typing import Any, TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.local.index import Filter, Place
from client_sdk.local.opened import OpenReplica
from client_sdk.writing import Desk
from sync import scopes
from sync.positions import Position, distance_m, to_wgs84
from sync.records import Cooperation, CreditTerms, Grade, Outlet, OutletStatus
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Nearby", "OnlyFields", "OutletFields", "Outlets"]

_DEGREE_M = 111_195.0
"""Metres in a degree of latitude on the mean sphere."""
_POLAR = 89.9
"""From here to the pole every longitude is near."""


class OutletFields(TypedDict, total=False):
    """What a rep may say of an outlet. Grade, credit and closing are proposals until a manager decides."""

    outlet_class: str
    grade: Grade | str
    status: OutletStatus | str
    address: str
    position: Position | None
    phone: str
    opening_hours: str
    main_contact: UUID | None
    cooperation: Cooperation | None
    credit: CreditTerms | None
    notes: str
    visit_days: tuple[str, ...]
    code: str


class _Named(OutletFields, total=False):
    name: str


class OnlyFields(TypedDict, total=False):
    """Which outlets: all of them where nothing is said."""

    grade: Grade | str
    outlet_class: str
    status: OutletStatus | str


class Nearby(msgspec.Struct, frozen=True):
    """An outlet and how far it is, in metres."""

    outlet: Outlet
    metres: float


class Outlets:
    """`replica.outlets`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get(self, outlet: UUID) -> Outlet:
        """One outlet. Raises NotFound."""
        return self._desk.get(Outlet, outlet)

    def register(self, *, name: str, territory: UUID | None = None, **fields: Unpack[OutletFields]) -> Outlet:
        """Register a new outlet. `territory` may be left out when there is one, or one near the position.

        Raises InvalidInput, StorageFull.
        """
        with self._desk.device.serving() as replica:
            scope = self._territory(replica, territory, fields.get("position"))
        return self._desk.create(Outlet, {"name": name, **fields}, scope)

    def update(self, outlet: UUID, **fields: Unpack[_Named]) -> Outlet:
        """Change fields of an outlet. Raises InvalidInput, NotFound, StorageFull."""
        return self._desk.edit(Outlet, outlet, fields)

    def near(
        self, position: Position, *, within: float = 500, limit: int = 50, **only: Unpack[OnlyFields]
    ) -> list[Nearby]:
        """Outlets within so many metres, nearest first. `only`: grade, outlet_class, status."""
        here = to_wgs84(position)
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            found = sorted(
                (metres, place.id)
                for place in _around(replica, here, within, _filter(only))
                if (metres := distance_m(here, Position(place.lat, place.lon))) <= within
            )[:limit]
            seen = replica.rows.shown_by_number(number for _, number in found)
        return [Nearby(one, metres) for one, (metres, _) in zip(seen, found, strict=True) if isinstance(one, Outlet)]

    def search(self, text: str, *, limit: int = 50, **only: Unpack[OnlyFields]) -> list[Outlet]:
        """Outlets in which every word of `text` stands: name, address, phone, code, pinyin, a contact's name or phone.

        `only`: grade, outlet_class, status.
        """
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            numbers = replica.index.search(text, _filter(only), limit)
            return [one for one in replica.rows.shown_by_number(numbers) if isinstance(one, Outlet)]

    def list(self, page: int = 0, *, size: int = 50, **only: Unpack[OnlyFields]) -> list[Outlet]:
        """Outlets in the order of their names, page by page from 0. `only`: grade, outlet_class, status."""
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            numbers = replica.index.ordered(_filter(only), size, page * size)
            return [one for one in replica.rows.shown_by_number(numbers) if isinstance(one, Outlet)]

    def territory(self, near: Position | None = None, *, named: UUID | None = None) -> str:
        """The scope that new work without an outlet goes to (a sweep): the one named, the only one there is, or the one
        near `near`. Raises InvalidInput.
        """
        with self._desk.device.serving() as replica:
            return self._territory(replica, named, near)

    def _territory(self, replica: OpenReplica, named: UUID | None, position: Any) -> str:
        held = [one.name for one in replica.scopes.all() if _is_territory(one.name)]
        if named is not None:
            scope = scopes.territory(named)
            if scope in held:
                return scope
        elif len(held) == 1:
            return held[0]
        elif isinstance(position, Position) and (nearest := _nearest_scope(replica, to_wgs84(position))) in held:
            return nearest
        raise InvalidInput("unknown_scope", "territory", "say which territory it belongs to")


def _is_territory(name: str) -> bool:
    scope = parse_scope(name)
    return scope is not None and scope.kind is ScopeKind.TERRITORY


def _filter(only: OnlyFields) -> Filter:
    unknown = only.keys() - OnlyFields.__annotations__.keys()
    if unknown:
        raise InvalidInput("unknown_field", min(unknown))
    return Filter(only.get("grade"), only.get("outlet_class"), only.get("status"))


def _around(replica: OpenReplica, here: Position, within: float, chosen: Filter) -> list[Place]:
    """Outlets in the box around a circle; more than are in the circle, never fewer."""
    high = within / _DEGREE_M * 1.001
    edge = abs(here.lat) + high
    wide = high / cos(radians(edge)) if edge < _POLAR else 180.0
    if wide >= 180:
        return replica.index.within(here.lat - high, here.lat + high, -180, 180, chosen)
    west, east = (here.lon - wide + 540) % 360 - 180, (here.lon + wide + 540) % 360 - 180
    return replica.index.within(here.lat - high, here.lat + high, west, east, chosen)


def _nearest_scope(replica: OpenReplica, here: Position) -> str | None:
    places = _around(replica, here, 5_000, Filter())
    nearest = min(places, key=lambda one: distance_m(here, Position(one.lat, one.lon)), default=None)
    if nearest is None:
        return None
    (scope,) = replica.file.one("SELECT scope FROM row WHERE id=?", (nearest.id,))
    return replica.scopes.name_of(scope)
