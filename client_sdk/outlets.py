"""Outlets (终端): near me, by text, by id; registering and mending them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.alike import Lookalike
from client_sdk.errors import AlikeOutlets, InvalidInput
from client_sdk.given import a_page, a_place, check_weekdays, paged
from client_sdk.local.around import around
from client_sdk.local.index import Filter
from client_sdk.local.lookalikes import lookalikes
from client_sdk.local.opened import OpenReplica
from client_sdk.local.policies import policies_of
from client_sdk.writing import Desk
from sync import scopes
from sync.business.registration import FRONT, NO_CLASS, missing_of
from sync.policies.archive import REQUIRED
from sync.positions import Position, distance_m, to_wgs84
from sync.records import Contact, Cooperation, CreditTerms, Grade, Outlet, OutletStatus, Photo
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Nearby", "OnlyFields", "OutletFields", "Outlets"]


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

    def alike(
        self, name: str, *, position: Position | None = None, phone: str = "", outlet_class: str = ""
    ) -> list[Lookalike]:
        """Outlets of this phone that may be the one of this name, place and phone, and teasers of the pool at the same
        place, to be claimed rather than registered again; the surest first. Raises InvalidInput.
        """
        place = a_place(position, "position") if position is not None else None
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            return lookalikes(replica, name, place, phone, outlet_class)

    def register(
        self,
        *,
        name: str,
        territory: UUID | None = None,
        is_other: Iterable[UUID] = (),
        confirmed: bool = False,
        record: UUID | None = None,
        **fields: Unpack[OutletFields],
    ) -> Outlet:
        """Register a new outlet. `territory` may be left out when there is one, or one near the position; `record` is
        the id of one that was begun before.

        Outlets that look like it have to be looked at before: `is_other` names those (and teasers) that somebody says
        it is not; `confirmed` says so of all. Raises AlikeOutlets otherwise, InvalidInput, StorageFull.
        """
        check_weekdays(fields)
        with self._desk.device.serving() as replica:
            scope = self._territory(replica, territory, fields.get("position"))
            if not confirmed:
                self._desk.look(replica)
                self._check_alike(replica, name, fields, frozenset(is_other))
        return self._desk.create(Outlet, {"name": name, **fields}, scope, record=record)

    def required(self, outlet_class: str = NO_CLASS) -> tuple[str, ...]:
        """What a registration of a class has to have, for the form: fields, `contact`, `photo` (of the front)."""
        with self._desk.serving() as replica:
            return policies_of(replica).of(REQUIRED, outlet_class)

    def missing(self, outlet: UUID) -> tuple[str, ...]:
        """What the registration of an outlet is still missing. It may be registered so; the review asks for the rest.
        Raises NotFound.
        """
        seen = self.get(outlet)
        active = sum(one.active for one in self._desk.all(Contact, seen.id))
        has_front = any(one.kind == FRONT for one in self._desk.all(Photo, seen.id))
        with self._desk.serving() as replica:
            return missing_of(seen, active, has_front=has_front, policies=policies_of(replica))

    def _check_alike(self, replica: OpenReplica, name: Any, fields: Mapping[str, Any], other: frozenset[UUID]) -> None:
        """Values of the wrong type are left to the check of all fields."""
        position, phone = fields.get("position"), fields.get("phone", "")
        outlet_class = str(fields.get("outlet_class", ""))
        if not isinstance(name, str) or not isinstance(phone, str) or not isinstance(position, Position | None):
            return
        found = [one for one in lookalikes(replica, name, position, phone, outlet_class) if one.record.id not in other]
        if found:
            raise AlikeOutlets(found)

    def update(self, outlet: UUID, **fields: Unpack[_Named]) -> Outlet:
        """Change fields of an outlet. Raises InvalidInput, NotFound, StorageFull."""
        check_weekdays(fields)
        return self._desk.edit(Outlet, outlet, fields)

    def near(
        self, position: Position, page: int = 0, *, within: float = 500, size: int = 50, **only: Unpack[OnlyFields]
    ) -> list[Nearby]:
        """Outlets within so many metres, nearest first, page by page from 0. `only`: grade, outlet_class, status.
        Raises InvalidInput.
        """
        here = to_wgs84(a_place(position, "position"))
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            near = sorted(
                (metres, place.id)
                for place in around(replica.index, here, within, _filter(only))
                if (metres := distance_m(here, Position(place.lat, place.lon))) <= within
            )
            found = paged(near, page, size)
            seen = replica.rows.shown_by_number(number for _, number in found)
        return [Nearby(one, metres) for one, (metres, _) in zip(seen, found, strict=True) if isinstance(one, Outlet)]

    def search(self, text: str, page: int = 0, *, size: int = 50, **only: Unpack[OnlyFields]) -> list[Outlet]:
        """Outlets in which every word of `text` stands: name, address, phone, code, pinyin, a contact's name or phone.

        Page by page from 0. `only`: grade, outlet_class, status.
        """
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            numbers = replica.index.search(text, _filter(only), *a_page(page, size))
            return [one for one in replica.rows.shown_by_number(numbers) if isinstance(one, Outlet)]

    def list(self, page: int = 0, *, size: int = 50, **only: Unpack[OnlyFields]) -> list[Outlet]:
        """Outlets in the order of their names, page by page from 0. `only`: grade, outlet_class, status."""
        with self._desk.device.serving() as replica:
            self._desk.look(replica)
            numbers = replica.index.ordered(_filter(only), *a_page(page, size))
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


def _nearest_scope(replica: OpenReplica, here: Position) -> str | None:
    places = around(replica.index, here, 5_000, Filter())
    nearest = min(places, key=lambda one: distance_m(here, Position(one.lat, one.lon)), default=None)
    if nearest is None:
        return None
    (scope,) = replica.file.one("SELECT scope FROM row WHERE id=?", (nearest.id,))
    return replica.scopes.name_of(scope)
