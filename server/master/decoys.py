"""Decoys: outlets that nobody has, each in one replica only, so that a list that turns up says whose copy it was.

A decoy stands in a scope of its own, which one device is granted and no roster names; whatever people see of outlets
goes by rosters and pools, and what does not leaves these scopes out with `no_decoys`. No row is ever deleted.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, LargeBinary, String, Table, bindparam, select

from server.master.plans import small
from server.master.store import Tx
from server.master.tables import METADATA, scopes

__all__ = ["decoy_numbers", "decoys", "no_decoys", "scopes_of"]

_ID = LargeBinary(16)

decoy_numbers = Table(
    "decoy_numbers",
    METADATA,
    Column("number", String(30), primary_key=True),
    Column("added_at", BigInteger, nullable=False),
    Column("added_by", _ID, nullable=False),
)

_NUMBER = ForeignKey("decoy_numbers.number", name="fk_decoys_number_decoy_numbers")

decoys = Table(
    "decoys",
    METADATA,
    Column("number", String(30), _NUMBER, primary_key=True),
    Column("device", _ID, ForeignKey("devices.id", name="fk_decoys_device_devices"), nullable=False, index=True),
    Column("epoch", LargeBinary, nullable=False),
    Column("scope", BigInteger, ForeignKey("scopes.no", name="fk_decoys_scope_scopes"), nullable=False, index=True),
    Column("outlet", _ID, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("salt", _ID, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("position", BigInteger, nullable=False),
)
"""`commitment` is BLAKE2b-32 of (salt, body); it is entry `position` of the company's journal, from before the replica
was granted the scope.
"""


def no_decoys(scope: ColumnElement[int] | Column[int]) -> ColumnElement[bool]:
    """The condition that a column of scopes' numbers names none in which a decoy stands."""
    return scope.not_in(select(decoys.c.scope))


_SCOPES_OF = small(
    select(scopes.c.name)
    .join(decoys, decoys.c.scope == scopes.c.no)
    .where(decoys.c.device == bindparam("device"))
    .order_by(scopes.c.no)
)


async def scopes_of(tx: Tx, device: UUID) -> tuple[str, ...]:
    """The scopes in which a device's decoys stand."""
    return tuple((await tx.execute(_SCOPES_OF, {"device": device.bytes})).scalars())
