"""Reading what a device gets: the scopes it has now, what changed in them, repair, and the sums of a checkpoint.

Everything in one snapshot, bounded in bytes. What a device may hold is worked out here, after its own operations
were applied; nothing a device says can widen it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from server.exchange.push import Pushed
from server.exchange.room import MOST_OPEN, travelling
from server.exchange.shares import Outstanding, shared
from server.exchange.whole import NOTHING, Whole, has_all, whole_of
from server.master.feed import Head, Looked, look, read_heads, read_index, read_latest, read_records, read_slice
from server.master.sqlite import at_once
from server.master.store import Tx
from server.master.write import Own
from sync.codec import encode, peek
from sync.cursors import START, Cursor, is_ours, seal
from sync.digest import short_hash
from sync.frames import write_page, write_tail
from sync.messages import Index, Light, Mended, Page, Patch, Row, ScopePage, SyncRequest, Tail
from sync.patches import picked
from sync.versions import SCHEMA

__all__ = ["Given", "LostHistory", "Pulled", "is_near", "pull"]

_WANTS = 2000
_FEW = 200
"""Entries that are read where they are asked for."""
_ARCHIVE = "territory/"
"""What the scopes that archives stand in are called: these share a page."""
_EVICTIONS = 500
_NEAR = 1_000
"""So many entries are read while the store is held."""


class LostHistory(Exception):
    """A cursor that we sealed in `epoch` is ahead of us: this store once knew more than it does, and was restored."""

    def __init__(self, epoch: bytes) -> None:
        super().__init__(epoch.hex())
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class Given:
    """That an answer gives records of a scope, up to a version: what the exposure is made of."""

    scope: int
    version: int


@dataclass(slots=True)
class Pulled:
    """What a pull came to, to be put into an answer. `heads` are the scopes as they stood in its snapshot; `frame` is
    the page as it travels, where its size had to be known; `whole` is what a device has that has all of them, and with
    `is_complete` it has after this answer.
    """

    evictions: tuple[str, ...] = ()
    reconcile: tuple[str, ...] = ()
    page: Page = field(default_factory=Page)
    given: tuple[Given, ...] = ()
    heads: Mapping[str, Head] = field(default_factory=dict)
    frame: bytes = b""
    whole: Whole = NOTHING
    is_complete: bool = False

    @property
    def tail(self) -> Tail:
        """The checkpoint of the answer, if it is one."""
        if self.is_complete:
            return self.whole.tail
        return Tail(expected=sum(one.count for one in self.heads.values()))

    @property
    def tail_frame(self) -> bytes:
        """The same as it travels."""
        return self.whole.frame if self.is_complete else write_tail(self.tail)


@dataclass(slots=True)
class _Reader:
    """One pull in progress: what was asked, and how many bytes are left."""

    tx: Tx
    request: SyncRequest
    epoch: bytes
    key: bytes
    left: int
    own: Mapping[bytes, Own]
    is_complete: bool = True
    scopes: list[ScopePage] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    mended: list[Mended] = field(default_factory=list)
    given: dict[int, int] = field(default_factory=dict)
    looked: dict[str, Looked] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)

    async def share(self, heads: Iterable[Head]) -> None:
        """Look at what each scope has to give, and share the room between them."""
        wanted = [
            (head, cursor, _entries(head, cursor)) for head in heads if (cursor := self._behind(head)) is not None
        ]
        together = sum(entries for head, _, entries in wanted if _is_shared(head))
        found: dict[str, Outstanding] = {}
        for head, cursor, entries in wanted:
            part = entries / (together or 1) if _is_shared(head) else 1.0
            looked = self.looked[head.name] = await look(self.tx, head, cursor.version, self.left, part=part)
            found[head.name] = Outstanding(looked, max(entries, len(looked.costs)), not _is_shared(head))
        self.rooms = shared(found, self.left)

    def _behind(self, head: Head) -> Cursor | None:
        """The device's cursor in a scope from which something follows, which is not compared."""
        cursor = None if head.name in self.request.sums else self.cursor(head)
        return cursor if cursor is not None and cursor.version < head.head else None

    def cursor(self, head: Head) -> Cursor | None:
        """The device's cursor in a scope; None when it is of no use any more. Raises LostHistory."""
        cursor = self.request.cursors.get(head.name, START)
        if cursor.version == 0:
            return START
        if self.request.epoch != self.epoch or not is_ours(self.key, self.epoch, head.name, cursor):
            return None
        if cursor.version > head.head:
            raise LostHistory(self.epoch)
        return None if cursor.version < head.floor else cursor

    def sealed(self, head: Head, version: int) -> Cursor:
        """A cursor to give out."""
        return seal(self.key, self.epoch, head.name, version)

    def gives(self, head: Head, version: int) -> None:
        """Note that records of a scope leave with this answer."""
        self.given[head.no] = max(version, self.given.get(head.no, 0))

    @property
    def least(self) -> int:
        """How many entries go out however large they are: an answer with nothing in it would get nobody further."""
        return 0 if self.scopes or self.indexes or self.mended else 1

    async def mend(self, head: Head, ids: tuple[bytes, ...]) -> None:
        """Whole records that the device asked for. What is neither given nor missing has to be asked for again."""
        if self.left <= 0:
            self.is_complete = False
            return
        wanted = list(dict.fromkeys(ids))
        got = await read_records(self.tx, head, wanted[:_WANTS], self.left, self.least)
        self.left -= got.size
        self.is_complete = self.is_complete and len(got.rows) + len(got.missing) == len(wanted)
        self.mended.append(Mended(head.name, got.rows, got.missing))
        if got.rows:
            self.gives(head, max(one.version for one in got.rows))

    async def compare(self, head: Head, sums: bytes) -> None:
        """The index of the buckets that differ."""
        self.is_complete = False
        if self.left <= 0:
            return
        start = self.request.after.get(head.name, 0)
        found = await read_index(self.tx, head, self.epoch, sums, start, self.left)
        self.left -= 40 * len(found.light)
        cursor = self.sealed(head, head.head)
        self.indexes.append(Index(head.name, cursor, found.buckets, found.light, found.next))

    async def read(self, head: Head, cursor: Cursor) -> None:
        """What changed in a scope since the cursor."""
        is_new = head.name not in self.request.cursors
        if cursor.version == head.head and not is_new:
            return
        if self.left <= 0:
            self.is_complete = False
            return
        room = min(self.left, self.rooms.get(head.name, self.left))
        got = await read_slice(self.tx, head, cursor.version, room, self.least, self.looked.get(head.name))
        self.left = 0 if got.more and room == self.left else self.left - got.size
        self.is_complete = self.is_complete and not got.more
        if got.more and not got.size:
            return
        whole, light = self._told(got.rows, cursor)
        # Who is so far behind that more follows knows few of these records, and begins perhaps: nobody looks.
        rows, patches = (whole, ()) if got.more else await self._patched(whole, cursor)
        self.scopes.append(
            ScopePage(
                head.name, cursor.version, self.sealed(head, got.last), rows, got.removed, light, got.more, patches
            )
        )
        if got.rows:
            self.gives(head, got.last)

    def _told(self, rows: Sequence[Row], cursor: Cursor) -> tuple[tuple[Row, ...], tuple[Light, ...]]:
        """Rows whole, but for what the device knows itself: it had the record and did all that happened since."""
        if not self.own or not cursor.version:
            return tuple(rows), ()
        whole: list[Row] = []
        light: list[Light] = []
        for row in rows:
            record = peek(row.packed)[1]
            own = self.own.get(record)
            if own is not None and own.since <= cursor.version and own.revision == row.revision:
                light.append(Light(record, row.version, row.revision, short_hash(row.packed)))
            else:
                whole.append(row)
        return tuple(whole), tuple(light)

    async def _patched(self, rows: tuple[Row, ...], cursor: Cursor) -> tuple[tuple[Row, ...], tuple[Patch, ...]]:
        """Rows whole, but for those that the device has as they were before their latest change."""
        if not self.request.brief or not cursor.version or not rows:
            return rows, ()
        latest = await read_latest(self.tx, [peek(row.packed)[1] for row in rows])
        whole: list[Row] = []
        patches: list[Patch] = []
        for row in rows:
            record = peek(row.packed)[1]
            last = latest.get(record)
            if last is None or last.version != row.version or last.since > cursor.version:
                whole.append(row)
            else:
                changes = picked(row.packed, last.places)
                patches.append(Patch(record, last.since, row.version, row.revision, changes))
        return tuple(whole), tuple(patches)

    async def scope(self, head: Head) -> bool:
        """Everything about one scope; False when its cursor is of no use and nobody asks to compare."""
        wants, sums = self.request.wants.get(head.name), self.request.sums.get(head.name)
        if wants:
            await self.mend(head, wants)
        if sums is not None:
            await self.compare(head, sums)
            return True
        cursor = self.cursor(head)
        if cursor is None:
            self.is_complete = False
            return False
        await self.read(head, cursor)
        return True


