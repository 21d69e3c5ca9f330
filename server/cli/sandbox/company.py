"""The company of a sandbox: the sample district with its people and prices, two accounts of the office, and work that
waits for the reps. The same seed gives the same work to the same outlets.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.cli.deployment import Deployment
from server.cli.lists import Wanted, bring_in
from server.cli.trial.district import district_file
from server.field.own_acts import Asked, carry_out
from server.field.tasks import Wanted as WantedTask
from server.field.tasks import give
from server.identity import invitations, staff
from server.identity.codes import payload
from server.identity.enrolment import issue
from server.identity.staff import Person, Role
from server.identity.territories import Territory
from server.master.accounts import accounts
from server.master.actors import Authority
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.signing import fingerprint

__all__ = ["COMPANY", "MANAGER", "REPS", "Issued", "SignIn", "code_for", "fill", "manager_of", "sign_ins"]

COMPANY, MANAGER = "云澜商贸", "刘经理"
REPS = ("周海波", "曹文俊")
"""Whose codes are shown when a sandbox starts: two who work in one territory."""
_PLACE = "城东片区"
_DEALER = "林老板"
_PASSWORD = "sandbox-password"  # noqa: S105  # it is shown to everybody; a sandbox answers this machine alone
_NOTICE = (
    "中秋备货 · Stock for Mid-Autumn",
    "请在本周内确认各店中秋备货量。\n\nAsk each shop this week what it wants for Mid-Autumn.",
)
_TASKS = (
    "补拍货架照片 · Take a photo of the shelf",
    "核对老板电话 · Check the owner's phone number",
    "推荐云澜珍藏十年 · Offer the ten-year reserve",
)


class SignIn(msgspec.Struct, frozen=True):
    """With what somebody of the office signs in to the console."""

    name: str
    role: Role
    login: str
    password: str


class Issued(msgspec.Struct, frozen=True):
    """A code for somebody's phone: 24 characters, and what a QR code of it holds."""

    staff: UUID
    name: str
    code: str
    payload: str
    expires_at: int
    confirm: bool


async def fill(deployment: Deployment, seed: int) -> None:
    """Bring the district in, open the accounts and give out work; what stopped half way is gone on with. Raises
    Failure.
    """
    await bring_in(deployment, Wanted(district_file()))
    await _open_accounts(deployment)
    await deployment.store.transact(lambda tx: _give_work(tx, deployment, Random(seed)))  # noqa: S311  # a run can be repeated


async def _open_accounts(deployment: Deployment) -> None:
    sources = deployment.sources
    async with deployment.store.write() as tx:
        first = await invitations.invite_first(tx, sources)
    if first is not None:
        wish = invitations.Wish(first.code.text, "dealer", _PASSWORD, _DEALER)
        await invitations.redeem(deployment.store, wish, sources)
    async with deployment.store.write() as tx:
        made = await invitations.invite(tx, (await manager_of(tx)).id, sources)
    await invitations.redeem(deployment.store, invitations.Wish(made.code.text, "manager", _PASSWORD), sources)


async def _give_work(tx: Tx, deployment: Deployment, random: Random) -> None:
    """A notice for everybody, and some tasks for each rep of the first territory."""
    sources, manager = deployment.sources, await manager_of(tx)
    notice = Asked("notice", {"title": _NOTICE[0], "body": _NOTICE[1]}, scope=scopes.COMPANY)
    await carry_out(tx, sources, [notice], by=manager.id, authority=Authority.MANAGER)
    outlets = await _standing_in(tx, await deployment.territory(tx, _PLACE))
    due = str(deployment.ground.today + timedelta(days=2))
    for name in REPS:
        person = await deployment.person(tx, name)
        wanted = [
            (person.id, WantedTask("general", outlet, title, due=due))
            for title, outlet in zip(_TASKS, random.sample(outlets, len(_TASKS)), strict=True)
        ]
        await give(tx, sources, wanted)


async def _standing_in(tx: Tx, territory: Territory) -> list[UUID]:
    """The outlets of a territory, in the order of their codes."""
    table, name = TYPED["outlet"], scopes.territory(territory.id)
    number = (await numbers(tx, [name]))[name]
    wanted = select(table.c.id).where(table.c.scope == number, table.c.code != "").order_by(table.c.code)
    return list((await tx.execute(wanted)).scalars())


async def manager_of(tx: Tx) -> Person:
    """The manager in whose name the office acts."""
    return next(one for one in await staff.named(tx, MANAGER) if one.is_active)


async def sign_ins(tx: Tx) -> list[SignIn]:
    """The accounts of the console."""
    rows = await tx.execute(select(accounts.c.staff, accounts.c.login).order_by(accounts.c.login))
    people = {one.id: one for one in await staff.everybody(tx)}
    found = [(people[UUID(bytes=bytes(row.staff))], row.login) for row in rows]
    return [SignIn(one.name, one.role, login, _PASSWORD) for one, login in found]


async def code_for(deployment: Deployment, tx: Tx, person: Person, url: str, *, confirm: bool) -> Issued:
    """A new code with which a phone at `url` becomes this person's. Raises Refusal."""
    lifetime = deployment.settings.code_lifetime
    made = await issue(tx, person.id, deployment.sources, lifetime=lifetime, confirm=confirm)
    keys = deployment.means.keys
    held = payload(made.code, url, fingerprint(keys.signing_public[0]), fingerprint(keys.opening_public))
    return Issued(person.id, person.name, made.code.shown, held, made.expires_at, confirm)
