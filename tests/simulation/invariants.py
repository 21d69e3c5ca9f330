"""What must hold, said without the engine's help: each finding is a line for whoever reads why a seed failed."""

from __future__ import annotations

import re
from collections import Counter
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from client_sdk.errors import SaojieError
from server.master.audit import audit
from server.master.departures import quarantine
from server.master.journal import Change
from server.master.store import Tx
from server.master.tables import dead_letters, feed, journal_bodies
from server.master.tables import scopes as scope_rows
from server.master.typed import TYPED
from server.master.verify import verify
from sync.codec import decode
from sync.outcomes import OutcomeCode
from tests.client_sdk.seeking import found_plain, found_with_keys
from tests.simulation.deeds import beside_survivors, done_outside, overwritten
from tests.simulation.left import left_of, left_on_server
from tests.simulation.phone import Phone
from tests.simulation.world import World

__all__ = ["after_checkpoint", "at_rest"]

Rows = dict[str, dict[bytes, bytes]]
"""Packed records by scope and id."""

_OPERATION = b"\xa9operation"
_MARK = re.compile(rb"m\d{5}")


def after_checkpoint(world: World, phone: Phone, *, is_alone: bool) -> list[str]:
    """What a phone holds after a checkpoint is within its scopes; where nobody else acts, it is the master's."""
    if phone.is_forgotten:
        return []
    may, held = world.oracle.may_hold(phone.staff), held_by(phone)
    beyond = sorted({name for name, rows in held.items() if rows} - may)
    if beyond or not is_alone:
        return [f"{world.name(phone)} holds {one} after a checkpoint" for one in beyond] if is_alone else []
    return _different(world, phone, held, may)


def at_rest(world: World) -> list[str]:
    """When nothing is in trouble and every phone has synced."""
    found = [f"audit: {one}" for one in world.reads(audit)]
    pinned = world.machine.context.exchange.departure.keys.signing_public
    flaws = world.reads(lambda tx: verify(tx, pinned)).flaws
    # Phones have checkpoints of the history that a restore took away, and say so.
    found += [f"journal: {one}" for one in flaws if not (world.was_restored and one.code == "witness_differs")]
    for phone in world.phones:
        if not phone.is_forgotten:
            found += _departed(world, phone) if phone.staff in world.oracle.gone else _staying(world, phone)
    found += world.reads(lambda tx: left_on_server(tx, world.oracle))
    if not world.was_restored:
        found += world.reads(lambda tx: done_outside(tx, world.places_of, world.oracle.gone))
    found += world.reads(beside_survivors)
    where = world.reads(_kept)
    found += overwritten(world, {mark for mark in where.applied if not where.kept[mark]})
    return found + world.wire.wrong + _promised(world, where) + world.reads(_sums)


def held_by(phone: Phone) -> Rows:
    """What a phone holds as the server gave it."""
    found: Rows = {}
    with phone.replica._device.serving(is_gated=False) as replica:
        for scope in replica.scopes.all():
            rows = [one for one in replica.rows.in_scope(scope.id) if one.packed is not None]
            found[scope.name] = {one.record: one.packed for one in rows if one.packed is not None}
    return found


async def _master(tx: Tx) -> Rows:
    found: Rows = {}
    wanted = select(scope_rows.c.name, feed.c.record, feed.c.packed).join(scope_rows, scope_rows.c.no == feed.c.scope)
    for row in await tx.execute(wanted.where(feed.c.packed.is_not(None))):
        found.setdefault(row.name, {})[bytes(row.record)] = bytes(row.packed)
    return found


def _different(world: World, phone: Phone, held: Rows, may: set[str]) -> list[str]:
    master = world.reads(_master)
    wanted = {name: master.get(name, {}) for name in may}
    names = sorted(name for name in may | held.keys() if held.get(name, {}) != wanted.get(name, {}))
    return [f"{world.name(phone)} and the master differ in {one}" for one in names]


def _departed(world: World, phone: Phone) -> list[str]:
    return left_of(world, phone) + _gone(world, phone)


def _gone(world: World, phone: Phone) -> list[str]:
    """Nothing of who left is readable any more, in any file, with any key that is left."""
    name = world.name(phone)
    try:
        found = [f"{name} of somebody who left still opens, with {len(held_by(phone))} scopes"]
    except SaojieError:
        found = []
    phone.restart()
    words = [world.marked(number) for number in range(1, world.marks + 1)]
    readable = found_plain(phone.directory, words) | found_with_keys(phone.directory, words)
    return found + [f"{name} of somebody who left still has {word}" for word in sorted(readable)]