def _is_shared(head: Head) -> bool:
    """Whether it shares a page with others: archives do."""
    return head.name.startswith(_ARCHIVE)


def _entries(head: Head, cursor: Cursor) -> int:
    """How many entries follow on a cursor, at most."""
    return head.head - cursor.version if cursor.version else head.count


def is_near(request: SyncRequest, heads: Iterable[Head], most: int = _NEAR) -> bool:
    """Whether all that these scopes have to give to a device is soon read: at most so many entries after its cursors,
    and nothing else.
    """
    behind = [one.head - request.cursors.get(one.name, START).version for one in heads]
    return not (request.wants or request.sums) and min(behind, default=0) >= 0 and sum(behind) <= most


async def pull(
    tx: Tx, request: SyncRequest, granted: tuple[str, ...], epoch: bytes, key: bytes, pushed: Pushed | None = None
) -> Pulled:
    """Read the answer to `request` for a device that is granted these scopes, in the snapshot of `tx`.

    What was `pushed` by the request has taken room for its outcomes, and what it wrote is told light to a phone that
    knows the same records. A page that would be too large on the wire is read again, smaller. Raises LostHistory.
    """
    found = await read_heads(tx, granted)
    heads = {name: found[name] for name in granted if name in found}
    whole = whole_of(tuple(heads.values()), epoch, key)
    if has_all(request, epoch, whole):
        return Pulled(heads=heads, whole=whole, is_complete=True)
    pushed = pushed or Pushed()
    taken, own = len(encode(pushed.outcomes)), pushed.own if request.schema == SCHEMA else {}
    limit, most = min(request.limit, MOST_OPEN - taken), travelling(request.limit) - taken
    with at_once(tx, is_brief=is_near(request, heads.values(), _FEW)):
        pulled = await _pulled(_Reader(tx, request, epoch, key, max(1, limit), own), heads)
        if limit > most:
            pulled.frame = write_page(pulled.page)
            if len(pulled.frame) > most:
                pulled = await _pulled(_Reader(tx, request, epoch, key, most, own), heads)
    pulled.whole = whole
    return pulled


async def _pulled(reader: _Reader, heads: Mapping[str, Head]) -> Pulled:
    """Everything about every scope, as far as the reader has room for it."""
    await reader.share(heads.values())
    useless = [name for name, head in heads.items() if not await reader.scope(head)]
    lost = [name for name in reader.request.cursors if name not in heads]
    reader.is_complete = reader.is_complete and len(lost) <= _EVICTIONS
    return Pulled(
        evictions=tuple(lost[:_EVICTIONS]),
        reconcile=tuple(useless),
        page=Page(tuple(reader.scopes), tuple(reader.indexes), tuple(reader.mended)),
        given=tuple(Given(scope, version) for scope, version in reader.given.items()),
        heads=heads,
        is_complete=reader.is_complete,
    )
