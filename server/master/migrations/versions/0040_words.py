"""Outlets are found by a part of their name, its sound, their code, phone or address, and listed from one index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from server.master.words import words_of

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_PAGE = 5_000
_SAID = ("name", "code", "phone", "address")
_OUTLETS = sa.table(
    "outlets", sa.column("id", sa.Uuid()), sa.column("words", sa.Text()), *(sa.column(one, sa.Text()) for one in _SAID)
)
_LISTED = ["words", "id", "scope", "outlet_class", "grade", "status", "review", "last_visit_at", "merged_into"]


def upgrade() -> None:
    """Take the step."""
    op.add_column("outlets", sa.Column("words", sa.Text(), nullable=True))
    put = sa.update(_OUTLETS).where(_OUTLETS.c.id == sa.bindparam("one")).values(words=sa.bindparam("its"))
    for rows in _pages(op.get_bind()):
        op.get_bind().execute(
            put, [{"one": row.id, "its": words_of(row.name, row.code, row.phone, row.address)} for row in rows]
        )
    op.create_index("ix_outlets_listing", "outlets", _LISTED)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_outlets_listing", "outlets")
    with op.batch_alter_table("outlets") as table:
        table.drop_column("words")


def _pages(bind: sa.Connection) -> Iterator[Any]:
    wanted = sa.select(_OUTLETS.c.id, *(_OUTLETS.c[one] for one in _SAID)).order_by(_OUTLETS.c.id).limit(_PAGE)
    rows = bind.execute(wanted).all()
    while rows:
        yield rows
        rows = bind.execute(wanted.where(_OUTLETS.c.id > rows[-1].id)).all()
