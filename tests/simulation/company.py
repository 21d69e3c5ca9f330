"""What the company does: managers, rosters, departures, the pool, and the rules of the night."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.departure import quarantine
from server.departure.cutoff import offboard
from server.field import dead_letters, merging
from server.field.daily import look_daily
from server.field.ground import Ground
from server.field.pool import desk
from server.identity import staff
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.write import apply
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.errors import Refusal
from sync.operations import Act, Operation, changes_of
from tests.simulation import rep
from tests.simulation.phone import Phone
from tests.simulation.world import World

__all__ = [
    "allot",
    "deal",
    "decide",
    "edit",
    "leave",
    "letters",
    "meanwhile",
    "merge",
    "move",
    "night",
    "put_back",
    "returns",
    "roster",
    "unmerge",
]

_LEFT_AT_LEAST = 1


def _outlets(world: World) -> list[UUID]:
    async def read(tx: Tx) -> list[UUID]:
        table = TYPED["outlet"]
        return list((await tx.execute(select(table.c.id).order_by(table.c.id))).scalars())

    return world.reads(read)


def _outlet(world: World) -> UUID | None:
    known = _outlets(world)
    return world.random.choice(known) if known else None


def _ground(world: World) -> Ground:
    return Ground(world.machine.sources, world.machine.settings.time_zone)


def _decides(world: World, what: str, work: Callable[[], Any]) -> None:
    try:
        came = work()
    except Refusal as refusal:
        world.tell(f"{what} refused {refusal.code}")
    else:
        world.tell(f"{what} {came if isinstance(came, str | int) else ''}")


def _acts(world: World, act: Act, outlet: UUID, scope: str | None = None, **fields: Any) -> str:
    sources = world.machine.sources

    async def work(tx: Tx) -> str:
        now = sources.now()
        moment = Moment("desk", now, now)
        wanted = Operation(sources.new_id(), act, "outlet", outlet, 1 << 30, moment, scope, changes_of(**fields))
        handed = Submission(1, encode(wanted), Bounds(now, now, now), wanted)
        actor = Actor(sources.random(16), Rights(Authority.MANAGER), scopes.COMPANY)
        applied = await apply(tx, actor, [handed], Batch(now, sources.random))
        return applied.outcomes[0].reason

    return world.does(work)


def move(world: World) -> None:
    """A manager moves an outlet into a territory."""
    outlet, place = _outlet(world), world.random.choice(world.oracle.places)
    if outlet is not None:
        _decides(world, "move", lambda: _acts(world, Act.MOVE, outlet, scope=scopes.territory(place)))


def edit(world: World) -> None:
    """A manager edits an outlet."""
    outlet = _outlet(world)
    if outlet is not None:
        _decides(world, "managed", lambda: _acts(world, Act.EDIT, outlet, phone=str(world.random.randrange(10**10))))


def merge(world: World) -> None:
    """Two outlets are the same one."""
    known = _outlets(world)
    if len(known) > 1:
        gone, survivor = world.random.sample(known, 2)
        sources = world.machine.sources
        taken = world.random.choice(((), ("phone",)))
        world.was_merged = True
        _decides(world, "merge", lambda: world.does(
            lambda tx: merging.merge(tx, sources, gone, survivor, reason="the same", taken=taken)
        ))  # fmt: skip


def unmerge(world: World) -> None:
    """They were not."""
    outlet = _outlet(world)
    if outlet is not None:
        sources = world.machine.sources
        _decides(world, "unmerge", lambda: world.does(lambda tx: merging.undo(tx, sources, outlet, reason="two")))


def roster(world: World) -> None:
    """Somebody joins a territory, or is taken off."""
    place = world.random.choice(world.oracle.places)
    if not world.oracle.staying:
        return
    person = world.random.choice(world.oracle.staying)
    if person in world.oracle.held[place]:
        world.unassign(place, person)
    else:
        world.assign(place, person)


def leave(world: World) -> None:
    """Somebody leaves; somebody stays."""
    if len(world.oracle.staying) <= _LEFT_AT_LEAST:
        return
    person = world.random.choice(world.oracle.staying)
    world.insists(lambda: offboard(world.machine.context.exchange.departure, person, "left"))
    world.oracle.gone.add(person)
    world.takes_off(person)
    for people in world.oracle.held.values():
        people.discard(person)
    world.tell(f"offboard {world.oracle.people[person]}")


def returns(world: World) -> None:
    """Somebody who left comes back, as a new person with a new phone."""
    former = [one for one in world.oracle.people if one in world.oracle.gone]
    if not former or len(world.oracle.people) > 5:
        return
    old = world.random.choice(former)
    name = f"{world.oracle.people[old]}又"

    async def work(tx: Tx) -> UUID:
        return (await staff.add(tx, name, staff.Role.REP, world.machine.sources, formerly=old)).id

    try:
        person = world.does(work)
    except Refusal as refusal:
        world.tell(f"return refused {refusal.code}")
        return
    world.oracle.people[person] = name
    world.assign(world.random.choice(world.oracle.places), person)
    world.add_phone(person)
    world.tell(f"return of {name}")


def night(world: World) -> None:
    """The rules of the day."""
    world.wait(look_daily(world.machine.context.store, _ground(world), 0))
    world.tell("night")


def put_back(world: World) -> None:
    """An outlet goes into the pool by hand."""
    outlet = _outlet(world)
    if outlet is not None:
        work = lambda tx: desk.put_back(tx, [outlet], "nobody goes", _ground(world), even_protected=True)  # noqa: E731
        _decides(world, "put back", lambda: len(world.does(work).refused))


def deal(world: World) -> None:
    """The pool is dealt to its region's reps."""
    _decides(world, "deal", lambda: len(world.does(lambda tx: desk.deal(tx, world.oracle.pool, _ground(world))).given))


