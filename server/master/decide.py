"""Whether an operation may be done at all: rights, places, fields. Every refusal is decided here, before any write.

A record outside the actor's scopes is answered like one that does not exist: nobody learns of it by asking.
"""

from __future__ import annotations

from uuid import UUID

from server.master.actors import Actor, Authority
from server.master.drafts import Ready, place_of
from server.master.scoping import ScopeState
from server.master.working import Held, Working
from sync.changes import Changes
from sync.errors import Refusal
from sync.operations import Act
from sync.permissions import FIELDS, PERMISSIONS, Cell, Who
from sync.records import COLLECTIONS, Collection, Home, Record
from sync.scopes import ScopeKind, parse_scope, private_of

__all__ = [
    "amended",
    "check_alias",
    "check_fields",
    "check_references",
    "existing",
    "home_of",
    "led",
    "may_create",
    "may_edit",
    "may_remove",
    "target_of",
]

_NAMED_PLACES = {
    "outlet": frozenset({ScopeKind.TERRITORY, ScopeKind.POOL}),
    "sweep": frozenset({ScopeKind.TERRITORY}),
    "teaser": frozenset({ScopeKind.TEASERS}),
}
_TARGETS = {
    "outlet": frozenset({ScopeKind.TERRITORY, ScopeKind.POOL}),
    "task": frozenset({ScopeKind.STAFF}),
}
_PLACES = {Home.STAFF: frozenset({ScopeKind.STAFF}), Home.COMPANY: frozenset({ScopeKind.COMPANY})}


def _refused(one: Collection, who: Who, *, makes: bool) -> frozenset[str]:
    """The fields of a collection that are not somebody's to write."""
    refused = {Cell.REFUSED} if makes else {Cell.REFUSED, Cell.MAKING}
    return frozenset(name for name, rule in one.rules.items() if FIELDS[rule.write][who] in refused)


_REFUSED = {
    (name, who, makes): _refused(one, who, makes=makes)
    for name, one in COLLECTIONS.items()
    for who in Who
    for makes in (False, True)
}


def check_fields(one: Collection, changes: Changes, actor: Actor, *, makes: bool = False) -> None:
    """Refuse fields that are not the actor's to write, in a record that the actor makes or in one that stands."""
    refused = _REFUSED[one.name, _who(actor), makes]
    for name in changes:
        if name in refused:
            raise Refusal("not_yours", f"the field {name} of {one.name} is not yours to write")


def may_create(one: Collection, actor: Actor) -> None:
    """Refuse making records of a collection that the actor does not make."""
    if not _may(one, Act.CREATE, actor):
        raise Refusal("not_yours", f"records of {one.name} are not yours to make")


def may_edit(one: Collection, actor: Actor) -> None:
    """Refuse editing what is never changed, or not by this actor."""
    if one.append_only:
        raise Refusal("never_changed", f"a record of {one.name} is never changed; log an amendment")
    if not _may(one, Act.EDIT, actor):
        raise Refusal("not_yours", f"records of {one.name} are not yours to edit")


def may_remove(one: Collection, actor: Actor) -> None:
    """Refuse removing what is not the actor's to remove: only rules take away what is never changed, or theirs."""
    if _may(one, Act.REMOVE, actor):
        return
    if one.append_only and actor.rights.decides:
        raise Refusal("never_changed", f"a record of {one.name} is never removed; log an amendment")
    raise Refusal("not_yours", f"records of {one.name} are not yours to remove")


def _may(one: Collection, act: Act, actor: Actor) -> bool:
    return PERMISSIONS[one.name].allows(act, _who(actor))


_WHO = {one: Who(one) for one in Authority}


def _who(actor: Actor) -> Who:
    return _WHO[actor.rights.authority]


def existing(work: Working, ready: Ready, actor: Actor) -> tuple[Held, Record]:
    """The record that an operation is about, within the actor's reach, with its content."""
    operation = ready.operation
    held = work.get(operation.record)
    if held is None or held.collection is not ready.collection or not _reaches(work, held, actor):
        raise Refusal("record_unknown", f"no {operation.collection} {operation.record} in your part")
    if held.record is None:
        raise Refusal("record_gone", f"{operation.collection} {operation.record} has been removed")
    return held, held.record


def led(work: Working, ready: Ready, held: Held, actor: Actor) -> Held:
    """The record that an edit goes to: an outlet's survivor, where it was merged while somebody was offline. The server
    itself means the record that it names.
    """
    if held.alias_of is None or actor.rights.authority is Authority.SERVER:
        return held
    end = work.end_of(held.id)
    if end is None or end.record is None or not _reaches(work, end, actor):
        raise Refusal("record_gone", f"{ready.operation.collection} {ready.operation.record} was merged into another")
    return end


def check_alias(work: Working, ready: Ready, held: Held) -> None:
    """Refuse to merge an outlet into what cannot stand for it: both stand in one scope, and the other is no alias."""
    into = work.get(ready.changes["merged_into"])
    if ready.changes["merged_into"] is None:
        return
    if into is None or into.record is None or into.collection is not held.collection or into.scope != held.scope:
        raise Refusal("record_unknown", f"no outlet {ready.changes['merged_into']} beside {ready.operation.record}")
    if into.id == held.id or into.alias_of is not None or held.alias_of is not None:
        raise Refusal("bad_value", f"{ready.operation.record} or {ready.changes['merged_into']} is merged already")


