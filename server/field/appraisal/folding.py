"""The facts of the appraisal out of the journal alone: what each entry says is laid over what stood before.

Two times bound it. What archives, rosters and phases are is read up to the month's end; what happened in the month and
was handed in late (visits, verifications, what was found of them) up to the moment of reading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec

from server.field.appraisal.entries import Entry, Heads, entries, erased, heads_of, operation_in
from server.field.appraisal.facts import Archive, Facts, Met, Phase
from server.field.quarterly.verification import NOT_COUNTED
from server.identity.staff import Role
from server.identity.territories import Place
from server.master.actors import Authority
from server.master.standing import ends_of
from server.master.store import Tx
from sync.business.began import began_before
from sync.changes import Changes
from sync.codec import decode
from sync.operations import Act
from sync.policies import Policies
from sync.records import COLLECTIONS, Channel
from sync.scopes import ScopeKind, parse_scope

__all__ = ["PHASE_SET", "facts_of"]

PHASE_SET = "appraisal_phase"
"""The kind of the note that switches a territory's phase."""


@dataclass(slots=True)
class _Fold:
    """What was read so far. Of one reading several may be made, each with archives as they were at another time: they
    share what happened and what was found of it, which `first` takes for all.
    """

    state_until: int
    first: _Fold | None = None
    facts: Facts = field(default_factory=Facts)
    outlets: dict[UUID, list[Entry]] = field(default_factory=dict)
    visits: dict[UUID, tuple[Changes, UUID | None, int]] = field(default_factory=dict)
    amended: set[UUID] = field(default_factory=set)
    states: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    abouts: dict[UUID, UUID] = field(default_factory=dict)
    confirmed: dict[UUID, Changes] = field(default_factory=dict)
    people: dict[UUID, tuple[int, UUID, bool]] = field(default_factory=dict)
    fronts: dict[UUID, UUID] = field(default_factory=dict)
    keys: dict[UUID, tuple[int, str, str | None]] = field(default_factory=dict)
    places: dict[tuple[UUID, UUID], tuple[int, Place | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.first is not None:
            for name in ("visits", "amended", "states", "abouts", "confirmed"):
                setattr(self, name, getattr(self.first, name))

    def take(self, entry: Entry) -> None:
        """Lay one operation over what stood before."""
        if self.first is None if entry.collection in _EVIDENCE else entry.at <= self.state_until:
            _TAKES[entry.collection](self, entry)

    def outlet(self, entry: Entry) -> None:
        self.outlets.setdefault(entry.record, []).append(entry)

    def contact(self, entry: Entry) -> None:
        revision, outlet, is_there = self.people.get(entry.record, (0, UUID(int=0), True))
        if entry.change.outcome.revision < revision:
            return
        outlet = entry.changes.get("outlet", outlet)
        is_there = False if entry.act is Act.REMOVE else bool(entry.changes.get("active", is_there))
        self.people[entry.record] = (entry.change.outcome.revision, outlet, is_there)

    def photo(self, entry: Entry) -> None:
        if entry.act is Act.CREATE and entry.changes.get("kind") == "front":
            self.fronts[entry.record] = entry.changes["outlet"]

    def visit(self, entry: Entry) -> None:
        if entry.act is Act.CREATE:
            at = began_before(entry.change.outcome.at, entry.changes.get("duration_s"))
            self.visits[entry.record] = (entry.changes, entry.change.staff, at)
            if (old := entry.changes.get("amends")) is not None:
                self.amended.add(old)

    def _happened(self, visit: UUID) -> int:
        """When a visit was made, however late it was amended."""
        changes, _, at = self.visits[visit]
        while (amends := changes.get("amends")) in self.visits:
            changes, _, at = self.visits[amends]
        return at

    def verification(self, entry: Entry) -> None:
        if entry.act is Act.CREATE:
            self.confirmed[entry.record] = entry.changes
            if (old := entry.changes.get("amends")) is not None:
                self.amended.add(old)

    def finding(self, entry: Entry) -> None:
        if (about := entry.changes.get("about")) is not None:
            self.abouts[entry.record] = about
        about, revision = self.abouts.get(entry.record), entry.change.outcome.revision
        if about is not None and "state" in entry.changes and self.states.get(about, (0, ""))[0] <= revision:
            self.states[about] = (revision, entry.changes["state"])

    def policy(self, entry: Entry) -> None:
        revision, key, value = self.keys.get(entry.record, (0, "", None))
        if entry.change.outcome.revision < revision:
            return
        value = None if entry.act is Act.REMOVE else entry.changes.get("value", value)
        self.keys[entry.record] = (entry.change.outcome.revision, entry.changes.get("key", key), value)

    def note(self, scope: str, kind: str, body: dict[str, Any], at: int) -> None:
        """Rosters and phases."""
        parsed = parse_scope(scope)
        if parsed is None or parsed.kind is not ScopeKind.TERRITORY or parsed.of is None or at > self.state_until:
            return
        if kind in {"roster_joined", "roster_left"}:
            person = UUID(bytes=bytes(body["staff"]))
            before = self.places.get((parsed.of, person), (0, None))[1]
            place = None
            if kind == "roster_joined":
                place = Place(parsed.of, person, Role(body["role"]), body["private"], before.since if before else at)
            self.places[parsed.of, person] = (at, place)
        elif kind == PHASE_SET:
            self.facts.phases.setdefault(parsed.of, []).append((at, Phase(body["phase"])))

    def done(self) -> Facts:
        """All facts; what was said at a merged outlet is of the one that stands for it."""
        facts = self.facts
        facts.archives = {of: _archive(of, said) for of, said in self.outlets.items()}
        named = {of: one.fields.get("merged_into") for of, one in facts.archives.items()}
        into = ends_of({of: one for of, one in named.items() if one in facts.archives})

        def stands(outlet: UUID) -> UUID:
            return into.get(outlet, outlet)

        facts.visits = [
            Met(stands(changes["outlet"]), staff, self._happened(visit), self.states.get(visit, (0, ""))[1])
            for visit, (changes, staff, _) in self.visits.items()
            if visit not in self.amended and changes.get("channel", Channel.UNKNOWN) is Channel.UNKNOWN
        ]
        for one, changes in self.confirmed.items():
            if one not in self.amended and self.states.get(one, (0, ""))[1] != NOT_COUNTED:
                facts.verified.setdefault(stands(changes["outlet"]), set()).add(changes["quarter"])
        for _, where, is_there in self.people.values():
            outlet = stands(where)
            facts.contacts[outlet] = facts.contacts.get(outlet, 0) + is_there
        facts.fronts = set(map(stands, self.fronts.values()))
        facts.places = [place for _, place in self.places.values() if place is not None]
        for phases in facts.phases.values():
            phases.sort()
        texts = sorted((record, key, value) for record, (_, key, value) in self.keys.items() if value is not None)
        facts.policies = Policies({key: value for _, key, value in texts})
        return facts


_TAKES: dict[str, Callable[[_Fold, Entry], None]] = {
    "outlet": _Fold.outlet,
    "contact": _Fold.contact,
    "photo": _Fold.photo,
    "visit": _Fold.visit,
    "verification": _Fold.verification,
    "finding": _Fold.finding,
    "policy": _Fold.policy,
}
_EVIDENCE = frozenset({"visit", "verification", "finding"})


def _archive(of: UUID, said: list[Entry]) -> Archive:
    """One outlet after all that the journal says of it, in the order of its revisions and of time."""
    found = Archive(of)
    for one in sorted(said, key=lambda each: (each.change.outcome.revision, each.at)):
        _lay(found, one)
    return found


def _lay(found: Archive, one: Entry) -> None:
    parsed = parse_scope(one.change.operation.scope or "") if one.change.operation and one.act is Act.MOVE else None
    stands = parse_scope(one.scope) if one.act is not Act.MOVE else parsed
    if stands is not None:
        found.territory = stands.of if stands.kind is ScopeKind.TERRITORY else None
    found.gone = one.act is Act.REMOVE
    if one.act is Act.CREATE:
        is_reps = one.change.authority == Authority.REP
        found.registered_by = one.change.staff if is_reps else None
        rules = COLLECTIONS["outlet"].rules
        taken = {
            name: value for name, value in one.changes.items() if not is_reps or not rules[name].is_only_proposed(value)
        }
    else:
        before = decode(bytes(one.change.before), dict[str, msgspec.Raw])
        taken = {name: value for name, value in one.changes.items() if name in before}
    found.fields.update(taken)
    if found.approved_at is None and found.fields.get("review") == "approved":
        found.approved_at, found.approved_in = one.at, found.territory


async def facts_of(tx: Tx, state_untils: Sequence[int], until: int, heads: Heads | None = None) -> list[Facts]:
    """The facts as the journal has them, read once: archives as they were at each of `state_untils`, what was handed in
    up to `until`, all server milliseconds; of each chain up to `heads` (now). Two readings up to the same heads come to
    the same, whoever was writing meanwhile.
    """
    first = _Fold(state_untils[0])
    folds = [first, *(_Fold(one, first) for one in state_untils[1:])]
    async for at, scope, body in entries(tx, until, await heads_of(tx) if heads is None else heads):
        found = operation_in(at, scope, body)
        for fold in folds:
            if isinstance(found, Entry):
                fold.take(found)
            elif found is not None:
                fold.note(scope, found[0], found[1], at)
    gone = await erased(tx, until)
    return [replace(fold.done(), erased=gone) for fold in folds]
