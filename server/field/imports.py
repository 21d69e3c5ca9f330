"""Importing a dealer's list: what a plan found is written through the one write path, like anybody's work.

Good rows are in, bad rows come back, and the same file again changes nothing: what each source said last is kept, so
an import never takes back what a rep has mended in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.credit.beyond import Longer, ask_about_terms, within
from server.field.intake.drafts import Draft, Facts, Rejected
from server.field.intake.duplicates import Finding, Kind, Plan, Stored, Tally, match, tally, turned_back
from server.field.intake.prepare import Prepared
from server.field.intake.reasons import Reason
from server.field.intake.records import contact_fields, facts_of, outlet_fields
from server.field.policies import policies_of
from server.field.questions import SAME_OUTLET, ask, pair
from server.identity.territories import all_pools, all_territories
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.decoys import no_decoys
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.tables import feed, listed, records
from server.master.upserts import upsert
from server.master.write import apply
from server.ports import REAL, Sources
from sync import scopes
from sync.clock import Bounds, Moment, Stamp
from sync.codec import decode, encode, unpack
from sync.operations import Act, Operation, changes_of
from sync.outcomes import Outcome, OutcomeCode
from sync.policies.trade import CREDIT_DAYS
from sync.records import COLLECTIONS, Contact, CreditTerms, Outlet, Review

__all__ = ["Foreseen", "Imported", "foresee", "import_list"]

_BATCH = 250
_NEVER = Stamp(0)
_NOBODY = Actor(bytes(16), Rights(Authority.MANAGER), scopes.COMPANY)


class Imported(msgspec.Struct, frozen=True):
    """What an import came to. `rejected` holds every row that comes back; `changed` are scope names, `beyond` outlets
    for which the list says credit that runs longer than it may.
    """

    tally: Tally
    rejected: tuple[Rejected, ...]
    questions: int
    changed: frozenset[str]
    beyond: int = 0


class _Known(msgspec.Struct, frozen=True):
    """One outlet of the store as an import compares it."""

    outlet: Outlet
    contact: Contact | None
    revision: int
    contact_revision: int


@dataclass(slots=True)
class _Import:
    """One import in progress. `into` leads from merged outlets to those that stand for them, `most` is for how many
    days credit may run; `beyond` has by row what was to run longer, and `inquiry` is the matter about it.
    """

    sources: Sources
    actor: Actor
    known: Mapping[UUID, _Known]
    into: Mapping[UUID, UUID]
    most: int
    inquiry: UUID
    number: int = 0
    last: Stamp = _NEVER
    made: dict[int, UUID] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    beyond: dict[int, Longer] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def submission(self, act: Act, collection: str, record: UUID, **given: Any) -> Submission:
        """The next operation of this import."""
        self.number += 1
        now = self.sources.now()
        base, scope = given.pop("base", 0), given.pop("scope", None)
        moment = Moment("import", now, now)
        operation = Operation(self.sources.new_id(), act, collection, record, base, moment, scope, changes_of(**given))
        return Submission(self.number, encode(operation), Bounds(now, now, now), operation)

    def in_store(self, row: int) -> UUID | None:
        """The outlet that was made of a row; None where there is none."""
        return None if row in self.refused else self.made.get(row)

    def listed(self, record: UUID, draft: Draft) -> None:
        """Keep what the list said of a record."""
        said = encode(draft.facts)
        self.rows.append({"record": record.bytes, "source": draft.source, "said": said, "at": self.sources.now()})

    def new(self, finding: Finding, scope: str) -> list[Submission]:
        """The operations that make a new outlet, with its main contact."""
        draft = finding.draft
        record = self.made[draft.row] = self.sources.new_id()
        person = contact_fields(draft.facts)
        contact = self.sources.new_id() if person else None
        fields = self._fields(draft) | ({"main_contact": contact} if contact else {})
        self.listed(record, draft)
        made = [self.submission(Act.CREATE, "outlet", record, scope=scope, review=Review.APPROVED, **fields)]
        if contact is not None:
            made.append(self.submission(Act.CREATE, "contact", contact, outlet=record, **person))
        return made

    def change(self, finding: Finding) -> list[Submission]:
        """The operations that bring an outlet to what the list says now: only the fields that the list changed. Of one
        that was merged it is the one that stands for it.
        """
        if finding.of is None:
            return []
        outlet, draft = self.into.get(finding.of, finding.of), finding.draft
        stands = self.known[outlet]
        self.listed(finding.of, draft)
        wanted = _record_fields(finding.fields)
        given = self._fields(_changes_of(draft, finding.fields), stands.outlet)
        fields = {name: value for name, value in given.items() if name in wanted}
        changes = []
        if fields:
            changes.append(self.submission(Act.EDIT, "outlet", outlet, base=stands.revision, **fields))
        return changes + self._change_contact(finding, self.known[finding.of])

    def _fields(self, draft: Draft, before: Outlet | None = None) -> dict[str, Any]:
        """The outlet's fields that a draft gives, with credit that runs no longer than it may."""
        fields = outlet_fields(draft, before)
        wanted: CreditTerms | None = fields.get("credit")
        if wanted is not None:
            fields["credit"] = given = within(wanted, before.credit if before else None, self.most)
            if given != wanted and draft.facts.credit_days is not None:
                self.beyond[draft.row] = Longer(draft.facts.name, wanted.days, given.days)
        return fields

    def _change_contact(self, finding: Finding, known: _Known) -> list[Submission]:
        person = contact_fields(finding.draft.facts)
        if not person or not _CONTACT.intersection(finding.fields):
            return []
        if known.contact is None:
            return [self.submission(Act.CREATE, "contact", self.sources.new_id(), outlet=known.outlet.id, **person)]
        return [self.submission(Act.EDIT, "contact", known.contact.id, base=known.contact_revision, **person)]


