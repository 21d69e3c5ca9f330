"""Canaries: making decoys for replicas, and telling from a number that turned up whose replica it was in.

Numbers are the company's own; without any, no decoy is made. Each number is used once, for one device in one epoch. A
decoy looks like the outlets around it and is closed, so that no rule ever plans a visit to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Row, exists, func, insert, select

from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.decoys import decoy_numbers, decoys
from server.master.journal import SALT_BYTES, Note, commit_to, note
from server.master.meta import read_identity
from server.master.people import devices, holdings, rosters, staff
from server.master.scoping import numbers, open_scope
from server.master.store import Store, Tx
from server.master.tables import scopes as scope_rows
from server.master.typed import TYPED
from server.master.upserts import insert_new
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.errors import Refusal
from sync.messages import Standing
from sync.operations import Act, Operation, changes_of
from sync.outcomes import OutcomeCode
from sync.records import Grade, OutletStatus, Review

__all__ = ["Numbers", "Sighting", "add_numbers", "counted", "digits_of", "make_due", "sighting"]

_SHORTEST, _LONGEST = 7, 15
_MODELS = 400
"""So many outlets around are looked at for one decoy."""
_DIGITS = 10

T = TypeVar("T")


class Numbers(msgspec.Struct, frozen=True):
    """How many numbers there are for decoys, and how many of them are in use."""

    known: int
    used: int


class Sighting(msgspec.Struct, frozen=True):
    """Whose replica a number was in. `since` is when the device first got it (None: it never did), `until` when it was
    told to drop it. The commitment is entry `position` of the company's journal: BLAKE2b-32 of salt and body.
    """

    number: str
    device: UUID
    staff: UUID
    staff_name: str
    model: str
    outlet: UUID
    epoch: bytes
    made_at: int
    since: int | None
    until: int | None
    position: int
    commitment: bytes
    salt: bytes
    body: bytes


def digits_of(number: str) -> str:
    """A number as it is kept: a plus sign and digits. Raises Refusal for what is none."""
    plain = "".join(one for one in number.strip() if one.isascii() and one.isdigit())
    if not _SHORTEST <= len(plain) <= _LONGEST:
        raise Refusal("bad_value", f"a number has {_SHORTEST} to {_LONGEST} digits")
    return f"+{plain}" if number.strip().startswith("+") else plain


async def add_numbers(tx: Tx, given: Sequence[str], by: UUID, sources: Sources) -> int:
    """Add numbers that the company owns; how many are new. Raises Refusal."""
    now, before = sources.now(), (await counted(tx)).known
    rows = [{"number": digits_of(one), "added_at": now, "added_by": by.bytes} for one in given]
    await insert_new(tx, decoy_numbers, rows)
    fresh = (await counted(tx)).known - before
    if fresh:
        await note(tx, [Note(scopes.COMPANY, "decoy_numbers_added", {"count": fresh, "by": by})], now, sources.random)
    return fresh


async def counted(tx: Tx) -> Numbers:
    """How many numbers there are, and how many are in use."""
    known, used = (select(func.count()).select_from(table).scalar_subquery() for table in (decoy_numbers, decoys))
    row = (await tx.execute(select(known.label("known"), used.label("used")))).one()
    return Numbers(row.known, row.used)


async def make_due(store: Store, sources: Sources, each: int) -> int:
    """Give every active device `each` decoys in this epoch, as far as there are numbers; how many were made."""
    async with store.read() as tx:
        free = await counted(tx)
        if free.known == free.used or each < 1:
            return 0
        lacking = await _lacking(tx, each)
    made = 0
    for device, person, count in lacking:
        for _ in range(count):
            made += await store.transact(partial(_make, sources=sources, device=device, person=person, each=each))
    return made


async def _lacking(tx: Tx, each: int) -> list[tuple[UUID, UUID, int]]:
    """Active devices of people who work somewhere, with the number of decoys that they lack, the oldest first."""
    epoch = (await read_identity(tx)).epoch
    has = select(func.count()).where(decoys.c.device == devices.c.id, decoys.c.epoch == epoch).scalar_subquery()
    works = exists().where(rosters.c.staff == devices.c.staff)
    wanted = select(devices.c.id, devices.c.staff, has.label("has")).where(devices.c.standing == Standing.ACTIVE, works)
    rows = await tx.execute(wanted.order_by(devices.c.enrolled_at, devices.c.id))
    return [(UUID(bytes=bytes(row.id)), UUID(bytes=bytes(row.staff)), each - row.has) for row in rows if row.has < each]


@dataclass
class _Draw:
    """Drawing from what is around, with the randomness that was given."""

    random: Callable[[int], bytes]

    def below(self, most: int) -> int:
        return int.from_bytes(self.random(8), "big") % most

    def one(self, among: Sequence[T]) -> T:
        return among[self.below(len(among))]

    def digits(self, text: str) -> str:
        """The text with other digits, as of another house in the same street."""
        return "".join(str(1 + self.below(9)) if one.isdigit() else one for one in text)

    def crossed(self, texts: Sequence[str]) -> str:
        """A text that begins like one of these and ends like another."""
        first, last = self.one(texts), self.one(texts)
        return first[: (len(first) + 1) // 2] + last[(len(last) + 1) // 2 :]

    def near(self, position: dict[str, Any] | None) -> dict[str, Any] | None:
        """A place some hundred metres off."""
        if position is None:
            return None
        shifted = {name: position[name] + (self.below(4001) - 2000) / 1e6 for name in ("lat", "lon")}
        return position | shifted


async def _around(tx: Tx, person: UUID) -> tuple[list[Row[Any]], list[str]]:
    """Outlets in the person's territories to take after, and the names of contacts there."""
    mine = select(rosters.c.territory).where(rosters.c.staff == person.bytes)
    names = [scopes.territory(UUID(bytes=bytes(one))) for one in (await tx.execute(mine)).scalars()]
    here = list((await numbers(tx, names)).values())
    outlets, contacts = TYPED["outlet"], TYPED["contact"]
    shops = (await tx.execute(select(outlets).where(outlets.c.scope.in_(here)).limit(_MODELS))).all()
    people = await tx.execute(select(contacts.c.name).where(contacts.c.scope.in_(here)).limit(_MODELS))
    return list(shops), list(people.scalars())


