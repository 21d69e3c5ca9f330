"""Opening the file on an outlet: put together from the archive alone, and noted before a line of it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select

from server.field.brief.history import important_changes
from server.field.brief.parts import Brief, Changed, Deal, Met, Money, Talk, ToDo, Verified
from server.field.brief.reading import (
    contacts_at,
    deals_at,
    questions_about,
    talks_at,
    tasks_at,
    verifications_at,
    visits_at,
)
from server.field.care.days import CareDay, ahead
from server.field.credit.accounts import account
from server.field.faces import faces_of
from server.field.ground import Ground
from server.identity import staff
from server.identity.grants import grants_of_many
from server.identity.rosters import Team, teams
from server.identity.staff import Person, PersonStatus
from server.identity.territories import all_pools, all_territories
from server.master.actors import Authority
from server.master.decoys import no_decoys
from server.master.journal import Note, note
from server.master.money import terms_of
from server.master.promises import Promise, promises
from server.master.scoping import names
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.care import AHEAD_DAYS
from sync.codec import plain
from sync.errors import Refusal
from sync.policies.work import FACES_DAYS
from sync.scopes import ScopeKind, parse_scope

__all__ = ["brief_of", "open_brief"]

_MOST = 20
_DAY_MS = 86_400_000
_OUTLETS = TYPED["outlet"]
_ACCESSED, _REFUSED = "accessed", "brief_refused"


async def open_brief(
    store: Store, outlet: UUID, ground: Ground, *, by: UUID | None = None, receiver: UUID | None = None
) -> Brief:
    """The brief on an outlet, opened `by` somebody, for `receiver` where it is for somebody else; journalled with the
    contacts that are in it. Days of care out of the private part are in it where everybody named decides, or holds that
    part. Raises Refusal where there is no such outlet, and, journalled, where either is leaving or has left.
    """
    people = sorted({one for one in (by, receiver) if one is not None})

    async def work(tx: Tx) -> Brief | None:
        locked = [await staff.lock(tx, one) for one in people]
        body: dict[str, Any] = {"what": "brief", "outlet": outlet, "by": by, "for": receiver}
        if any(one is not None and one.status is not PersonStatus.ACTIVE for one in locked):
            await _note(tx, scopes.COMPANY, _REFUSED, body, ground)
            return None
        known = [one for one in locked if one is not None]
        found = await brief_of(tx, outlet, ground, [one for one in known if one.role.authority is Authority.REP])
        seen = {"lines": len(found.contacts), "contacts": [one.id.bytes for one in found.contacts]}
        await _note(tx, scopes.staff(by) if by is not None else scopes.COMPANY, _ACCESSED, body | seen, ground)
        return found

    found = await store.transact(work)
    if found is None:
        raise Refusal("not_yours", "no brief goes to somebody who is leaving or has left")
    return found


async def _note(tx: Tx, scope: str, kind: str, body: dict[str, Any], ground: Ground) -> None:
    await note(tx, [Note(scope, kind, body)], ground.sources.now(), ground.sources.random)


async def brief_of(tx: Tx, outlet: UUID, ground: Ground, readers: Sequence[Person] = ()) -> Brief:
    """All that the file has, of the private part what each of these people holds; a merged outlet's is that of the one
    that stands for it. Raises Refusal.
    """
    into = await survivors(tx)
    end = into.get(outlet, outlet)
    merged = tuple(sorted(one for one, of in into.items() if of == end))
    row = await _row(tx, end)
    family, today = [end, *merged], str(ground.today)
    scope = (await names(tx, [row.scope]))[row.scope]
    team = await _team(tx, scope)
    contacts = await contacts_at(tx, family, row.main_contact)
    deals, visits = await deals_at(tx, family, _MOST), await visits_at(tx, family, _MOST)
    made = await promises(tx, [end])
    since = ground.sources.now() - ground.policies.of(FACES_DAYS) * _DAY_MS
    faces = (await faces_of(tx, [scope], since)).get(end, set())
    brief = Brief(
        id=end,
        outlet=_fields(row),
        merged=merged,
        place=await _place(tx, scope),
        owner=team.owner,
        partners=team.partners,
        service=team.service,
        faces=tuple(sorted(faces)),
        contacts=contacts,
        history=await important_changes(tx, [*family, *(one.id for one in contacts)]),
        deals=deals,
        visits=visits,
        talks=await talks_at(tx, family, _MOST, {one.report: one for one in made}, today),
        promises=tuple(one for one in made if not one.is_kept),
        care=await _care(tx, family, ground, is_private=await _holds(tx, scope, readers, ground)),
        tasks=await tasks_at(tx, family),
        money=await _money(tx, end, today),
        verifications=await verifications_at(tx, family, _MOST),
        questions=await questions_about(tx, family, {*(one.id for one in deals), *(one.id for one in visits)}),
        people={},
    )
    everybody = {one.id: one.name for one in await staff.everybody(tx)}
    by = row.registered_by
    whom = {*_people(brief), *([by] if by is not None else [])}
    named = {one: everybody[one] for one in sorted(whom) if one in everybody}
    return msgspec.structs.replace(brief, people=named)


async def _holds(tx: Tx, scope: str, readers: Sequence[Person], ground: Ground) -> bool:
    """Whether each of these people holds the private part there."""
    held = await grants_of_many(tx, [one.id for one in readers], ground.sources.now())
    return all(scopes.private_of(scope) in held[one.id].scopes for one in readers)


async def _care(tx: Tx, family: Sequence[UUID], ground: Ground, *, is_private: bool) -> tuple[CareDay, ...]:
    coming = await ahead(tx, ground, AHEAD_DAYS, family)
    return tuple(one for one in coming if one.outlet == family[0] and (is_private or not one.is_private))


async def _row(tx: Tx, outlet: UUID) -> Row[Any]:
    wanted = select(_OUTLETS).where(_OUTLETS.c.id == outlet, no_decoys(_OUTLETS.c.scope))
    row = (await tx.execute(wanted)).one_or_none()
    if row is None:
        raise Refusal("not_found", f"there is no outlet {outlet}")
    return row


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in _OUTLETS.c.keys() if name not in {"id", "scope", "revision"}}  # noqa: SIM118


async def _team(tx: Tx, scope: str) -> Team:
    place = parse_scope(scope)
    if place is None or place.of is None or place.kind is not ScopeKind.TERRITORY:
        return Team()
    return (await teams(tx, [place.of])).get(place.of, Team())


async def _place(tx: Tx, scope: str) -> str:
    """The name of the territory or the pool."""
    named = {scopes.territory(one.id): one.name for one in await all_territories(tx)}
    named |= {scopes.pool(one.id): one.name for one in await all_pools(tx)}
    return named.get(scope, "")


async def _money(tx: Tx, outlet: UUID, today: str) -> Money:
    stands = await account(tx, outlet)
    terms = (await terms_of(tx, [outlet])).get(outlet)
    return Money(stands.balance, stands.overdue(today), stands.open_items, terms)


def _people(brief: Brief) -> Iterator[UUID]:
    """Everybody whom the brief names."""
    yield from (
        *brief.partners,
        *brief.service,
        *brief.faces,
        *(one for each in brief.visits for one in each.companions),
    )
    parts: tuple[tuple[Changed | Deal | Met | Promise | Talk | ToDo | Verified, ...], ...] = (
        brief.history, brief.deals, brief.visits, brief.talks, brief.promises, brief.tasks, brief.verifications,
    )  # fmt: skip
    for one in (brief.owner, *(each.staff for part in parts for each in part)):
        if one is not None:
            yield one
