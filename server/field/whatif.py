"""What if somebody left: what hangs on one person alone, and the tasks that would lower that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.faces import Person, Shop, contacts_of, faces_of, shops_of
from server.field.purchases import Basis, Span, basis_of, bought
from server.field.tasks import Wanted, day_of, give
from server.master.money import owed
from server.master.people import rosters
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.records import Grade

__all__ = ["AtRisk", "Exposed", "Windows", "at_risk", "create_tasks", "wanted_tasks", "what_if"]

JOINT_VISIT, SECOND_FACE, COMPANY_CHANNEL = "joint_visit", "second_face", "company_channel"


class Windows(msgspec.Struct, frozen=True):
    """How far back purchases and faces are looked at, in days, and the company's time zone."""

    purchases: int = 90
    faces: int = 180
    zone: str = "Asia/Shanghai"


class AtRisk(msgspec.Struct, frozen=True):
    """One outlet of the person: what it bought, what it owes (minor units), whether nobody else has touched it, and its
    contacts whom only this person knows or reaches by a private channel.
    """

    outlet: UUID
    name: str
    grade: Grade
    bought: int
    owes: int
    is_single: bool
    single_contacts: tuple[str, ...] = ()
    private_contacts: tuple[str, ...] = ()


class Exposed(msgspec.Struct, frozen=True):
    """All outlets of one person, what hangs on them most first. `company_bought` is what the whole company sold."""

    staff: UUID
    basis: Basis
    outlets: tuple[AtRisk, ...]
    company_bought: int

    @property
    def single(self) -> list[AtRisk]:
        """The outlets that nobody else has touched."""
        return [one for one in self.outlets if one.is_single]


def at_risk(
    person: UUID,
    shops: Sequence[Shop],
    contacts: Sequence[Person],
    faces: Mapping[UUID, set[UUID]],
    money: tuple[Mapping[UUID, int], Mapping[UUID, int]],
) -> list[AtRisk]:
    """What hangs on `person` at these outlets, single faces and key outlets first. `money`: what each bought, and owes.

    An outlet that nobody touched in the time has no face, and hangs on nobody.
    """
    purchases, owes = money
    known: dict[UUID, list[Person]] = {}
    for one in contacts:
        known.setdefault(one.outlet, []).append(one)
    found = []
    for shop in shops:
        is_single = faces.get(shop.id) == {person}
        people = known.get(shop.id, [])
        single = tuple(one.name for one in people if is_single or faces.get(one.id) == {person})
        private = tuple(one.name for one in people if one.is_private)
        amounts = (purchases.get(shop.id, 0), owes.get(shop.id, 0))
        found.append(AtRisk(shop.id, shop.name, shop.grade, *amounts, is_single, single, private))
    return sorted(found, key=lambda one: (not one.is_single, one.grade, -one.bought, one.name, one.outlet))


def wanted_tasks(outlets: Sequence[AtRisk]) -> list[Wanted]:
    """The tasks that lower the risk: a joint visit at key outlets and a second face at others, where nobody else is
    known; and contacts who are reached privately to be moved to a company channel.
    """
    wanted = []
    for one in outlets:
        if one.is_single and one.grade is Grade.A:
            wanted.append(
                _task(one, JOINT_VISIT, "联合拜访 Joint visit", "与负责人一同上门 · Call together with the rep.")
            )
        elif one.is_single:
            note = "再介绍一位同事给客户 · Introduce a second colleague to the customer."
            wanted.append(_task(one, SECOND_FACE, "第二联系人 Second face", note))
        if one.private_contacts:
            names = "、".join(one.private_contacts)
            note = f"改用公司号码联系：{names} · Reach them by a company channel: {names}"
            wanted.append(_task(one, COMPANY_CHANNEL, "转公司渠道 Company channel", note))
    return wanted


def _task(one: AtRisk, kind: str, what: str, notes: str) -> Wanted:
    return Wanted(kind, one.outlet, f"{one.grade} · {what} · {one.name}", notes)


async def what_if(tx: Tx, person: UUID, now: int, windows: Windows) -> Exposed:
    """What would be at risk if `person` left now, at the outlets of their territories."""
    lasting = (rosters.c.staff == person.bytes) & rosters.c.until.is_(None)
    held = select(rosters.c.territory).where(lasting).order_by(rosters.c.territory)
    places = [scopes.territory(UUID(bytes=bytes(one))) for one in (await tx.execute(held)).scalars()]
    today = day_of(now, windows.zone)
    span = Span(today - timedelta(days=windows.purchases), today + timedelta(days=1), windows.zone)
    basis = await basis_of(tx, span)
    purchases = await bought(tx, span, basis)
    faces = await faces_of(tx, places, now - windows.faces * 86_400_000)
    money = (purchases, await owed(tx))
    outlets = at_risk(person, await shops_of(tx, places), await contacts_of(tx, places), faces, money)
    return Exposed(person, basis, tuple(outlets), sum(purchases.values()))


async def create_tasks(
    store: Store, sources: Sources, assignee: UUID, tasks: Sequence[Wanted]
) -> tuple[int, frozenset[str]]:
    """Give these tasks to `assignee`; what they have open already is not given twice. How many, and what changed."""
    return await store.transact(partial(give, sources=sources, wanted=[(assignee, one) for one in tasks]))
