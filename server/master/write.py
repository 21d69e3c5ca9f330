"""The one write path: every change of the archive is an operation by an actor, and goes through `apply`.

locate → lock the scopes → read → decide and merge → write rows, versions, feed, digests → journal → outcomes.

A batch costs a number of queries that does not grow with its length. What the database still refuses for a reason
that would repeat is halved until one operation stands alone, and that one is kept as a dead letter; a store of
another version refuses for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from server.master.actors import Actor, Batch, Submission
from server.master.among import among
from server.master.credit import books_of, check_days
from server.master.drafts import Draft, drafted, elsewhere, moved_outlets, named_scopes, touched
from server.master.faults import is_taken, may_pass, nested
from server.master.guard import Watch
from server.master.habits import judged, keep_habits, watch_of
from server.master.keep import Ledger, keep
from server.master.meta import read_identity
from server.master.perform import perform
from server.master.persist import persist
from server.master.plans import small
from server.master.schema import newest_step, step_of
from server.master.scoping import lock_scopes, save_scopes
from server.master.store import Tx
from server.master.tables import operations
from server.master.teasers import follow, teaser_ids, teaser_scopes
from server.master.working import Held, Working, load, load_beside, load_more, located
from sync.clock import Stamp, next_stamp
from sync.codec import decode
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import Outcome, OutcomeCode
from sync.records import Home
from sync.scopes import private_of

__all__ = ["Applied", "Own", "apply", "joined"]

_REFUSED_BY_STORE = (DBAPIError, UnicodeError, OverflowError)
_LOCK_TRIES = 5


class Own(msgspec.Struct, frozen=True):
    """A record that a batch left at `revision` in the scope in which it stood at version `since` (0: it is new), where
    all of it came out as the actor meant it: who had it at that version knows what it is now.
    """

    since: int
    revision: int


class Applied(msgspec.Struct, frozen=True):
    """What a batch came to: an outcome for each submission in order, the last stamp, the scopes that changed by
    name, the outlets that were registered, how many changes of each kind were held back as mass changes, and what the
    actor can foresee of the records that it named (None for one that it cannot).
    """

    outcomes: tuple[Outcome, ...]
    last: Stamp
    changed: frozenset[str] = frozenset()
    registered: tuple[UUID, ...] = ()
    held_back: dict[str, int] = {}
    own: dict[bytes, Own | None] = {}


class _Moved(Exception):
    """A record stood in a scope that was not locked when it was read again."""


async def apply(tx: Tx, actor: Actor, submissions: Sequence[Submission], batch: Batch) -> Applied:
    """Apply a batch in the transaction `tx`, in order. Each submission gets an outcome; none is ever lost."""
    if not submissions:
        return Applied((), batch.last)
    try:
        return await _apply_locked(tx, actor, submissions, batch)
    except _REFUSED_BY_STORE as error:
        if isinstance(error, DBAPIError) and may_pass(error):
            raise
        await _see_to_version(tx)
        if len(submissions) == 1:
            return await apply(tx, actor, [_refused_by_store(submissions[0], error)], batch)
        half = len(submissions) // 2
        first = await apply(tx, actor, submissions[:half], batch)
        rest = msgspec.structs.replace(batch, last=first.last)
        return joined(first, await apply(tx, actor, submissions[half:], rest))


async def _see_to_version(tx: Tx) -> None:
    """Raise Refusal where a later version has upgraded the store under this one: no work is to blame for that."""
    if await tx.run_sync(step_of) != newest_step():
        raise Refusal("unavailable", "the store is of another version than this server")


def _refused_by_store(submission: Submission, error: Exception) -> Submission:
    if submission.reason == "store_refused":
        raise error
    return msgspec.structs.replace(submission, reason="store_refused")


def joined(one: Applied, other: Applied) -> Applied:
    """What two batches came to that were applied one after the other."""
    return Applied(
        one.outcomes + other.outcomes,
        other.last,
        one.changed | other.changed,
        one.registered + other.registered,
        dict(Counter(one.held_back) + Counter(other.held_back)),
        one.own | {record: _after(one.own.get(record, own), own) for record, own in other.own.items()},
    )


def _after(first: Own | None, then: Own | None) -> Own | None:
    return Own(first.since, then.revision) if first is not None and then is not None else None


async def _apply_locked(tx: Tx, actor: Actor, submissions: Sequence[Submission], batch: Batch) -> Applied:
    drafts = drafted(submissions)
    for _ in range(_LOCK_TRIES):
        try:
            async with nested(tx):
                known = await _known(tx, drafts)
                work = await _locked(tx, drafts, actor)
                return await _apply(tx, actor, drafts, work, batch, known)
        except _Moved:
            continue
        except DBAPIError as error:
            # Another transaction committed the same id meanwhile: now it can be seen.
            if not is_taken(error):
                raise
    raise Refusal("busy", "records kept moving while they were being locked")


_KNOWN = small(
    select(operations.c.operation, operations.c.origin, operations.c.outcome).where(among(operations.c.operation))
)


async def _known(tx: Tx, drafts: Iterable[Draft]) -> dict[UUID, tuple[bytes, Outcome]]:
    ids = [draft.operation.id.bytes for draft in drafts if draft.operation is not None]
    rows = await tx.execute(_KNOWN, {"ids": ids})
    return {UUID(bytes=bytes(row.operation)): (bytes(row.origin), decode(bytes(row.outcome), Outcome)) for row in rows}


def _private_scopes(drafts: Iterable[Draft], scopes: Iterable[str]) -> set[str]:
    """Private parts stand beside their outlets' scopes, so these are locked along where a batch needs them."""
    needed = any(
        draft.ready.collection.home is Home.PRIVATE or draft.ready.operation.act is Act.MOVE
        for draft in drafts
        if draft.ready is not None
    )
    return {private_of(name) for name in scopes} if needed else set()


