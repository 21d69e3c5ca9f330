"""Good practice (好的销售方法): asked for now and then, reviewed, shared with everybody, made steps of a checklist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.arrived import Arrived
from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.policies import policies_of, set_policy
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.rosters import teams
from server.master.actors import Authority
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.scoping import lock_places, lock_scopes, names, numbers
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.policies.care import CHECKLIST, PRACTICE_DAYS
from sync.records import Practice, Review, TaskStatus
from sync.scopes import parse_scope

__all__ = ["WRITTEN", "Written", "add_step", "approve", "ask", "hear", "listed", "refuse"]

WRITTEN = "practice_written"
"""The kind of the matter about practice that waits for review."""
TASK = "practice"
_PRACTICES, _TASKS = TYPED["practice"], TYPED["task"]
_WEEK = timedelta(days=7)


class Written(msgspec.Struct, frozen=True):
    """One practice with its author; `at` server milliseconds."""

    id: UUID
    staff: UUID | None
    title: str
    body: str
    purpose: str
    review: str
    at: int | None


async def ask(tx: Tx, ground: Ground) -> frozenset[str]:
    """Ask each rep and service person on a roster who was not asked for so many days."""
    every = timedelta(days=ground.policies.of(PRACTICE_DAYS))
    people = {one for team in (await teams(tx)).values() for one in _working(team.owner, team.partners, team.service)}
    active = sorted(one.id for one in await staff.everybody(tx) if one.is_active and one.id in people)
    last = await _asked(tx, active)
    due = str(ground.today + _WEEK)
    wanted = [
        (one, Wanted(TASK, None, "写一个好做法 · Write up good practice", due=due))
        for one in active
        if one not in last or ground.today >= last[one] + every
    ]
    return (await give(tx, ground.sources, wanted))[1]


def _working(owner: UUID | None, *parts: Sequence[UUID]) -> list[UUID]:
    return [*([owner] if owner else []), *(one for part in parts for one in part)]


async def _asked(tx: Tx, people: Sequence[UUID]) -> dict[UUID, date]:
    """The day on which each was asked last: a week before what the task names."""
    named = {scopes.staff(one): one for one in people}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    wanted = select(_TASKS.c.scope, _TASKS.c.due).where(_TASKS.c.kind == TASK, _TASKS.c.scope.in_(whose))
    found: dict[UUID, date] = {}
    for row in await tx.execute(wanted.where(_TASKS.c.due.is_not(None))):
        day = date.fromisoformat(row.due) - _WEEK
        found[whose[row.scope]] = max(day, found.get(whose[row.scope], day))
    return found


async def hear(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """What was written comes before a manager, and the request for it is done."""
    asked: list[Asked] = []
    for one in arrived:
        record, by = one.record, one.arrival.staff
        if not isinstance(record, Practice) or record.review is not Review.PENDING or by is None:
            continue
        en = f"Good practice was written up: {record.title}. `saojie practices list`"
        zh = f"有人写了好做法：{record.title}。saojie practices list"
        await bring_up(tx, Matter(WRITTEN, record.id, en, zh, by), ground.sources)
        scope = (await numbers(tx, [scopes.staff(by)])).get(scopes.staff(by))
        still = select(_TASKS.c.id).where(_TASKS.c.kind == TASK, _TASKS.c.scope == scope)
        still = still.where(_TASKS.c.status.in_((TaskStatus.OPEN, TaskStatus.STARTED)))
        fields = {"status": TaskStatus.DONE, "answer": record.title}
        asked += [Asked("task", fields, each, Act.EDIT) for each in (await tx.execute(still)).scalars()]
    return (await carry_out(tx, ground.sources, asked)).changed


async def listed(tx: Tx, review: Review | None = Review.PENDING) -> list[Written]:
    """Practices in a state (None: all), the oldest first."""
    wanted = select(_PRACTICES).order_by(_PRACTICES.c.id)
    if review is not None:
        wanted = wanted.where(_PRACTICES.c.review == review)
    rows = (await tx.execute(wanted)).all()
    return [Written(row.id, row.staff, row.title, row.body, row.purpose, row.review, row.at) for row in rows]


async def _find(tx: Tx, practice: UUID) -> tuple[Written, UUID]:
    row = (await tx.execute(select(_PRACTICES).where(_PRACTICES.c.id == practice))).first()
    if row is None:
        raise Refusal("not_found", f"there is no practice {practice}")
    parsed = parse_scope((await names(tx, [row.scope]))[row.scope])
    author = row.staff or (parsed.of if parsed is not None else None)
    if author is None:
        raise Refusal("not_found", f"nobody wrote the practice {practice}")
    return Written(row.id, row.staff, row.title, row.body, row.purpose, row.review, row.at), author


async def _to_decide(tx: Tx, practice: UUID) -> tuple[Written, UUID]:
    """The practice with its author, read after whoever else decides on it."""
    await lock_places(tx, [practice])
    found, author = await _find(tx, practice)
    if found.review == Review.APPROVED:
        raise Refusal("record_exists", "it is shared already")
    return found, author


async def approve(tx: Tx, practice: UUID, sources: Sources, *, by: UUID) -> frozenset[str]:
    """Approve it: everybody reads it as a notice, with its author's name. Raises Refusal where it is shared already."""
    found, author = await _to_decide(tx, practice)
    person = await staff.find(tx, author)
    name = person.name if person is not None else ""
    notice = {"title": f"好做法：{found.title}"[:120], "body": f"{found.body}\n\n—— {name}"[:4000]}
    asked = [
        Asked("practice", {"review": Review.APPROVED}, practice, Act.EDIT),
        Asked("notice", notice, scope=scopes.COMPANY),
    ]
    changed = (await carry_out(tx, sources, asked, by=by, authority=Authority.MANAGER)).changed
    changed |= await tell(tx, sources, [Found(author, practice, "practice", "approved")])
    await settle_matter(tx, WRITTEN, practice, "approved", sources, by)
    return changed


async def refuse(tx: Tx, practice: UUID, reason: str, sources: Sources, *, by: UUID) -> frozenset[str]:
    """Refuse it with a reason, which the author reads. Raises Refusal without one, or where it is shared already."""
    if not reason.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    _, author = await _to_decide(tx, practice)
    fields = {"review": Review.REFUSED, "review_note": reason.strip()}
    asked = [Asked("practice", fields, practice, Act.EDIT)]
    changed = (await carry_out(tx, sources, asked, by=by, authority=Authority.MANAGER)).changed
    changed |= await tell(tx, sources, [Found(author, practice, "practice", "refused", note=reason.strip())])
    await settle_matter(tx, WRITTEN, practice, reason, sources, by)
    return changed


async def add_step(tx: Tx, purpose: str, step: str, sources: Sources, by: UUID | None = None) -> frozenset[str]:
    """Add a step to the checklist of a visit's purpose. Raises Refusal for a comma, more than 60 characters, and what
    is in it already.
    """
    step = step.strip()
    if not 0 < len(step) <= 60 or "," in step:
        raise Refusal("bad_value", "a step has 1 to 60 characters and no comma")
    await lock_scopes(tx, [scopes.COMPANY])
    before = (await policies_of(tx)).of(CHECKLIST, purpose)
    if step in before:
        raise Refusal("record_exists", f"the checklist of {purpose} has that step")
    return await set_policy(tx, f"checklist_{purpose}", ",".join((*before, step)), sources, by)