async def _make(tx: Tx, sources: Sources, device: UUID, person: UUID, each: int) -> int:
    """One decoy for a device: 1, or 0 without a free number or anything around to take after, and where another process
    has made it or the device has gone.
    """
    if not await _lacks(tx, device, each):
        return 0
    is_used = exists().where(decoys.c.number == decoy_numbers.c.number)
    free = select(decoy_numbers.c.number).where(~is_used).order_by(decoy_numbers.c.added_at, decoy_numbers.c.number)
    number = (await tx.execute(free.limit(1).with_for_update(skip_locked=True))).scalar_one_or_none()
    shops, people = await _around(tx, person)
    if number is None or not shops:
        return 0
    made = _fields(_Draw(sources.random), shops, people or [shops[0].name], number)
    scope = await _shadow(tx, sources)
    outlet = await _written(tx, sources, scope, *made)
    await _commit(tx, sources, device, number, scope, outlet, made)
    return 1


async def _lacks(tx: Tx, device: UUID, each: int) -> bool:
    """Whether a device lacks a decoy, read again with its row locked."""
    active = (devices.c.id == device.bytes) & (devices.c.standing == Standing.ACTIVE)
    if (await tx.execute(select(devices.c.id).where(active).with_for_update())).first() is None:
        return False
    mine = (decoys.c.device == device.bytes) & (decoys.c.epoch == (await read_identity(tx)).epoch)
    return bool((await tx.execute(select(func.count()).where(mine))).scalar_one() < each)