def _staying(world: World, phone: Phone) -> list[str]:
    if phone.is_suspended:
        return []
    status, name = phone.replica.status(), world.name(phone)
    try:
        held = held_by(phone)
    except SaojieError:
        return [f"{name} does not open: {status.why}"]
    found = _different(world, phone, held, world.oracle.may_hold(phone.staff))
    found += [] if status.verified else [f"{name} is not verified: {status.why}"]
    found += [f"{name} has {status.pending} pending"] if status.pending else []
    found += [f"{name} shows {one} otherwise than its row" for one in _laid_over(phone)]
    refused = world.reads(lambda tx: _refused(tx, phone))
    found += [f"{name} counts {status.refused} refused, the server {refused}"] if status.refused != refused else []
    sums = world.reads(_counted)
    ours = {scope: counted for scope, counted in phone.replica.digests().items() if counted != sums.get(scope)}
    return found + [f"{name} counts {scope} otherwise than the server" for scope in sorted(ours)]


def _laid_over(phone: Phone) -> list[str]:
    """Records that the rep sees otherwise than the master has them; where nothing is pending there is none."""
    with phone.replica._device.serving(is_gated=False) as replica:
        sql = "SELECT r.record FROM overlay o JOIN row r ON r.id=o.id WHERE o.packed IS NOT r.packed"
        return sorted(UUID(bytes=record).hex for (record,) in replica.file.run(sql))


async def _refused(tx: Tx, phone: Phone) -> int:
    mine = select(func.count()).where(dead_letters.c.staff == phone.staff.bytes, dead_letters.c.state == "open")
    return int((await tx.execute(mine)).scalar_one())


async def _counted(tx: Tx) -> dict[str, tuple[int, bytes]]:
    rows = await tx.execute(select(scope_rows.c.name, scope_rows.c["count"], scope_rows.c.digest))
    return {row.name: (row[1], bytes(row.digest)) for row in rows}


class _Kept(msgspec.Struct):
    """Where marks are found: how often applied, by operation; in how many dead letters and items of quarantine."""

    applied: Counter[bytes]
    kept: Counter[bytes]


async def _kept(tx: Tx) -> _Kept:
    done, kept = Counter[tuple[bytes, UUID]](), Counter[bytes]()
    for body in (await tx.execute(select(journal_bodies.c.body))).scalars():
        if body[1 : 1 + len(_OPERATION)] == _OPERATION:
            change = decode(body, Change)
            if change.authority == "rep" and change.operation and change.outcome.code is not OutcomeCode.REFUSED:
                marks = set(_MARK.findall(bytes(change.operation.changes)))
                done.update((mark, change.operation.record) for mark in marks)
    for table in (dead_letters, quarantine):
        for body in (await tx.execute(select(table.c.body))).scalars():
            kept.update(set(_MARK.findall(bytes(body))))
    # An edit of an outlet that was merged is in the journal of both, once each.
    applied: dict[bytes, int] = {}
    for (mark, _), times in done.items():
        applied[mark] = max(times, applied.get(mark, 0))
    return _Kept(Counter(applied), kept)


def _promised(world: World, where: _Kept) -> list[str]:
    """Whatever a call returned for took effect once, or is whole among the dead letters or in quarantine."""
    found = []
    for phone in world.phones:
        for promise in () if phone.is_forgotten or phone.is_suspended else phone.promised:
            mark = promise.mark.encode()
            applied, kept = where.applied[mark], where.kept[mark]
            if applied > 1 or not applied + kept:
                what = f"{promise.collection} {promise.mark} of {world.name(phone)}"
                found.append(f"{what}: applied {applied}, kept {kept}")
    return found + world.reads(_twice)


async def _sums(tx: Tx) -> list[str]:
    """What an outlet sold is what its visits say, each counted once; outlets with amended visits are left out."""
    visits = (await tx.execute(select(TYPED["visit"]))).all()
    amended = {row.outlet for row in visits if row.amends is not None}
    sold = Counter[tuple[UUID, str]]()
    for row in visits:
        sold.update({(row.outlet, line["product"]): line["sold"] for line in row.stock})
    found = []
    for outlet in (await tx.execute(select(TYPED["outlet"]))).all():
        for product, line in outlet.stock.items() if outlet.id not in amended else ():
            said = sold[outlet.id, product]
            if line["sold"] != said:
                found.append(f"outlet {outlet.id} sold {line['sold']} of {product}, its visits {said}")
    return found


async def _twice(tx: Tx) -> list[str]:
    found = []
    for collection in ("visit", "order"):
        table = TYPED[collection]
        marks = Counter((await tx.execute(select(table.c.notes))).scalars())
        found += [f"{collection} {mark} is there {count} times" for mark, count in marks.items() if count > 1]
    return found
