"""A master store is filled with archives: through the one write path, in large batches, as an import fills it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec

from server.cli.bench.records import Archive, Maker
from server.cli.talk import Failure
from server.departure.means import Means
from server.identity import staff, territories
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode, pack
from sync.operations import Act, Operation, changes_of
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Record
from sync.records.collections import Collection
from sync.rules import Merge

__all__ = ["Filled", "Shape", "add_archives", "fill"]

_AT_ONCE = 500


class Shape(msgspec.Struct, frozen=True):
    """What a master is filled with: `outlets` archives, dealt evenly to `territories`, each with `reps` on its roster
    (who hold the private parts).
    """

    outlets: int = 0
    territories: int = 1
    reps: int = 1


class Filled(msgspec.Struct, frozen=True):
    """What a master was filled with: territories in order, the people on the roster of each, its outlets in order."""

    territories: tuple[UUID, ...]
    people: tuple[tuple[UUID, ...], ...]
    outlets: tuple[tuple[UUID, ...], ...]


async def fill(means: Means, shape: Shape, maker: Maker) -> Filled:
    """Fill a company's store. Raises Failure where anything is refused."""
    places, people = await _people(means, shape)
    each, over = divmod(shape.outlets, shape.territories)
    outlets = [await add_archives(means, place, maker, each + (at < over)) for at, place in enumerate(places)]
    return Filled(tuple(places), tuple(people), tuple(outlets))


async def _people(means: Means, shape: Shape) -> tuple[list[UUID], list[tuple[UUID, ...]]]:
    places: list[UUID] = []
    people: list[tuple[UUID, ...]] = []
    for at in range(shape.territories):
        async with means.store.write() as tx:
            place = await territories.add_territory(tx, f"测量片区 {at}", None, means.sources)
            names = (f"测量员 {at}-{one}" for one in range(shape.reps))
            found = [(await staff.add(tx, name, staff.Role.REP, means.sources)).id for name in names]
            for one in found:
                await territories.assign(tx, place.id, one, means.sources, private=True)
        places.append(place.id)
        people.append(tuple(found))
    return places, people


async def add_archives(means: Means, place: UUID, maker: Maker, number: int) -> tuple[UUID, ...]:
    """Add archives to a territory; their outlets in order. Raises Failure where anything is refused."""
    maker.move()
    made, coming = [], maker.archives(number)
    while batch := list(islice(coming, _AT_ONCE)):
        await _take(means, scopes.territory(place), batch)
        made += [one.outlet.id for one in batch]
    return tuple(made)


async def _take(means: Means, scope: str, archives: Sequence[Archive]) -> None:
    """One transaction."""
    sources = means.sources
    actor = Actor(sources.random(16), Rights(Authority.SERVER), scopes.COMPANY)
    handed = [
        Submission(number, encode(operation), Bounds(now, now, now), operation, revives=whole)
        for now in (sources.now(),)
        for number, (operation, whole) in enumerate(_asked(sources, scope, archives), 1)
    ]
    async with means.store.write() as tx:
        done = await apply(tx, actor, handed, Batch(sources.now(), sources.random))
    refused = [one for one in done.outcomes if one.code is not OutcomeCode.APPLIED]
    if refused:
        raise Failure("bench_refused", f"{refused[0].reason}: {refused[0].detail}", f"未被接受：{refused[0].reason}")


def _asked(sources: Sources, scope: str, archives: Sequence[Archive]) -> Iterator[tuple[Operation, bytes | None]]:
    """The operations that make the archives. An outlet's stock lines are the server's to work out from years of visits:
    the outlet is made, taken away, and made again as it was with them, as the undoing of a removal does it.
    """
    for one in archives:
        yield _made(sources, one.outlet, scope), None
        yield _operation(sources, Act.REMOVE, one.outlet, None, {}), None
        yield _operation(sources, Act.CREATE, one.outlet, scope, {}), pack(one.outlet)
        yield _made(sources, one.contact, None), None
        yield _made(sources, one.private, None), None


def _made(sources: Sources, record: Record, scope: str | None) -> Operation:
    one = COLLECTIONS_BY_TYPE[type(record)]
    values = msgspec.structs.asdict(record)
    named = {name: values[name] for name, rule in one.rules.items() if rule.merge is not Merge.DERIVED}
    return _operation(sources, Act.CREATE, record, scope, {name: _added(one, name, it) for name, it in named.items()})


def _added(one: Collection, name: str, value: Any) -> Any:
    """A value as an operation names it: a set by what is added to it."""
    return {"add": value, "remove": ()} if one.rule(name).merge is Merge.SET else value


def _operation(sources: Sources, act: Act, record: Record, scope: str | None, changes: dict[str, Any]) -> Operation:
    name, now = COLLECTIONS_BY_TYPE[type(record)].name, sources.now()
    return Operation(sources.new_id(), act, name, record.id, 0, Moment("rule", now, now), scope, changes_of(**changes))


COLLECTIONS_BY_TYPE = {one.type: one for one in COLLECTIONS.values()}