def _fields(
    draw: _Draw, shops: Sequence[Row[Any]], people: Sequence[str], number: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """An outlet like those around, and its contact. It is closed: nothing plans a visit to a closed outlet."""
    model = draw.one(shops)
    alike = [one.name for one in shops if one.outlet_class == model.outlet_class]
    taken, name = {one.name for one in shops}, ""
    for _ in range(20):
        name = draw.crossed(alike)
        if name not in taken:
            break
    shop = {
        "name": name,
        "outlet_class": model.outlet_class,
        "grade": Grade.C,
        "status": OutletStatus.CLOSED,
        "address": draw.digits(model.address),
        "phone": number,
        "opening_hours": model.opening_hours,
        "review": Review.APPROVED,
        "source": model.source,
    }
    position = draw.near(model.position)
    if position is not None:
        shop["position"] = [position["lat"], position["lon"], position.get("accuracy")]
    return shop, {"name": draw.crossed(people), "phone": number}


async def _shadow(tx: Tx, sources: Sources) -> str:
    """A new scope that no roster names. It is a private one: a phone never registers anything of its own there."""
    name = scopes.private_of(scopes.territory(sources.new_id()))
    await open_scope(tx, name)
    return name


async def _written(tx: Tx, sources: Sources, scope: str, shop: dict[str, Any], person: dict[str, Any]) -> UUID:
    now, outlet, contact = sources.now(), sources.new_id(), sources.new_id()
    moment, bounds = Moment("rule", now, now), Bounds(now, now, now)
    wanted = (
        ("outlet", outlet, scope, shop | {"main_contact": contact}),
        ("contact", contact, None, person | {"outlet": outlet}),
    )
    handed = []
    for count, (name, record, place, fields) in enumerate(wanted, 1):
        one = Operation(sources.new_id(), Act.CREATE, name, record, 0, moment, place, changes_of(**fields))
        handed.append(Submission(count, encode(one), bounds, one))
    actor = Actor(sources.random(16), Rights(Authority.SERVER), scope)
    applied = await apply(tx, actor, handed, Batch(now, sources.random))
    for outcome in applied.outcomes:
        if outcome.code is not OutcomeCode.APPLIED:
            raise Refusal(outcome.reason or "bad_value", outcome.detail)
    return outlet


async def _commit(
    tx: Tx, sources: Sources, device: UUID, number: str, scope: str, outlet: UUID, made: tuple[dict[str, Any], ...]
) -> None:
    """Put the commitment into the journal, and the decoy on record: only from this commit on is the scope granted."""
    now, epoch, salt = sources.now(), (await read_identity(tx)).epoch, sources.random(SALT_BYTES)
    body = encode([device, epoch, now, outlet, *made])
    commitment = commit_to(salt, body)
    # This scope is new, so nobody waits for it: the company's may be locked after it.
    await note(tx, [Note(scopes.COMPANY, "decoy_committed", {"commitment": commitment})], now, sources.random)
    place = select(scope_rows.c.entries).where(scope_rows.c.name == scopes.COMPANY)
    row = {
        "number": number,
        "device": device.bytes,
        "epoch": epoch,
        "scope": (await numbers(tx, [scope]))[scope],
        "outlet": outlet.bytes,
        "made_at": now,
        "salt": salt,
        "body": body,
        "commitment": commitment,
        "position": (await tx.execute(place)).scalar_one(),
    }
    await tx.execute(insert(decoys).values(row))


async def sighting(tx: Tx, number: str, seen: str, by: UUID, sources: Sources) -> Sighting:
    """Whose replica a number was in; that it was seen, and where (`seen`), is journalled. Raises Refusal."""
    mine = (holdings.c.device == decoys.c.device) & (holdings.c.scope == decoys.c.scope)
    joined = decoys.join(devices, devices.c.id == decoys.c.device).join(staff, staff.c.id == devices.c.staff)
    wanted = (
        select(decoys, devices.c.staff, devices.c.model, staff.c.name, holdings.c.first_at, holdings.c.evicted_at)
        .select_from(joined.outerjoin(holdings, mine))
        .where(decoys.c.number == digits_of(number))
    )
    row = (await tx.execute(wanted)).first()
    if row is None:
        raise Refusal("not_found", "no decoy has this number")
    found = Sighting(
        row.number, UUID(bytes=bytes(row.device)), UUID(bytes=bytes(row.staff)), row.name, row.model,
        UUID(bytes=bytes(row.outlet)), bytes(row.epoch), row.made_at, row.first_at, row.evicted_at, row.position,
        bytes(row.commitment), bytes(row.salt), bytes(row.body),
    )  # fmt: skip
    body = {"number": found.number, "device": found.device, "seen": seen.strip(), "by": by}
    await note(tx, [Note(scopes.COMPANY, "decoy_sighted", body)], sources.now(), sources.random)
    return found
