"""What a list's rows mean for the store: new, changed, the same, a duplicate, or one that comes back.

For: the plan of an import, before anything is written. Never: a merge; a duplicate is left out and told of, and
what is only alike is imported and becomes a question for a person.

A row is the same outlet as before if its source or its code is. Otherwise it is a duplicate if `likeness` is certain,
unless both have numbers in one register (two osm_ids): whoever made the register saw two outlets. A later row of the
same file is a duplicate of an earlier one by the same rules. A code that stands for quite another outlet already sends
the row back: taking it as an update would turn one shop into another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from server.field.intake.compare import changed_fields
from server.field.intake.drafts import Draft, Facts, Rejected
from server.field.intake.neighbours import Neighbours
from server.field.intake.reasons import Reason
from server.field.intake.table import Table
from server.field.likeness import WHY, Alike, Portrait, portrait, unlike

__all__ = ["BECAUSE", "Finding", "Kind", "Plan", "Question", "Stored", "Tally", "match", "tally", "turned_back"]

BECAUSE: dict[str, tuple[str, str]] = {
    "same_source": ("来源编号相同", "the same source"),
    "same_code": ("客户编码相同", "the same code"),
    "code_taken": ("编码已用于另一家店", "the code stands for another outlet"),
    **{why.value: halves for why, halves in WHY.items()},
}
"""Why a row is what it is, in Chinese and English."""

_ASKED = 3
_EVERY = 500


class Kind(StrEnum):
    """What a row means for the store."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Stored(msgspec.Struct, frozen=True):
    """An outlet as it stands in the store. `said`: what its source said at the last import, if that was kept."""

    id: UUID
    source: str
    facts: Facts
    said: Facts | None = None


class Finding(msgspec.Struct, frozen=True):
    """What one row means. `of` is the outlet and `of_row` the earlier row that it is; `why` a key of BECAUSE.

    `fields`: those that a changed row changes, and those in which a duplicate says something else.
    """

    draft: Draft
    kind: Kind
    of: UUID | None = None
    of_row: int | None = None
    why: str = ""
    fields: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True):
    """A new row that is alike another row or an outlet, for a person to decide."""

    row: int
    of: UUID | None
    of_row: int | None
    how: Alike


class Plan(msgspec.Struct, frozen=True):
    """One finding for each draft, in order, and the questions about new ones."""

    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]


class Tally(msgspec.Struct, frozen=True):
    """The numbers of an import. They add up to the file's rows: an unchanged row counts among the duplicates."""

    imported: int
    updated: int
    duplicates: int
    rejected: int


def match(
    drafts: Sequence[Draft], existing: Iterable[Stored] = (), progress: Callable[[int], object] | None = None
) -> Plan:
    """Plan an import of `drafts` into a store that holds `existing`. `progress` is told the number of rows done.

    Matching what this plan made of a file against that file again finds nothing new and nothing changed.
    """
    store, rows = _Shelf(), _Shelf()
    for one in existing:
        store.put(_Item(one.facts, portrait_of(one.facts), stored=one), _keys(one.source, one.facts))
    findings: list[Finding] = []
    questions: list[Question] = []
    for done, draft in enumerate(drafts, 1):
        finding, asked = _judge(draft, store, rows)
        findings.append(finding)
        questions += asked
        if progress and done % _EVERY == 0:
            progress(done)
    return Plan(tuple(findings), tuple(questions))


def turned_back(plan: Plan, table: Table) -> tuple[Rejected, ...]:
    """The rows that the plan sends back, with their cells; to be written with those that normalising rejected."""
    cells = {row.number: row.cells for row in table.rows}
    bad = [finding.draft for finding in plan.findings if finding.kind is Kind.REJECTED]
    return tuple(
        Rejected(draft.row, cells[draft.row], (Reason("code_taken", "code", draft.facts.code or ""),)) for draft in bad
    )


def tally(plan: Plan, rejected: int) -> Tally:
    """The numbers to report; `rejected` is how many rows normalising sent back."""
    count = Counter(finding.kind for finding in plan.findings)
    known = count[Kind.SAME] + count[Kind.DUPLICATE]
    return Tally(count[Kind.NEW], count[Kind.CHANGED], known, rejected + count[Kind.REJECTED])


