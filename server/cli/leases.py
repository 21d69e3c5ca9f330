"""`saojie leases`: when a phone without contact locks and erases, by company, role and device."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.people import ROLES
from server.cli.talk import Failure, Talk, when
from server.cli.trips import trip
from server.identity import devices, staff, terms
from server.identity import trips as journeys
from server.identity.staff import Role
from server.identity.terms import Special
from server.values import lasting, length_of

__all__ = ["leases"]


@click.group()
def leases() -> None:
    """租约：离线多久锁定、多久清除 · Leases: when a phone without contact locks, and erases."""


leases.add_command(trip)


@leases.command("list")
@acting
async def list_terms(deployment: Deployment) -> None:
    """列出公司、角色、设备的租约条件和出差 · List the terms of company, roles and devices, and trips."""
    talk, settings = deployment.talk, deployment.settings
    now = deployment.sources.now()
    async with deployment.store.read() as tx:
        found = await terms.specials(tx)
        going = [one for one in await journeys.listed(tx) if one.is_open(now)]
        owners = {one.id: one.staff for one in await devices.listing(tx)}
        names = {one.id: one.name for one in await staff.everybody(tx)}
    company = talk.either("公司", "company"), lasting(settings.lease_locks_after), lasting(settings.lease_erases_after)
    notice = talk.either("离职通知期内", "under notice"), lasting(settings.lease_under_notice), None
    rows = [(_whose(one, owners, names), lasting(one.locks_after), lasting(one.erases_after)) for one in found]
    headings = [("适用", "For"), ("失联后锁定", "Locks after"), ("锁定后清除", "Erases after")]
    talk.table(headings, [company, notice, *rows])
    for one in going:
        word = talk.either("待批准", "asked for") if one.approved_at is None else talk.either("已批准", "approved")
        who = names[owners[one.device]]
        talk.say(f"出差：{who}，至 {when(one.until)}，{word}", f"Trip: {who}, to {when(one.until)}, {word}")
    shown = {
        "locks_after": settings.lease_locks_after,
        "erases_after": settings.lease_erases_after,
        "under_notice": settings.lease_under_notice,
    }
    talk.result({"company": shown, "special": found, "trips": going})


def _whose(one: Special, owners: dict[UUID, UUID], names: dict[UUID, str]) -> str:
    if one.device is None:
        return str(one.role)
    return f"{names[owners[one.device]]} {one.device}"


@leases.command("set")
@click.option("--role", type=click.Choice(ROLES), help="角色 · For a role.")
@click.option("--device", help="设备 · For one device.")
@click.option("--locks-after", help="失联多久后锁定，如 12h · Locks so long after the last contact, such as 12h.")
@click.option("--erases-after", help="锁定多久后清除，如 3d · Erases so long after the lock, such as 3d.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def set_terms(
    deployment: Deployment,
    role: str | None,
    device: str | None,
    locks_after: str | None,
    erases_after: str | None,
    manager: str | None,
) -> None:
    """为角色或设备单独设定 · Give a role or a device terms of its own; they hold from the next contact."""
    locks, erases = length(locks_after), length(erases_after)
    async with deployment.store.write() as tx:
        by = (await deployment.person(tx, manager)).id if manager else None
        for_device = (await deployment.device(tx, device)).id if device else None
        special = Special(_role(role, device), for_device, locks, erases)
        await terms.change(tx, special, deployment.sources, by)
    _tell(deployment.talk, special)


@leases.command("clear")
@click.option("--role", type=click.Choice(ROLES), help="角色 · Of a role.")
@click.option("--device", help="设备 · Of one device.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def clear_terms(deployment: Deployment, role: str | None, device: str | None, manager: str | None) -> None:
    """取消单独设定 · Take a role's or a device's own terms away."""
    async with deployment.store.write() as tx:
        by = (await deployment.person(tx, manager)).id if manager else None
        for_device = (await deployment.device(tx, device)).id if device else None
        special = Special(_role(role, device), for_device)
        is_cleared = await terms.clear(tx, special, deployment.sources, by)
    deployment.talk.say(
        "已取消。" if is_cleared else "本无单独设定。", "Cleared." if is_cleared else "There were none of its own."
    )
    deployment.talk.result({"role": special.role, "device": special.device, "cleared": is_cleared})


def _role(role: str | None, device: str | None) -> Role | None:
    """The role that is meant, where no device is. Raises Failure unless exactly one of the two is named."""
    if (role is None) == (device is None):
        raise Failure("whose_lease", "name either --role or --device", "请指定 --role 或 --device 其中之一")
    return Role(role) if role else None


def length(typed: str | None) -> int | None:
    """A length of time as people write it, in milliseconds. Raises Failure."""
    if typed is None:
        return None
    found = length_of(typed)
    if found is None:
        raise Failure(
            "bad_length",
            f"{typed} is no length of time; write 90s, 15m, 24h or 7d",
            f"“{typed}”不是时长，请写成 90s、15m、24h 或 7d",
        )
    return found


def _tell(talk: Talk, special: Special) -> None:
    locks, erases = lasting(special.locks_after), lasting(special.erases_after)
    talk.say(
        f"已设定：锁定 {locks}，清除 {erases}；下次联系时生效。",
        f"Set: locks after {locks}, erases after {erases}; it holds from the next contact.",
    )
    talk.result(special)
