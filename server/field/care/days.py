"""The days of care at outlets: birthdays, festivals, occasions, each a task in time for the right people.

Birthdays are used only with consent to care. A task names the outlet and the contact it is about, and nothing private.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.owners import Shop, shops
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.staff import Role
from server.master.people import rosters
from server.master.standing import standing_outlets, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.care import birthdays, festivals_ahead
from sync.business.lunar import FESTIVALS
from sync.policies.care import BIRTHDAY_LEAD, FESTIVAL_GRADES, FESTIVAL_LEAD, OCCASION_LEAD
from sync.records import Birthday, Consent, Grade, Relative
from sync.words import VALUES

__all__ = ["TASK", "CareDay", "ahead", "hear", "near", "remind"]

TASK = "care"
_OUTLETS, _PRIVATE, _OCCASIONS = TYPED["outlet"], TYPED["contact_private"], TYPED["occasion"]


class CareDay(msgspec.Struct, frozen=True):
    """One day that is coming: what kind (birthday, family_birthday, a festival's code, an occasion's kind), at which
    outlet, about which record (contact or occasion), and from when on there is a task.
    """

    kind: str
    day: date
    outlet: UUID
    about: UUID | None
    from_day: date
    zh: str
    en: str

    @property
    def is_private(self) -> bool:
        """Whether it comes out of the private part: anything but a festival."""
        return self.kind not in FESTIVALS


async def ahead(tx: Tx, ground: Ground, days: int, family: Collection[UUID] | None = None) -> list[CareDay]:
    """The days of care from today until so many days from now, the first first: of the company, or of these outlets,
    which are one.
    """
    last = ground.today + timedelta(days=days)
    return [one for one in await _coming(tx, ground, family) if one.day <= last]


async def near(tx: Tx, ground: Ground) -> list[CareDay]:
    """The days of care that have a task today, the first first."""
    return [one for one in await _coming(tx, ground) if one.from_day <= ground.today]


async def _coming(tx: Tx, ground: Ground, family: Collection[UUID] | None = None) -> list[CareDay]:
    """The next of every day that comes again, and all occasions that are ahead, at outlets that stand."""
    grades, into = await _grades(tx, family), await survivors(tx)
    found = [
        *await _birthdays(tx, ground, into, family),
        *await _occasions(tx, ground, into, family),
        *_festivals(ground, grades),
    ]
    coming = [one for one in found if one.outlet in grades and one.day >= ground.today]
    return sorted(coming, key=lambda one: (one.day, one.outlet, one.kind, str(one.about)))


async def _grades(tx: Tx, outlets: Collection[UUID] | None = None) -> dict[UUID, Grade]:
    """The grades of the outlets that stand, of all or of these few."""
    wanted = standing_outlets(_OUTLETS.c.id, _OUTLETS.c.grade)
    rows = await tx.execute(wanted if outlets is None else wanted.where(_OUTLETS.c.id.in_(list(outlets))))
    return {row.id: Grade(row.grade) for row in rows}


async def _birthdays(
    tx: Tx, ground: Ground, into: Mapping[UUID, UUID], family: Collection[UUID] | None
) -> list[CareDay]:
    contacts = TYPED["contact"]
    columns = (_PRIVATE.c.contact, _PRIVATE.c.outlet, _PRIVATE.c.consent, _PRIVATE.c.birthday, _PRIVATE.c.family)
    joined = _PRIVATE.join(contacts, contacts.c.id == _PRIVATE.c.contact)
    wanted = select(*columns).select_from(joined).where(contacts.c.active, _PRIVATE.c.consent.is_not(None))
    rows = await tx.execute(wanted if family is None else wanted.where(_PRIVATE.c.outlet.in_(family)))
    lead, found = timedelta(days=ground.policies.of(BIRTHDAY_LEAD)), []
    for row in rows.mappings():
        for kind, day in birthdays(*_read(dict(row)), ground.today):
            outlet = into.get(row["outlet"], row["outlet"])
            zh, en = ("生日", "Birthday") if kind == "birthday" else ("家人生日", "Birthday in the family")
            found.append(CareDay(kind, day, outlet, row["contact"], day - lead, zh, en))
    return found


def _read(row: Mapping[str, Any]) -> tuple[Consent | None, Birthday | None, tuple[Relative, ...]]:
    family = tuple(_relative(one) for one in row["family"] or ())
    return _maybe(row["consent"], Consent), _maybe(row["birthday"], Birthday), family


def _maybe(value: Mapping[str, Any] | None, kind: type[Any]) -> Any:
    """A composed value out of its column, where it stands as JSON by names."""
    if value is None:
        return None
    return msgspec.convert([value[name] for name in kind.__struct_fields__ if name in value], kind)


def _relative(value: Mapping[str, Any]) -> Relative:
    return Relative(value["key"], value["name"], value["relation"], _maybe(value["birthday"], Birthday))


async def _occasions(
    tx: Tx, ground: Ground, into: Mapping[UUID, UUID], family: Collection[UUID] | None = None
) -> list[CareDay]:
    wanted = select(_OCCASIONS.c.id, _OCCASIONS.c.outlet, _OCCASIONS.c.kind, _OCCASIONS.c.day)
    wanted = wanted.where(_OCCASIONS.c.day >= str(ground.today))
    rows = await tx.execute(wanted if family is None else wanted.where(_OCCASIONS.c.outlet.in_(family)))
    lead, found = timedelta(days=ground.policies.of(OCCASION_LEAD)), []
    for row in rows:
        day, (zh, en) = date.fromisoformat(row.day), VALUES["occasion"][row.kind]
        found.append(CareDay(row.kind, day, into.get(row.outlet, row.outlet), row.id, day - lead, zh, en))
    return found


def _festivals(ground: Ground, grades: Mapping[UUID, Grade]) -> list[CareDay]:
    lead, meant = timedelta(days=ground.policies.of(FESTIVAL_LEAD)), ground.policies.of(FESTIVAL_GRADES)
    shops_meant = [one for one, grade in grades.items() if grade in meant]
    return [
        CareDay(code, day, one, None, day - lead, *FESTIVALS[code][2:])
        for code, day in festivals_ahead(ground.today, ground.policies)
        for one in shops_meant
    ]


async def hear(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """An occasion that is noted at short notice has its task at once, not only after the night."""
    noted = {one.record.id for one in arrived}
    coming = [one for one in await _occasions(tx, ground, await survivors(tx)) if one.about in noted]
    grades = await _grades(tx, [one.outlet for one in coming])
    due = [one for one in coming if one.from_day <= ground.today and one.outlet in grades]
    return await _give(tx, ground, due, grades)


async def remind(tx: Tx, ground: Ground) -> frozenset[str]:
    """Give the tasks of the days that are near: to the outlet's owner, at key outlets to the dealer too.

    A day out of the private part goes to an owner who holds it, or else to the dealer.
    """
    return await _give(tx, ground, await near(tx, ground), await _grades(tx))


async def _give(tx: Tx, ground: Ground, coming: Sequence[CareDay], grades: Mapping[UUID, Grade]) -> frozenset[str]:
    known = await shops(tx, {one.outlet for one in coming})
    dealers = [one.id for one in await staff.everybody(tx) if one.is_active and one.role is Role.DEALER]
    wanted: list[tuple[UUID, Wanted]] = []
    holders = await _holders(tx)
    for one in coming:
        shop = known.get(one.outlet)
        if shop is not None:
            if one.is_private and (shop.territory, shop.owner) not in holders:
                shop = msgspec.structs.replace(shop, owner=None)
            wanted += [(who, _task(one, shop)) for who in _people(shop, grades[one.outlet], dealers)]
    return (await give(tx, ground.sources, wanted))[1]


async def _holders(tx: Tx) -> set[tuple[UUID | None, UUID | None]]:
    """Who holds the private part of which territory."""
    wanted = select(rosters.c.territory, rosters.c.staff).where(rosters.c.private)
    return {(UUID(bytes=bytes(row.territory)), UUID(bytes=bytes(row.staff))) for row in await tx.execute(wanted)}


def _people(shop: Shop, grade: Grade, dealers: Sequence[UUID]) -> list[UUID]:
    """Who is asked: the owner, the dealers for key outlets and where nobody owns it; each once."""
    owner = [shop.owner] if shop.owner is not None else []
    return list(dict.fromkeys([*owner, *(dealers if grade is Grade.A or not owner else ())]))


def _task(one: CareDay, shop: Shop) -> Wanted:
    return Wanted(
        TASK, one.outlet, f"{one.zh} {one.en} · {shop.name}", due=str(one.day), about=one.about, is_of_day=True
    )
