"""Outlets near a place, and outlets with a code, are found without looking at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from server.master.cells import cell_of
from sync.positions import Position

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_PAGE = 5_000
_OUTLETS = sa.table(
    "outlets", sa.column("id", sa.Uuid()), sa.column("position", sa.JSON()), sa.column("cell", sa.BigInteger())
)


def upgrade() -> None:
    """Take the step."""
    op.add_column("outlets", sa.Column("cell", sa.BigInteger(), nullable=True))
    put = sa.update(_OUTLETS).where(_OUTLETS.c.id == sa.bindparam("one")).values(cell=sa.bindparam("its"))
    for rows in _pages(op.get_bind()):
        placed = [{"one": row.id, "its": cell_of(Position(**row.position))} for row in rows if row.position]
        if placed:
            op.get_bind().execute(put, placed)
    op.create_index("ix_outlets_cell_scope", "outlets", ["cell", "scope"])
    op.create_index("ix_outlets_code", "outlets", ["code"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_outlets_code", "outlets")
    op.drop_index("ix_outlets_cell_scope", "outlets")
    with op.batch_alter_table("outlets") as table:
        table.drop_column("cell")


def _pages(bind: sa.Connection) -> Iterator[Any]:
    wanted = sa.select(_OUTLETS.c.id, _OUTLETS.c.position).order_by(_OUTLETS.c.id).limit(_PAGE)
    rows = bind.execute(wanted).all()
    while rows:
        yield rows
        rows = bind.execute(wanted.where(_OUTLETS.c.id > rows[-1].id)).all()