def allot(world: World) -> None:
    """Outlets are allotted to one person."""
    if world.oracle.staying:
        person, outlets = world.random.choice(world.oracle.staying), _outlets(world)
        work = lambda tx: desk.allot(tx, outlets, person, _ground(world))  # noqa: E731
        _decides(world, "allot", lambda: len(world.does(work).refused))


def decide(world: World) -> None:
    """What lies in quarantine is accepted or refused."""
    departure = world.machine.context.exchange.departure
    waiting = [one.id for one in world.reads(quarantine.listed) if one.state in quarantine.OPEN]
    chosen = [one for one in waiting if world.random.random() < 0.5]
    if world.random.random() < 0.7:
        _decides(world, "accept", lambda: len(world.wait(quarantine.accept(departure, chosen)).outcomes))
    else:
        _decides(world, "refuse", lambda: bool(world.wait(quarantine.refuse(departure, chosen, "not theirs"))))


def letters(world: World) -> None:
    """A dead letter is replayed or closed."""
    found = world.reads(dead_letters.listed)
    if not found:
        return
    letter, store, sources = world.random.choice(found).id, world.machine.context.store, world.machine.sources
    if world.random.random() < 0.6:
        _decides(world, "replay", lambda: world.wait(dead_letters.replay(store, sources, letter)).code)
    else:
        _decides(world, "close", lambda: world.wait(dead_letters.close(store, sources, letter, "known")))


def meanwhile(world: World) -> None:
    """The company acts while phones sync, the statements of all of them in any order."""
    act = world.random.choice((leave, leave, roster, roster, move, deal))
    phones = world.random.sample(world.phones, world.random.randrange(1, len(world.phones) + 1))
    for phone in phones:
        world.random.choice((rep.register, rep.visit, rep.edit))(world, phone)

    def syncs(phone: Phone) -> Callable[[], None]:
        return lambda: rep.synced(world, phone, is_alone=False)

    world.stage.together([*map(syncs, phones), lambda: act(world)], world.random)
    world.tell(f"meanwhile {len(phones)}")
