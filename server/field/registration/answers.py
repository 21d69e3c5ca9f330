"""An answer to a question of the review: whoever mends the outlet or its contacts after it was asked has answered, and
the registration waits for the manager again.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.master.store import Tx
from server.master.typed import TYPED
from sync.operations import Act
from sync.records import Contact, Review

__all__ = ["ANSWERS", "look"]

ANSWERS = frozenset({"outlet", "contact"})
"""The collections in which a question is answered."""
_OUTLETS, _FINDINGS = TYPED["outlet"], TYPED["finding"]


async def look(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Put questioned registrations that were mended since back before the manager; the scopes that changed."""
    when: dict[UUID, int] = {}
    for one in arrived:
        outlet = one.record.outlet if isinstance(one.record, Contact) else one.record.id
        when[outlet] = max(when.get(outlet, 0), one.arrival.happened)
    wanted = select(_OUTLETS.c.id).where(_OUTLETS.c.id.in_(when), _OUTLETS.c.review == Review.QUESTIONED)
    questioned = (await tx.execute(wanted)).scalars().all()
    if not questioned:
        return frozenset()
    asked_at = select(_FINDINGS.c.about, func.max(_FINDINGS.c.at).label("at")).where(_FINDINGS.c.about.in_(questioned))
    at = {row.about: row.at for row in await tx.execute(asked_at.group_by(_FINDINGS.c.about))}
    answered = [one for one in questioned if when[one] > at.get(one, 0)]
    asked = [Asked("outlet", {"review": Review.PENDING}, one, Act.EDIT) for one in answered]
    return (await carry_out(tx, ground.sources, asked)).changed if asked else frozenset()
