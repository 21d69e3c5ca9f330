"""Taking a page of the server's into the rows: whole records, removals, light entries, comparisons.

Runs inside one transaction of the caller's, which also moves the cursors. Says afterwards which records changed.
A row replaces whatever row its record had, in any scope; a removal takes only what still stands in its scope, so the
order in which a move's two halves arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from client_sdk.local.rows import Held, Rows, Whole, link_of
from client_sdk.local.scopes import LocalScope, Scopes, Sums
from client_sdk.storage.driver import Database
from sync.codec import DecodeError
from sync.digest import bucket_of, short_hash
from sync.messages import Index, Light, Mended, Page, Patch, Removal, Row, ScopePage
from sync.patches import laid_over

__all__ = ["Intake"]

Promoted = Callable[[bytes], bytes | None]


class Intake:
    """One page being taken in. `promoted` packs a record as the phone expects the server to have it now."""

    def __init__(self, file: Database, scopes: Scopes, promoted: Promoted) -> None:
        self._file = file
        self._scopes = scopes
        self._rows = Rows(file)
        self._promoted = promoted
        self._next = self._rows.next_id()
        self.sums = Sums(scopes.epoch)
        self.changed: dict[bytes, Whole] = {}
        self.received = 0
        self.removed = 0

    def page(self, page: Page) -> None:
        """Take in what follows on the cursors, then what was asked for."""
        for part in page.scopes:
            self._scope_page(part)
        for index in page.indexes:
            self._index(index)
        for mended in page.mended:
            self._mended(mended)

    def evict(self, name: str) -> bool:
        """Remove a scope with all that stands in it; whether it was here."""
        scope = self._scopes.find(name)
        if scope is None:
            return False
        self._drop(self._rows.in_scope(scope.id))
        self._file.run("DELETE FROM want WHERE scope=?", (scope.id,))
        self._scopes.remove(scope.id)
        return True

    def finish(self) -> None:
        """Write the sums that were gathered."""
        self.sums.write(self._file)

    # ---- inside --------------------------------------------------------

    def _scope_page(self, part: ScopePage) -> None:
        scope = self._scopes.ensure(part.scope)
        if part.after != scope.cursor.version or scope.next is not None:
            return
        self._take(scope.id, part.rows, sure=False)
        self._remove(scope.id, part.removed)
        self._lighten(scope.id, part.light, sure=False)
        self._patch(scope.id, part.patches)
        self._scopes.move_on(scope.id, part.cursor)

    def _mended(self, part: Mended) -> None:
        scope = self._scopes.find(part.scope)
        if scope is None:
            return
        self._take(scope.id, part.rows, sure=True)
        held = self._rows.among(part.missing)
        self._drop([one for one in held.values() if one.scope == scope.id and one.packed is not None])
        self._file.among("DELETE FROM want WHERE record IN (SELECT value FROM carray(?))", part.missing)

    def _index(self, part: Index) -> None:
        scope = self._scopes.find(part.scope)
        if scope is None or scope.next is None:
            return
        self._lighten(scope.id, part.light, sure=True)
        self._drop(self._absent(scope, part))
        self._scopes.compared(scope, part.cursor, part.next)

    def _absent(self, scope: LocalScope, part: Index) -> list[Held]:
        """Rows in the buckets of an index that are not in it."""
        buckets, listed = frozenset(part.buckets), {light.record for light in part.light}
        return [
            one
            for one in self._rows.in_scope(scope.id)
            if one.packed is not None and bucket_of(one.record) in buckets and one.record not in listed
        ]

    def _take(self, scope: int, rows: Sequence[Row], *, sure: bool) -> None:
        """Take whole records. In a first sync all are new, so each is added before anybody asks whether it is there."""
        links = [link_of(row.packed) for row in rows]
        wanted = self._wanted(link.record for link in links)
        made: list[Whole] = [
            (number, link.record, link.tag, scope, row.version, row.revision, link.owner, row.packed)
            for number, (link, row) in enumerate(zip(links, rows, strict=True), self._next)
        ]
        self._next += len(made)
        known = self._rows.insert(made)
        left = {one[0] for one in known}
        self._came(scope, [one for one in made if one[0] not in left] if left else made)
        newer = list(self._newer(scope, known, wanted, sure=sure))
        self._replaced(scope, newer)
        self._have(wanted)

    def _newer(self, scope: int, known: Sequence[Whole], wanted: frozenset[bytes], *, sure: bool) -> Iterator[Whole]:
        """Those that replace the row that their record has, under its number."""
        held = self._rows.among(one[1] for one in known)
        for _, record, tag, _, version, revision, owner, packed in known:
            old = held[record]
            if sure or record in wanted or old.packed is None or not _is_newer(old, scope, version):
                self._forget(old)
                yield old.id, record, tag, scope, version, revision, owner, packed

    def _replace(self, scope: int, rows: Sequence[tuple[Held, Row]]) -> None:
        """Put whole records in the place of the rows that they have."""
        made: list[Whole] = []
        for old, row in rows:
            self._forget(old)
            owner = link_of(row.packed).owner
            made.append((old.id, old.record, old.tag, scope, row.version, row.revision, owner, row.packed))
        self._replaced(scope, made)
        self._have(self._wanted(one[1] for one in made))

    def _replaced(self, scope: int, entries: Sequence[Whole]) -> None:
        self._rows.update(entries)
        self._came(scope, entries)

    def _have(self, wanted: Iterable[bytes]) -> None:
        """What was asked for has come."""
        self._file.among("DELETE FROM want WHERE record IN (SELECT value FROM carray(?))", wanted)

    def _came(self, scope: int, entries: Sequence[Whole]) -> None:
        self.sums.add(scope, [(version, revision, packed) for *_, version, revision, _, packed in entries])
        self.changed.update((one[1], one) for one in entries)
        self.received += len(entries)

    def _wanted(self, records: Iterable[bytes]) -> frozenset[bytes]:
        """Which of these records were asked for: what comes of them is taken whatever its version."""
        if self._file.one("SELECT 1 FROM want LIMIT 1") is None:
            return frozenset()
        rows = self._file.among("SELECT record FROM want WHERE record IN (SELECT value FROM carray(?))", records)
        return frozenset(row[0] for row in rows)

    def _forget(self, old: Held) -> None:
        if old.packed is not None:
            self.sums.take(old.scope, old.version, old.revision, old.packed)

    def _remove(self, scope: int, removals: Sequence[Removal]) -> None:
        held = self._rows.among(one.record for one in removals)
        self._drop([one for one in held.values() if one.scope == scope and one.packed is not None])

    def _drop(self, rows: list[Held]) -> None:
        self._rows.drop(rows, self.sums)
        self.removed += len(rows)
        for one in rows:
            self.changed.pop(one.record, None)

    def _lighten(self, scope: int, lights: Sequence[Light], *, sure: bool) -> None:
        """Entries without a body: a row that has the same body only gets its version, another is asked for."""
        held = self._rows.among(one.record for one in lights)
        known: list[tuple[Held, Row]] = []
        new: list[Row] = []
        for light in lights:
            old = held.get(light.record)
            if not sure and old is not None and old.packed is not None and _is_newer(old, scope, light.version):
                continue
            packed = self._same_body(old, light)
            if packed is None:
                self._want(light.record, scope)
            elif old is None:
                new.append(Row(light.version, light.revision, packed))
            elif (old.scope, old.version, old.revision) != (scope, light.version, light.revision):
                known.append((old, Row(light.version, light.revision, packed)))
        self._take(scope, new, sure=True)
        self._replace(scope, known)

    def _patch(self, scope: int, patches: Sequence[Patch]) -> None:
        """Changes laid over the rows that they were made for; a record of which the row is another is asked for."""
        held = self._rows.among(one.record for one in patches)
        rows: list[tuple[Held, Row]] = []
        for patch in patches:
            old = held.get(patch.record)
            if old is not None and old.packed is not None and _is_newer(old, scope, patch.version):
                continue
            packed = _patched(old, scope, patch)
            if old is None or packed is None:
                self._want(patch.record, scope)
            else:
                rows.append((old, Row(patch.version, patch.revision, packed)))
        self._replace(scope, rows)

    def _want(self, record: bytes, scope: int) -> None:
        self._file.run("INSERT OR REPLACE INTO want(record, scope) VALUES(?, ?)", (record, scope))

    def _same_body(self, old: Held | None, light: Light) -> bytes | None:
        for packed in (old.packed if old else None, self._promoted(light.record)):
            if packed is not None and short_hash(packed) == light.hash:
                return packed
        return None


def _patched(old: Held | None, scope: int, patch: Patch) -> bytes | None:
    """The record after a patch; None where the row is not the one that it was made for."""
    if old is None or old.packed is None or (old.scope, old.version) != (scope, patch.since):
        return None
    try:
        return laid_over(old.packed, patch.changes)
    except DecodeError:
        return None


def _is_newer(old: Held, scope: int, version: int) -> bool:
    """Whether the row stands in this scope already, in this version or a later one."""
    return old.scope == scope and old.version >= version
