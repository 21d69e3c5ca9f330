"""The gate through which lists of customers leave on paper or in files: in the journal before a line of them is out,
and never to somebody who is leaving or has left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from server.identity.staff import PersonStatus, lock
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["hand_out"]

T = TypeVar("T")


async def hand_out(
    store: Store,
    sources: Sources,
    gather: Callable[[Tx], Awaitable[Sequence[T]]],
    about: Mapping[str, object],
    *,
    staff: UUID | None = None,
    receiver: UUID | None = None,
) -> Sequence[T]:
    """What `gather` finds, handed to `staff`, for `receiver` where it is for somebody else. `about` says in the journal
    what it is. Raises Refusal, journalled, where either is leaving or has left.
    """
    people = [one for one in (staff, receiver) if one is not None]

    async def work(tx: Tx) -> Sequence[T] | None:
        body = {**about, "by": staff}
        leaving = await _leaving(tx, people)
        if leaving:
            refused = Note(scopes.COMPANY, "export_refused", body | {"for": receiver, "leaving": leaving})
            await note(tx, [refused], sources.now(), sources.random)
            return None
        found = await gather(tx)
        body |= {"lines": len(found)} | ({} if receiver is None else {"for": receiver})
        await note(tx, [Note(scopes.COMPANY, "exported", body)], sources.now(), sources.random)
        return found

    found = await store.transact(work)
    if found is None:
        raise Refusal("not_yours", "no list goes to somebody who is leaving or has left")
    return found


async def _leaving(tx: Tx, people: Sequence[UUID]) -> list[UUID]:
    """Those of these people who are under notice or have left; their rows are locked, so that none is given notice
    meanwhile.
    """
    found = [await lock(tx, one) for one in sorted(people)]
    return [one.id for one in found if one is not None and one.status is not PersonStatus.ACTIVE]
