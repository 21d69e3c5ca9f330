"""An answer to a question of the review: whoever mends the outlet or its contacts, or adds a photo of it, after it was
asked has answered, and the registration waits for the manager again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync.operations import Act
from sync.records import Contact, Photo, Review, TaskStatus

__all__ = ["ANSWERS", "QUESTION", "close_questions", "look"]

ANSWERS = frozenset({"outlet", "contact", "photo"})
"""The collections in which a question is answered."""
QUESTION = "review_question"
"""The kind of the task that asks about a registration."""
_OUTLETS, _FINDINGS, _TASKS = TYPED["outlet"], TYPED["finding"], TYPED["task"]


async def look(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Put questioned registrations that were mended since back before the manager; the scopes that changed."""
    when: dict[UUID, int] = {}
    for one in arrived:
        if isinstance(one.record, Photo) and one.record.of != one.record.outlet:
            continue
        outlet = one.record.outlet if isinstance(one.record, (Contact, Photo)) else one.record.id
        when[outlet] = max(when.get(outlet, 0), one.arrival.happened)
    wanted = select(_OUTLETS.c.id).where(_OUTLETS.c.id.in_(when), _OUTLETS.c.review == Review.QUESTIONED)
    questioned = (await tx.execute(wanted)).scalars().all()
    if not questioned:
        return frozenset()
    asked_at = select(_FINDINGS.c.about, func.max(_FINDINGS.c.at).label("at")).where(_FINDINGS.c.about.in_(questioned))
    at = {row.about: row.at for row in await tx.execute(asked_at.group_by(_FINDINGS.c.about))}
    answered = [one for one in questioned if when[one] > at.get(one, 0)]
    asked = [Asked("outlet", {"review": Review.PENDING}, one, Act.EDIT) for one in answered]
    changed = (await carry_out(tx, ground.sources, asked)).changed if asked else frozenset[str]()
    return changed | await close_questions(tx, ground.sources, answered, TaskStatus.DONE)


async def close_questions(tx: Tx, sources: Sources, outlets: Collection[UUID], how: TaskStatus) -> frozenset[str]:
    """Close the open tasks that ask about these registrations; the scopes that changed."""
    still = _TASKS.c.status.in_((TaskStatus.OPEN, TaskStatus.STARTED))
    wanted = select(_TASKS.c.id).where(_TASKS.c.kind == QUESTION, _TASKS.c.outlet.in_(list(outlets)), still)
    ids = (await tx.execute(wanted)).scalars().all()
    asked = [Asked("task", {"status": how}, one, Act.EDIT) for one in ids]
    return (await carry_out(tx, sources, asked)).changed if asked else frozenset()