async def _locked(tx: Tx, drafts: Sequence[Draft], actor: Actor) -> Working:
    ids, moved = touched(drafts), moved_outlets(drafts)
    wanted = named_scopes(drafts, actor) | set((await located(tx, ids, moved)).values())
    if beside := teaser_scopes(wanted):
        wanted |= beside | set((await located(tx, teaser_ids(ids), ())).values())
    locked = await lock_scopes(tx, wanted | _private_scopes(drafts, wanted))
    work = await load(tx, ids, moved, locked)
    if any(one.scope not in locked for one in work.held.values()):
        raise _Moved
    await load_more(tx, work, elsewhere(drafts, work))
    if beside:
        await load_beside(tx, work, teaser_ids(work.outlets()))
    return work


async def _apply(
    tx: Tx,
    actor: Actor,
    drafts: Sequence[Draft],
    work: Working,
    batch: Batch,
    known: dict[UUID, tuple[bytes, Outcome]],
) -> Applied:
    before = {one.no: (one.head, one.entries) for one in work.scopes.values()}
    now = max([batch.now, *(one.last_ms for one in work.scopes.values())])
    ledger = Ledger(actor, batch, work, now)
    last, seen = batch.last, dict(known)
    watch = await watch_of(tx, actor, drafts, batch)
    work.books = await books_of(tx, actor, drafts, batch.zone)
    for draft in drafts:
        operation, submission = draft.operation, draft.submission
        if operation is not None and operation.id in seen:
            ledger.repeat(submission, *seen[operation.id])
            continue
        last = next_stamp(last, submission.bounds.estimate, now, actor.origin, submission.number)
        outcome = _one(work, draft, last, ledger, watch)
        if operation is not None:
            seen[operation.id] = (actor.origin, outcome)
    follow(work, last)
    ledger.tell_refused()
    # Read under the locks: a new epoch takes the digests of all scopes again, and locks them for it.
    await persist(tx, work, (await read_identity(tx)).epoch)
    await keep(tx, ledger)
    if watch is not None and actor.staff is not None:
        await keep_habits(tx, actor.staff, watch)
    touched_scopes = [one for one in work.scopes.values() if (one.head, one.entries) != before[one.no]]
    for state in touched_scopes:
        state.last_ms = max(state.last_ms, last.ms)
    await save_scopes(tx, touched_scopes)
    changed = frozenset(one.name for one in touched_scopes if one.head > before[one.no][0])
    held_back = watch.held if watch is not None else {}
    own = _own(work, drafts, ledger.outcomes)
    return Applied(tuple(ledger.outcomes), last, changed, tuple(ledger.registered), held_back, own)


def _own(work: Working, drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> dict[bytes, Own | None]:
    """What the actor can foresee: not what was merged, refused or done before, and not what moved."""
    meant: dict[bytes, bool] = {}
    for draft, outcome in zip(drafts, outcomes, strict=True):
        for record in draft.ready.names if draft.ready is not None else ():
            meant[record] = outcome.code is OutcomeCode.APPLIED and meant.get(record, True)
    return {record: _foreseen(work.held.get(record)) if is_meant else None for record, is_meant in meant.items()}


def _foreseen(held: Held | None) -> Own | None:
    if held is None or held.record is None or held.was_scope not in {None, held.scope}:
        return None
    return Own(held.was_version, held.revision)


def _one(work: Working, draft: Draft, stamp: Stamp, ledger: Ledger, watch: Watch | None) -> Outcome:
    ready, submission = draft.ready, draft.submission
    if ready is None:
        return ledger.refuse(submission, draft.refusal or Refusal("undecodable"))
    places = judged(watch, work, ready, submission.bounds)
    held_back = {name for name, (_, hour) in places.items() if hour is None}
    try:
        check_days(ready, ledger.actor, ledger.now, ledger.batch.zone)
        done = perform(work, ready, ledger.actor, stamp, at=submission.bounds.estimate, held_back=held_back)
    except Refusal as refusal:
        return ledger.refuse(submission, refusal)
    if watch is not None:
        watch.take(places.values())
    return ledger.done(submission, ready.operation, done, is_mass=bool(held_back))