_CONTACT = frozenset({"contact_name", "contact_role", "contact_phones"})
_FIELD_OF = {
    "phones": "phone",
    "since": "cooperation",
    "level": "cooperation",
    "terms": "cooperation",
    "credit_limit": "credit",
    "credit_days": "credit",
}


def _changes_of(draft: Draft, names: Sequence[str]) -> Draft:
    """A draft that says only these fields, besides the name: parts of a field that it does not say stay as they are."""
    said = {name: getattr(draft.facts, name) for name in {"name", *names}}
    return msgspec.structs.replace(draft, facts=Facts(**said))


def _record_fields(names: Iterable[str]) -> set[str]:
    return {_FIELD_OF.get(name, name) for name in names}


async def _known(tx: Tx) -> dict[UUID, _Known]:
    """All outlets of the store with their main contacts."""
    tags = (COLLECTIONS["outlet"].tag, COLLECTIONS["contact"].tag)
    place = (feed.c.scope == records.c.scope) & (feed.c.record == records.c.record)
    rows = await tx.execute(
        select(feed.c.packed, feed.c.revision)
        .select_from(records.join(feed, place))
        .where(records.c.tag.in_(tags), feed.c.packed.is_not(None), no_decoys(records.c.scope))
    )
    found = [(unpack(bytes(row.packed)), row.revision) for row in rows]
    contacts = {one.id: (one, revision) for one, revision in found if isinstance(one, Contact)}
    return {one.id: _Known(one, *_main(one, contacts, revision)) for one, revision in found if isinstance(one, Outlet)}


def _main(
    outlet: Outlet, contacts: Mapping[UUID, tuple[Contact, int]], revision: int
) -> tuple[Contact | None, int, int]:
    found = contacts.get(outlet.main_contact) if outlet.main_contact else None
    if found is None or found[0].outlet != outlet.id:
        return None, revision, 0
    return found[0], revision, found[1]


async def _stored(tx: Tx, known: Mapping[UUID, _Known]) -> list[Stored]:
    said = {UUID(bytes=bytes(row.record)): row for row in await tx.execute(select(listed))}
    found = []
    for record, one in known.items():
        row = said.get(record)
        source = row.source if row is not None else one.outlet.source_ref
        before = decode(bytes(row.said), Facts) if row is not None else None
        found.append(Stored(record, source, facts_of(one.outlet, one.contact), before))
    return found


async def import_list(
    store: Store,
    prepared: Prepared,
    sources: Sources,
    *,
    default: str | None = None,
    staff: UUID | None = None,
    progress: Callable[[int], object] | None = None,
) -> Imported:
    """Write a prepared list into the store. `default` is the scope of rows that name no territory or pool.

    `staff` is who imports. `progress` is told the number of rows that are written.
    """
    async with store.read() as tx:
        known, into = await _known(tx), await survivors(tx)
        most = (await policies_of(tx)).of(CREDIT_DAYS)
        existing, places = await _stored(tx, known), await _places(tx)
    plan = match(prepared.harvest.drafts, existing)
    actor = Actor(sources.random(16), Rights(Authority.MANAGER), scopes.COMPANY, staff)
    work = _Import(sources, actor, known, into, most, sources.new_id())
    placed, lost = _placed(plan, places, default)
    for at in range(0, len(placed), _BATCH):
        await _write(store, work, placed[at : at + _BATCH])
        if progress is not None:
            progress(min(at + _BATCH, len(placed)))
    asked = await _ask(store, work, plan)
    return _imported(prepared, plan, work, lost, asked)


async def _places(tx: Tx) -> dict[str, str]:
    """The scopes of pools and territories by their names."""
    places = {one.name: scopes.pool(one.id) for one in await all_pools(tx)}
    return places | {one.name: scopes.territory(one.id) for one in await all_territories(tx)}


