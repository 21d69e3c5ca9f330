"""The typed tables beside the feed, for people, pages and SQL: one a collection, made from its declaration.

Ids, texts, numbers and instants are columns; anything composed is JSON with names. The feed stays the truth that
devices read; these rows are written in the same transaction.
"""

from __future__ import annotations

import types
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from msgspec import structs
from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.types import TypeEngine

from server.master.cells import cell_of
from server.master.partitions import BY_MONTH, MonthKey, by_month
from server.master.spots import spot_of
from server.master.tables import METADATA
from server.master.words import words_of
from sync.records import COLLECTIONS, Collection, Outlet, Record

__all__ = ["TYPED", "TYPED_NAMES", "typed_values"]

_SCALARS: tuple[tuple[type, TypeEngine[Any]], ...] = (
    (bool, Boolean()),
    (UUID, Uuid()),
    (int, BigInteger()),
    (float, Float()),
    (bytes, LargeBinary()),
    (str, Text()),
)
_INDEXED = {"outlet", "source_ref", "phone"}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _column_type(hint: Any) -> TypeEngine[Any]:
    bare = _without_none(hint)
    if isinstance(bare, type):
        for kind, column in _SCALARS:
            if issubclass(bare, kind):
                return column
    return JSON()


def _enumerated(one: Collection, table: Table) -> tuple[int, ...]:
    """Which places in a row hold a word of an enumeration."""
    hints = get_type_hints(one.type)
    bare = (_without_none(hints.get(column.name)) for column in table.columns)
    return tuple(at for at, hint in enumerate(bare) if isinstance(hint, type) and issubclass(hint, Enum))


def _table(one: Collection) -> Table:
    hints = get_type_hints(one.type)
    fields = [
        Column(name, _column_type(hints[name]), index=name in _INDEXED) for name in one.type.__struct_fields__[1:]
    ]
    name = "contacts_private" if one.name == "contact_private" else _plural(one.name)
    made = Table(
        name,
        METADATA,
        Column("id", Uuid, primary_key=True),
        Column("scope", BigInteger, nullable=False, index=True),
        Column("revision", BigInteger, nullable=False),
        *fields,
        *(_derived() if one.type is Outlet else []),
        *([MonthKey("id")] if name in BY_MONTH else []),
    )
    return by_month(made) if name in BY_MONTH else made


def _derived() -> list[Column[Any]]:
    """What the row of an outlet has besides its fields: its square, what it is found by, and its spot on a map."""
    return [Column("cell", BigInteger), Column("words", Text), Column("spot", BigInteger)]


def _plural(name: str) -> str:
    return (
        f"{name[:-1]}ies"
        if name.endswith("y") and name[-2] not in "aeiou"
        else f"{name}s"
        if name[-1] != "s"
        else f"{name}es"
    )


TYPED: dict[str, Table] = {one.name: _table(one) for one in COLLECTIONS.values()}
"""The typed table of each collection, by the collection's name."""

# What rules read when something arrives: a person's visits around a time, those that amend others, what was told.
Index(None, TYPED["visit"].c.staff, TYPED["visit"].c.started_at)
Index(None, TYPED["visit"].c.amends)
Index(None, TYPED["finding"].c.about)
# And which outlets were merged: few among many, and asked for whenever something is counted by outlet.
_MERGED = text("merged_into IS NOT NULL")
Index(None, TYPED["outlet"].c.merged_into, sqlite_where=_MERGED, postgresql_where=_MERGED)
# A new outlet is held against those near it, and against the ones without a place of the same scope; so is its code.
Index(None, TYPED["outlet"].c.cell, TYPED["outlet"].c.scope)
Index(None, TYPED["outlet"].c.code)
# What a manager has to decide on is counted and listed without looking at the rest (`server.master.waiting`).
_WAITING, _DOUBTFUL = text("review IN ('pending', 'questioned')"), text("state IN ('doubtful', 'accepted')")
Index("ix_outlets_waiting", TYPED["outlet"].c.registered_at, sqlite_where=_WAITING, postgresql_where=_WAITING)
_BY_SOMEBODY = text("registered_by IS NOT NULL")
Index("ix_outlets_registered", TYPED["outlet"].c.id, sqlite_where=_BY_SOMEBODY, postgresql_where=_BY_SOMEBODY)
Index("ix_findings_doubtful", TYPED["finding"].c.at, sqlite_where=_DOUBTFUL, postgresql_where=_DOUBTFUL)
# A tile of the map is one range of spots, and is read from this index alone.
Index(
    "ix_outlets_map",
    *(TYPED["outlet"].c[name] for name in ("spot", "scope", "merged_into", "status", "grade", "outlet_class", "id")),
)

# A page of the list of outlets is read from this index alone, whatever it is filtered by.
Index(
    "ix_outlets_listing",
    *(
        TYPED["outlet"].c[name]
        for name in (
            "words",
            "id",
            "scope",
            "outlet_class",
            "grade",
            "status",
            "review",
            "last_visit_at",
            "merged_into",
        )
    ),
)

TYPED_NAMES: dict[str, tuple[str, ...]] = {
    name: tuple(column.name for column in table.columns) for name, table in TYPED.items()
}
"""The columns of each typed table in the order of `typed_values`."""
_ENUMERATED = {name: _enumerated(COLLECTIONS[name], table) for name, table in TYPED.items()}


def typed_values(one: Collection, record: Record, scope: int, revision: int) -> tuple[Any, ...]:
    """The typed row of a record that stands in scope number `scope`; what is composed stays as it is. That
    of an outlet ends with the square in which it stands, what it is found by, and its spot on a map.
    """
    values = [*structs.astuple(record)]
    values[1:1] = scope, revision
    for at in _ENUMERATED[one.name]:
        value = values[at]
        values[at] = None if value is None else value.value
    if isinstance(record, Outlet):
        place = record.position
        values.append(None if place is None else cell_of(place))
        values.append(words_of(record.name, record.code, record.phone, record.address))
        values.append(None if place is None else spot_of(place))
    return tuple(values)