def portrait_of(facts: Facts) -> Portrait:
    """What an outlet in a list is compared by."""
    return portrait(facts.name, facts.numbers, facts.position)


class _Item(msgspec.Struct, frozen=True):
    """Something that a row can be a duplicate of: an outlet in the store, or an earlier row."""

    facts: Facts
    portrait: Portrait
    row: int | None = None
    stored: Stored | None = None

    @property
    def id(self) -> UUID | None:
        return self.stored.id if self.stored else None


class _Shelf:
    """Items by the keys that are theirs alone, and by place, name and phone."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._by_key: dict[str, _Item] = {}
        self._near = Neighbours()

    def put(self, item: _Item, keys: Iterable[str]) -> None:
        self._items.append(item)
        self._near.add(item.portrait)
        self.name(item, keys)

    def name(self, item: _Item, keys: Iterable[str]) -> None:
        for key in keys:
            self._by_key.setdefault(key, item)

    def known(self, keys: Iterable[str]) -> tuple[_Item, str] | None:
        found = ((self._by_key[key], key) for key in keys if key in self._by_key)
        return next(((item, "same_code" if key.startswith("code:") else "same_source") for item, key in found), None)

    def alike(self, facts: Facts, one: Portrait) -> Iterator[tuple[_Item, Alike]]:
        for number, how in self._near.find(one):
            item = self._items[number]
            apart = _two_in_one_register(facts.ref, item.facts.ref)
            yield item, msgspec.structs.replace(how, certain=False) if apart and how.certain else how


def _judge(draft: Draft, store: _Shelf, rows: _Shelf) -> tuple[Finding, list[Question]]:
    mine = _Item(draft.facts, portrait_of(draft.facts), row=draft.row)
    keys = _keys(draft.source, draft.facts)
    known = rows.known(keys) or store.known(keys)
    if known is None:
        return _unknown(draft, mine, store, rows)
    item, why = known
    if why == "same_code" and unlike(mine.portrait, item.portrait):
        return Finding(draft, Kind.REJECTED, item.id, item.row, "code_taken"), []
    if item.stored is None:
        return _duplicate(draft, item, why), []
    rows.put(mine, keys)
    return _held(draft, item, why), []


def _unknown(draft: Draft, mine: _Item, store: _Shelf, rows: _Shelf) -> tuple[Finding, list[Question]]:
    """The finding for a row whose source and code are nobody's: a duplicate by its looks, or new."""
    keys = _keys(draft.source, draft.facts)
    looks = [*rows.alike(draft.facts, mine.portrait), *store.alike(draft.facts, mine.portrait)]
    certain = next(((item, how) for item, how in looks if how.certain), None)
    if certain:
        rows.name(certain[0], keys)
        return _duplicate(draft, certain[0], certain[1].why.value), []
    rows.put(mine, keys)
    asked = [Question(draft.row, item.id, item.row, how) for item, how in looks[:_ASKED]]
    return Finding(draft, Kind.NEW), asked


def _held(draft: Draft, item: _Item, why: str) -> Finding:
    said = item.stored.said if item.stored else None
    fields = changed_fields(draft.facts, item.facts, said)
    return Finding(draft, Kind.CHANGED if fields else Kind.SAME, item.id, None, why, fields)


def _duplicate(draft: Draft, item: _Item, why: str) -> Finding:
    return Finding(draft, Kind.DUPLICATE, item.id, item.row, why, changed_fields(draft.facts, item.facts))


def _keys(source: str, facts: Facts) -> list[str]:
    """What only one outlet can have: its source, its reference, its code."""
    code = f"code:{facts.code}" if facts.code else ""
    return [key for key in dict.fromkeys((source, facts.ref or "", code)) if key]


def _two_in_one_register(a: str | None, b: str | None) -> bool:
    return bool(a and b and a != b and a.partition(":")[0] == b.partition(":")[0])