class Foreseen(msgspec.Struct, frozen=True):
    """What an import would come to as the store stands: every row that would come back, and what each other means."""

    plan: Plan
    tally: Tally
    rejected: tuple[Rejected, ...]


async def foresee(tx: Tx, prepared: Prepared, default: str | None, new: Iterable[str] = ()) -> Foreseen:
    """What importing a list would come to; `default` as for the import, `new` are names of places that it would add.
    Changes nothing.
    """
    existing = await _stored(tx, await _known(tx))
    places = dict.fromkeys(new, scopes.COMPANY) | await _places(tx)
    plan = match(prepared.harvest.drafts, existing)
    _, lost = _placed(plan, places, default)
    work = _Import(REAL, _NOBODY, {}, {}, 0, UUID(int=0))
    told = _imported(prepared, plan, work, lost, 0)
    return Foreseen(plan, told.tally, told.rejected)


def _placed(
    plan: Plan, places: Mapping[str, str], default: str | None
) -> tuple[list[tuple[Finding, str]], dict[int, Reason]]:
    """What has to be written, each with its scope; and the rows whose territory is not there."""
    placed: list[tuple[Finding, str]] = []
    lost: dict[int, Reason] = {}
    for finding in plan.findings:
        if finding.kind not in {Kind.NEW, Kind.CHANGED}:
            continue
        named = finding.draft.facts.territory
        scope = places.get(named) if named else default
        if finding.kind is Kind.CHANGED:
            placed.append((finding, ""))
        elif scope is not None:
            placed.append((finding, scope))
        elif named:
            lost[finding.draft.row] = Reason("territory_unknown", "territory", named)
        else:
            lost[finding.draft.row] = Reason("territory_missing", "territory")
    return placed, lost


async def _write(store: Store, work: _Import, placed: Sequence[tuple[Finding, str]]) -> None:
    handed: list[tuple[int, Submission]] = []
    work.rows.clear()
    for finding, scope in placed:
        made = work.new(finding, scope) if finding.kind is Kind.NEW else work.change(finding)
        handed.extend((finding.draft.row, one) for one in made)

    async def write(tx: Tx) -> tuple[Outcome, ...]:
        batch = Batch(work.sources.now(), work.sources.random, work.last)
        applied = await apply(tx, work.actor, [one for _, one in handed], batch)
        await upsert(tx, listed, work.rows)
        refused = {row for (row, _), one in zip(handed, applied.outcomes, strict=True) if _is_refused(one)}
        if any(row in work.beyond for row, _ in handed if row not in refused):
            out = work.refused.keys() | refused
            found = [one for row, one in work.beyond.items() if row not in out]
            await ask_about_terms(tx, work.inquiry, found, work.sources)
        work.last = applied.last
        work.changed |= applied.changed
        return applied.outcomes

    outcomes = await store.transact(write)
    for (row, _), outcome in zip(handed, outcomes, strict=True):
        if _is_refused(outcome):
            work.refused[row] = f"{outcome.reason}: {outcome.detail}"


def _is_refused(outcome: Outcome) -> bool:
    return outcome.code is OutcomeCode.REFUSED


async def _ask(store: Store, work: _Import, plan: Plan) -> int:
    pairs = []
    for question in plan.questions:
        one = work.in_store(question.row)
        other = question.of or work.in_store(question.of_row or 0)
        if one is not None and other is not None:
            pairs.append(pair(SAME_OUTLET, one, other, question.how, work.sources))

    async def write(tx: Tx) -> None:
        await ask(tx, pairs)

    await store.transact(write)
    return len(pairs)


def _imported(prepared: Prepared, plan: Plan, work: _Import, lost: Mapping[int, Reason], asked: int) -> Imported:
    """The numbers, which add up to the file's rows, and the rows that come back."""
    late = dict(lost) | {row: Reason("refused_by_store", "", why) for row, why in work.refused.items()}
    cells = {row.number: row.cells for row in prepared.table.rows}
    returned = [Rejected(row, cells[row], (reason,)) for row, reason in late.items()]
    rejected = sorted((*prepared.harvest.rejected, *turned_back(plan, prepared.table), *returned), key=_row)
    kinds = {finding.draft.row: finding.kind for finding in plan.findings}
    planned = tally(plan, len(prepared.harvest.rejected))
    counted = Tally(
        planned.imported - sum(kinds[row] is Kind.NEW for row in late),
        planned.updated - sum(kinds[row] is Kind.CHANGED for row in late),
        planned.duplicates,
        planned.rejected + len(late),
    )
    return Imported(counted, tuple(rejected), asked, frozenset(work.changed), len(work.beyond.keys() - late.keys()))


def _row(rejected: Rejected) -> int:
    return rejected.row
