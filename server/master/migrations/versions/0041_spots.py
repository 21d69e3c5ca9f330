"""The spot of each outlet, so that a tile of the map is one range of an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from server.master.spots import spot_of
from sync.positions import Position

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_PAGE = 5_000
_OUTLETS = sa.table(
    "outlets", sa.column("id", sa.Uuid()), sa.column("position", sa.JSON()), sa.column("spot", sa.BigInteger())
)


def upgrade() -> None:
    """Take the step."""
    op.add_column("outlets", sa.Column("spot", sa.BigInteger(), nullable=True))
    put = sa.update(_OUTLETS).where(_OUTLETS.c.id == sa.bindparam("one")).values(spot=sa.bindparam("its"))
    for rows in _pages(op.get_bind()):
        placed = [{"one": row.id, "its": spot_of(Position(**row.position))} for row in rows if row.position]
        if placed:
            op.get_bind().execute(put, placed)
    columns = ["spot", "scope", "merged_into", "status", "grade", "outlet_class", "id"]
    op.create_index("ix_outlets_map", "outlets", columns)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_outlets_map", "outlets")
    with op.batch_alter_table("outlets") as table:
        table.drop_column("spot")


def _pages(bind: sa.Connection) -> Iterator[Any]:
    wanted = sa.select(_OUTLETS.c.id, _OUTLETS.c.position).order_by(_OUTLETS.c.id).limit(_PAGE)
    rows = bind.execute(wanted).all()
    while rows:
        yield rows
        rows = bind.execute(wanted.where(_OUTLETS.c.id > rows[-1].id)).all()
