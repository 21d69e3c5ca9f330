"""Merging two outlets that are one, and undoing it: a manager's acts, never a rule's.

The one that goes gets an alias, `merged_into`, and moves to the survivor's scope with all that stands at it. Nothing is
added up in the records, so that undoing it is exact: whoever reads sums over both. What phones that were offline still
change of the one that went is led to the survivor by the write path.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.merge_findings import tell_merged, tell_parted
from server.field.own_acts import Asked, carry_out
from server.field.questions import SAME_OUTLET, settle_pair
from server.field.tasks import drop_at
from server.master import merges
from server.master.decoys import no_decoys
from server.master.journal import Note, note
from server.master.merges import Merge
from server.master.scoping import lock_scopes, names
from server.master.standing import survivors
from server.master.store import Tx
from server.master.tables import records
from server.master.tables import scopes as scope_rows
from server.master.working import Held, Working, load
from server.ports import Sources
from sync.changes import SetChange, element_key, read_changes
from sync.errors import Refusal
from sync.operations import Act, changes_of
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Outlet
from sync.rules import Merge as How
from sync.rules import Writer
from sync.scopes import COMPANY, private_of

__all__ = ["CHOICES", "Came", "merge", "undo"]

_OUTLET = COLLECTIONS["outlet"]
_REVIEWED = frozenset({"review", "review_note", "source_ref", "merged_into"})
CHOICES = tuple(
    name
    for name, rule in _OUTLET.rules.items()
    if rule.merge in {How.LATEST, How.SET} and rule.write is not Writer.SERVER and name not in _REVIEWED
)
"""The fields of which the manager may choose whose value the survivor keeps."""
_OVER = ("review_question", "call_back", "trusted_visit", "second_face")
"""Kinds of tasks that rules give at what stands: those at the one that went are over, its survivor has its own."""


class Came(msgspec.Struct, frozen=True):
    """What came of merging or undoing: the merge, and the scopes that changed."""

    merge: Merge
    changed: frozenset[str]


async def merge(
    tx: Tx,
    sources: Sources,
    gone: UUID,
    survivor: UUID,
    *,
    reason: str,
    by: UUID | None = None,
    taken: Collection[str] = (),
) -> Came:
    """Merge `gone` into `survivor` (or into what that was merged into); the survivor takes over the fields in `taken`.

    Raises Refusal: `not_found` where either is no outlet, `bad_value` where they are one already, without a reason or
    for a field that cannot be taken over.
    """
    if not reason.strip():
        raise Refusal("bad_value", "merging takes a reason")
    if unknown := sorted(set(taken) - set(CHOICES)):
        raise Refusal("bad_value", f"{unknown[0]} cannot be taken over; {', '.join(CHOICES)} can")
    ends = await survivors(tx)
    survivor = ends.get(survivor, survivor)
    if gone in ends or gone == survivor:
        raise Refusal("bad_value", f"the outlet {gone} is merged already, or is the same one")
    work = await _locked(tx, gone, survivor)
    going, staying = _outlet(work, gone), _outlet(work, survivor)
    here, target = (work.scopes[work.held[one.bytes].scope].name for one in (gone, survivor))
    fields = {name: _taking(going, staying, name) for name in taken if getattr(going, name) != getattr(staying, name)}
    asked = [Asked("outlet", fields, survivor, Act.EDIT)] if fields else []
    asked += [Asked("outlet", {}, gone, Act.MOVE, target)] if here != target else []
    asked += [Asked("outlet", {"merged_into": survivor}, gone, Act.EDIT)]
    changed, revision = await _carried_out(tx, sources, asked, by)
    before = {name: _taking(staying, going, name) for name in fields}
    made = Merge(
        sources.new_id(), gone, survivor, here, sources.now(), by, reason.strip(), revision if fields else 0,
        bytes(changes_of(**before)),
    )  # fmt: skip
    await merges.keep(tx, made)
    await settle_pair(tx, SAME_OUTLET, gone, survivor, "merged", sources)
    body = {"gone": gone, "survivor": survivor, "from": here, "taken": sorted(fields), "by": by, "reason": made.reason}
    await note(tx, [Note(COMPANY, "outlets_merged", body)], sources.now(), sources.random)
    changed |= await drop_at(tx, sources, gone, _OVER)
    return Came(made, changed | await tell_merged(tx, sources, made, going, staying, target))


async def undo(
    tx: Tx, sources: Sources, gone: UUID, *, reason: str, by: UUID | None = None, to: str | None = None
) -> Came:
    """Take a merge back: the outlet stands for itself, in the scope where it was (or in `to`), with what stands at
    it; fields that the survivor took over go back unless somebody has changed them since.

    Raises Refusal: `not_found` where it is not merged, `unknown_scope` where its place has ended and `to` names none.
    """
    if not reason.strip():
        raise Refusal("bad_value", "undoing a merge takes a reason")
    made = await merges.find(tx, gone)
    if made is None:
        raise Refusal("not_found", f"the outlet {gone} is not merged into another")
    back = to or made.came_from
    work = await _locked(tx, gone, made.survivor, back)
    going = _outlet(work, gone)
    await _check_place(tx, back)
    asked = [Asked("outlet", {"merged_into": None}, gone, Act.EDIT)]
    if work.scopes[work.held[gone.bytes].scope].name != back:
        asked.append(Asked("outlet", {}, gone, Act.MOVE, back))
    fields = _given_back(work.held.get(made.survivor.bytes), made)
    if fields:
        asked.append(Asked("outlet", fields, made.survivor, Act.EDIT))
    changed, _ = await _carried_out(tx, sources, asked, by)
    await merges.close(tx, made.id, sources.now(), by, reason.strip())
    await settle_pair(tx, SAME_OUTLET, gone, made.survivor, "not", sources)
    body = {"gone": gone, "survivor": made.survivor, "to": back, "given_back": sorted(fields), "by": by}
    await note(tx, [Note(COMPANY, "merge_undone", body | {"reason": reason.strip()})], sources.now(), sources.random)
    return Came(made, changed | await tell_parted(tx, sources, going, back, reason.strip(), by))


async def _locked(tx: Tx, gone: UUID, survivor: UUID, *more: str) -> Working:
    """Both outlets, read under the locks of their scopes."""
    ids = [gone.bytes, survivor.bytes]
    stand = select(records.c.scope).where(records.c.record.in_(ids), no_decoys(records.c.scope))
    places = set((await names(tx, (await tx.execute(stand)).scalars().all())).values()) | set(more)
    locked = await lock_scopes(tx, {COMPANY, *places, *map(private_of, places)})
    work = await load(tx, ids, (), locked)
    if any(one.scope not in locked for one in work.held.values()):
        raise Refusal("not_found", "there is no such outlet, or it is on the move: look again")
    return work


def _outlet(work: Working, outlet: UUID) -> Outlet:
    held = work.get(outlet)
    if held is None or not isinstance(held.record, Outlet):
        raise Refusal("not_found", f"there is no outlet {outlet}")
    return held.record


def _taking(going: Outlet, staying: Outlet, name: str) -> Any:
    value = getattr(going, name)
    if _OUTLET.rule(name).merge is not How.SET:
        return value
    kept = {element_key(one) for one in value}
    return SetChange(value, tuple(key for one in getattr(staying, name) if (key := element_key(one)) not in kept))


def _given_back(held: Held | None, made: Merge) -> dict[str, Any]:
    """The fields that still stand as the merge left them, as they were before it."""
    if held is None or not isinstance(held.record, Outlet) or not made.revision:
        return {}
    before, given = read_changes(_OUTLET, made.before), dict[str, Any]()
    for name, value in before.items():
        if isinstance(value, SetChange) or held.marks.of(name).revision == made.revision:
            given[name] = value
    return given


async def _check_place(tx: Tx, name: str) -> None:
    wanted = select(scope_rows.c.ended).where(scope_rows.c.name == name)
    if (await tx.execute(wanted)).scalar_one_or_none() is not False:
        raise Refusal("unknown_scope", f"{name} has ended or never was: say where the outlet is to go")


async def _carried_out(tx: Tx, sources: Sources, asked: list[Asked], by: UUID | None) -> tuple[frozenset[str], int]:
    """Do all of it or nothing; what changed, and the revision that the first came to. Raises Refusal."""
    applied = await carry_out(tx, sources, asked, by=by)
    for outcome in applied.outcomes:
        if outcome.code is OutcomeCode.REFUSED:
            raise Refusal(outcome.reason, outcome.detail)
    return applied.changed, applied.outcomes[0].revision
