"""A master store is filled: with archives through the one write path, in large batches, as an import fills it; with
visits of the past two years; and where it is to be large, with copies of the territory that went that way.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.cli.bench.copies import Begun, Original, begun
from server.cli.bench.records import Archive, Maker
from server.cli.talk import Failure
from server.departure.means import Means
from server.identity import staff, territories
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.tables import feed
from server.master.tables import scopes as scope_rows
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode, pack, unpack
from sync.operations import Act, Operation, changes_of
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Outlet, Record
from sync.records.collections import Collection
from sync.rules import Merge

__all__ = ["Filled", "Shape", "add_archives", "fill"]

_AT_ONCE = 500
_TWO_YEARS_MS = 730 * 86_400_000
_IN_REACH = 0.0001
"""Degrees: a rep stands within some metres of the outlet."""
_COUNTED = 2


class Shape(msgspec.Struct, frozen=True):
    """What a master is filled with: `outlets` archives, dealt evenly to `territories`, each with `reps` on its roster
    (who hold the private parts). In the past two years each outlet had `visits` of the first of these reps: so many in
    the first territory, so many in the others. With `is_copied`, all territories after the second are copies of it;
    with `is_one_city` they lie over and beside one another.
    """

    outlets: int = 0
    territories: int = 1
    reps: int = 1
    visits: tuple[int, int] = (0, 0)
    is_copied: bool = False
    is_one_city: bool = False


class Filled(msgspec.Struct, frozen=True):
    """What a master was filled with: territories in order, the people on the roster of each, its outlets in order."""

    territories: tuple[UUID, ...]
    people: tuple[tuple[UUID, ...], ...]
    outlets: tuple[tuple[UUID, ...], ...]


async def fill(means: Means, shape: Shape, maker: Maker) -> Filled:
    """Fill a company's store. Raises Failure where anything is refused."""
    places, people = await _people(means, shape)
    each, over = divmod(shape.outlets, shape.territories)
    sizes = [each + (at < over) for at in range(shape.territories)]
    written = min(2, shape.territories) if shape.is_copied else shape.territories
    outlets: list[tuple[UUID, ...]] = []
    before: Begun = {}
    for at in range(written):
        before = await means.store.look(partial(begun, place=places[at]))
        outlets.append(await add_archives(means, places[at], maker, sizes[at]))
        await _add_visits(means, places[at], people[at][0], maker, shape.visits[at > 0])
    if written < shape.territories:
        original = await means.store.look(partial(Original.read, place=places[1], person=people[1][0], before=before))
        with _unsearched():
            for at in range(written, shape.territories):
                async with means.store.write() as tx:
                    outlets.append(await original.write(tx, at, places[at], people[at][0], maker))
    return Filled(tuple(places), tuple(people), tuple(outlets))


@contextmanager
def _unsearched() -> Iterator[None]:
    """No search for garbage in cycles, of which copying makes next to none: it would be a third of the work."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
        await _take(means, None, _asked(means.sources, scopes.territory(place), batch))
        made += [one.outlet.id for one in batch]
    return tuple(made)


async def _add_visits(means: Means, place: UUID, person: UUID, maker: Maker, number: int) -> None:
    """Add the visits of two years to a territory in the order of their times, so many at each outlet."""
    wanted = select(feed.c.packed).join(scope_rows, scope_rows.c.no == feed.c.scope)
    async with means.store.read() as tx:
        rows = (await tx.execute(wanted.where(scope_rows.c.name == scopes.territory(place)))).scalars()
        outlets = [one for one in map(unpack, rows) if isinstance(one, Outlet)]
    began, apart = means.sources.now() - _TWO_YEARS_MS, _TWO_YEARS_MS // max(number, 1)
    times = [began + int((at + maker.random.random()) * apart) for at in range(number) for _ in outlets]
    coming = iter(sorted(zip(times, outlets * number, strict=True), key=lambda one: one[0]))
    while batch := list(islice(coming, _AT_ONCE)):
        await _take(means, person, ((_visit(means.sources, maker, outlet, at), None) for at, outlet in batch))


def _visit(sources: Sources, maker: Maker, outlet: Outlet, at: int) -> Operation:
    """The operation that logs a visit, with some products that the outlet has."""
    fields = maker.visit_fields(_COUNTED) | {"outlet": outlet.id}
    if outlet.position is not None:
        fields["position"] = msgspec.structs.replace(outlet.position, lat=outlet.position.lat + _IN_REACH)
    has = maker.random.sample(sorted(outlet.stock), min(_COUNTED, len(outlet.stock)))
    counted = zip(fields["stock"], has, strict=False)
    fields["stock"] = tuple(msgspec.structs.replace(one, product=name) for one, name in counted)
    moment = Moment("rule", at, at)
    return Operation(sources.new_id(), Act.CREATE, "visit", maker.id(), 0, moment, None, changes_of(**fields))


async def _take(means: Means, person: UUID | None, asked: Iterable[tuple[Operation, bytes | None]]) -> None:
    """One transaction, by a person or by nobody."""
    sources = means.sources
    actor = Actor(sources.random(16), Rights(Authority.SERVER), scopes.COMPANY, person)
    handed = [
        Submission(number, encode(operation), _exactly(operation.moment.claimed), operation, revives=whole)
        for number, (operation, whole) in enumerate(asked, 1)
    ]
    async with means.store.write() as tx:
        done = await apply(tx, actor, handed, Batch(sources.now(), sources.random))
    refused = [one for one in done.outcomes if one.code is not OutcomeCode.APPLIED]
    if refused:
        raise Failure("bench_refused", f"{refused[0].reason}: {refused[0].detail}", f"未被接受：{refused[0].reason}")


def _exactly(at: int) -> Bounds:
    return Bounds(at, at, at)


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