def _reaches(work: Working, held: Held, actor: Actor) -> bool:
    return actor.rights.covers(work.scopes[held.scope].name)


def _scope(work: Working, name: str | None, actor: Actor) -> ScopeState:
    state = work.by_name.get(name or "")
    if state is None or not actor.rights.covers(state.name):
        raise Refusal("unknown_scope", f"there is no scope {name} for you")
    return state


def home_of(work: Working, ready: Ready, actor: Actor) -> ScopeState:
    """The scope where a new record stands."""
    one = ready.collection
    if one.home is Home.OUTLET or one.home is Home.PRIVATE:
        name = _scope_of_outlet(work, ready, actor)
        return _scope(work, private_of(name) if one.home is Home.PRIVATE else name, actor)
    name = place_of(ready, actor)
    parsed = parse_scope(name)
    if parsed is None or parsed.kind not in _places(one, actor):
        raise Refusal("unknown_scope", f"a record of {one.name} does not stand in {name or 'no scope'}")
    return _scope(work, name, actor)


def _places(one: Collection, actor: Actor) -> frozenset[ScopeKind]:
    """Where records of a collection may be made: the server may put an outlet where no roster names it."""
    named = _NAMED_PLACES.get(one.name) or _PLACES[one.home]
    is_hidden = one.name == "outlet" and actor.rights.authority is Authority.SERVER
    return named | {ScopeKind.PRIVATE} if is_hidden else named


def _scope_of_outlet(work: Working, ready: Ready, actor: Actor) -> str:
    named = ready.changes.get("outlet")
    outlet = work.get(named)
    if outlet is None or outlet.collection.name != "outlet" or not _reaches(work, outlet, actor):
        raise Refusal("record_unknown", f"no outlet {named} in your part")
    if outlet.record is None:
        raise Refusal("record_gone", f"the outlet {named} has been removed")
    return work.scopes[outlet.scope].name


def target_of(work: Working, ready: Ready, actor: Actor) -> ScopeState:
    """Where a moved record goes: only who decides may move. What stands at an outlet moves with it and never alone."""
    operation = ready.operation
    if not _may(ready.collection, Act.MOVE, actor):
        raise Refusal("not_yours", f"moving records of {operation.collection} is not yours")
    parsed = parse_scope(operation.scope or "")
    if parsed is None or parsed.kind not in _TARGETS[operation.collection]:
        raise Refusal("unknown_scope", f"no {operation.collection} goes to {operation.scope}")
    return _scope(work, parsed.name, actor)


def check_references(work: Working, ready: Ready, home: ScopeState) -> None:
    """Refuse a new record that names one which stands elsewhere: what belongs to an outlet goes where it goes, and
    outlets that were merged are one. What a person opened stands with the person, whatever has become of it since,
    and tells nothing of it.
    """
    if ready.collection.home is Home.STAFF:
        return
    outlet = ready.changes.get("outlet")
    person, about = ready.changes.get("contact"), ready.changes.get("of")
    if person is not None and not _is_at(work, work.get(person), outlet, "contact"):
        raise Refusal("record_unknown", f"no contact {person} at this outlet")
    if about is None:
        return
    found = work.get(about)
    if found is None or found.record is None or found.scope != home.no:
        raise Refusal("record_unknown", f"no record {about} at this outlet")
    if about != outlet and not _is_at(work, found, outlet):
        raise Refusal("record_unknown", f"no record {about} at this outlet")


def _is_at(work: Working, held: Held | None, outlet: UUID | None, name: str | None = None) -> bool:
    if held is None or held.record is None or outlet is None:
        return False
    if held.outlet != outlet.bytes:
        here, there = work.end_of(outlet.bytes), work.end_of(held.outlet)
        if here is None or here is not there:
            return False
    return name is None or held.collection.name == name


def amended(work: Working, ready: Ready, actor: Actor, home: ScopeState) -> Held | None:
    """The record that a new one in `home` amends: the actor's own, or anybody's for who decides; at the same place,
    and each amended once.
    """
    named, outlet = ready.changes.get("amends"), ready.changes.get("outlet")
    if named is None:
        return None
    old = work.get(named)
    if old is None or old.collection is not ready.collection or old.record is None or not _reaches(work, old, actor):
        raise Refusal("amends_unknown", f"no {ready.collection.name} {named} in your part")
    if old.scope != home.no or old.outlet != (outlet.bytes if outlet else None):
        raise Refusal("amends_unknown", f"the {ready.collection.name} {named} was at another place")
    if not actor.rights.decides and old.staff != (actor.staff.bytes if actor.staff else None):
        raise Refusal("amends_unknown", "a record of somebody else is theirs to amend")
    if "amended" in old.marks.fields:
        raise Refusal("already_amended", f"{named} was amended before")
    return old
