"""What lies in wait for a phone's work: just before it is taken in, the office does something that stands in its way.

So the work is refused, or in conflict, as it would be had the office acted while the phone was without a network. What
the office does is real, and goes through the one write path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.cli.deployment import Deployment
from server.cli.sandbox.company import manager_of
from server.cli.talk import Failure
from server.field.own_acts import Asked, carry_out
from server.field.pool.desk import allot, put_back
from server.identity.staff import Person
from server.master.actors import Authority
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from server.routes.bodies import content_type, opened
from sync import frames, jsonform
from sync.changes import Changes, read_changes
from sync.errors import Refusal
from sync.messages import SyncRequest
from sync.operations import Act, Operation, read_operation
from sync.records import COLLECTIONS
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Taken", "Waiting", "Wish", "read_request"]

_REASON = "沙盒：公司收回 · sandbox: taken back by the office"
_OTHER = " · 公司 office"
_LONGEST, _ENDS = 100, ("8888", "6666")
_LATER_MS = 1000
"""By so much the office is later: work of this very moment would be the later one, for the way that it takes."""
_TEXTS = ("phone", "name", "address", "opening_hours", "notes")
"""The fields of an outlet that the office writes something else into."""


class Wish(msgspec.Struct, frozen=True):
    """What is to happen to somebody's next work, at this outlet or at any: `refuse` or `conflict`."""

    what: str
    outlet: UUID | None


class Taken(msgspec.Struct, frozen=True):
    """An outlet that was taken away from a territory, to be brought back."""

    outlet: UUID
    territory: UUID


@dataclass(slots=True)
class Waiting:
    """What lies in wait for whom, and what was taken away from whom."""

    wishes: dict[UUID, list[Wish]] = field(default_factory=dict)
    taken: dict[UUID, list[Taken]] = field(default_factory=dict)

    def lie(self, person: UUID, wish: Wish) -> None:
        """From now on."""
        self.wishes.setdefault(person, []).append(wish)

    async def meet(self, deployment: Deployment, person: UUID, request: SyncRequest) -> None:
        """Do what lies in wait for the work in a request of this person's, each once."""
        work = [one for one in map(read_operation, request.operations) if one is not None]
        for wish in tuple(self.wishes.get(person, ())):
            if await self._happened(deployment, person, wish, work):
                self.wishes[person].remove(wish)

    async def _happened(self, deployment: Deployment, person: UUID, wish: Wish, work: list[Operation]) -> bool:
        for one in work:
            changes = _read(one)
            if wish.what == "conflict":
                is_done = await _contradict(deployment, one, changes, wish.outlet)
            else:
                is_done = await self._take_away(deployment, person, _outlets(one, changes, wish.outlet))
            if is_done:
                return True
        return False

    async def _take_away(self, deployment: Deployment, person: UUID, outlets: list[UUID]) -> bool:
        """Return outlets to the pool, though the person works there; whether any was."""
        async with deployment.store.write() as tx:
            places = [one for each in outlets if (one := await _place(tx, each)) is not None]
            manager, ground = await manager_of(tx), await deployment.ruled(tx)
            away = [one.outlet for one in places]
            moved = await put_back(tx, away, _REASON, ground, even_protected=True, by=manager.id) if away else None
        if moved is None or not moved.moved:
            return False
        deployment.means.announcer.announce(moved.changed)
        self.taken.setdefault(person, []).extend(one for one in places if one.outlet in moved.moved)
        return True

    async def bring_back(self, deployment: Deployment, person: Person) -> list[UUID]:
        """Give somebody the outlets again that were taken away. Raises Failure where there are none."""
        taken = self.taken.pop(person.id, [])
        if not taken:
            raise Failure("nothing_taken", f"nothing was taken from {person.name}", f"没有从 {person.name} 收回的终端")
        async with deployment.store.write() as tx:
            manager, ground = await manager_of(tx), await deployment.ruled(tx)
            moved = [
                await allot(tx, [one.outlet], person.id, ground, into=one.territory, by=manager.id) for one in taken
            ]
        for each in moved:
            deployment.means.announcer.announce(each.changed)
        return [one for each in moved for one in each.moved]


def read_request(headers: Mapping[str, str], body: bytes) -> SyncRequest | None:
    """The request of an exchange; None for one that cannot be read, which the application says itself."""
    try:
        if content_type(headers) == jsonform.MEDIA_TYPE:
            return jsonform.request_from_json(opened(body, headers, frames.MAX_REQUEST))
        return frames.read_request(body)
    except (Refusal, frames.FrameError):
        return None


def _read(one: Operation) -> Changes:
    collection = COLLECTIONS.get(one.collection)
    try:
        return read_changes(collection, bytes(one.changes)) if collection is not None else {}
    except Refusal:
        return {}


def _outlets(one: Operation, changes: Changes, wanted: UUID | None) -> list[UUID]:
    """The outlets that an operation is about, or the one of them that is wanted."""
    named = one.record if one.collection == "outlet" and one.act is not Act.CREATE else changes.get("outlet")
    return [named] if named is not None and wanted in {None, named} else []


async def _place(tx: Tx, outlet: UUID) -> Taken | None:
    """In which territory an outlet is; None for one that is in none."""
    table = TYPED["outlet"]
    number = (await tx.execute(select(table.c.scope).where(table.c.id == outlet))).scalar_one_or_none()
    place = parse_scope((await names(tx, [number]))[number]) if number is not None else None
    if place is None or place.kind is not ScopeKind.TERRITORY or place.of is None:
        return None
    return Taken(outlet, place.of)


def _other(name: str, value: str) -> str:
    """What the office writes in place of a value of a rep's."""
    if name != "phone":
        return value[:_LONGEST] + _OTHER
    return next(f"{value[:7]}{end}" for end in _ENDS if not value.endswith(end))


async def _contradict(deployment: Deployment, one: Operation, changes: Changes, wanted: UUID | None) -> bool:
    """The office writes something else into what an edit of an outlet changes; whether it could."""
    if one.collection != "outlet" or one.act is not Act.EDIT or wanted not in {None, one.record}:
        return False
    fields = {name: _other(name, str(changes[name])) for name in _TEXTS if name in changes}
    if not fields:
        return False
    later = Sources(lambda: deployment.sources.now() + _LATER_MS)
    async with deployment.store.write() as tx:
        manager = await manager_of(tx)
        edit = Asked("outlet", fields, one.record, Act.EDIT)
        applied = await carry_out(tx, later, [edit], by=manager.id, authority=Authority.MANAGER)
    deployment.means.announcer.announce(applied.changed)
    return not any(each.reason for each in applied.outcomes)
