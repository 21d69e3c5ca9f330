"""`saojie staff` and `saojie territory`: who works for the company, and where."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.helping import help_
from server.cli.talk import when
from server.field.joining import brief_at_once
from server.identity import staff as people
from server.identity import territories
from server.identity.staff import Role

__all__ = ["ROLES", "staff", "territory"]

ROLES = ("dealer", "manager", "rep", "service", "archivist")
_ROLE = click.Choice(ROLES)


@click.group()
def staff() -> None:
    """人员 · Staff."""


@staff.command("add")
@click.argument("name")
@click.option("--role", type=_ROLE, default=Role.REP.value, show_default=True, help="角色 · The role.")
@click.option("--territory", "places", multiple=True, help="加入片区 · Put on this territory's roster.")
@click.option("--private", is_flag=True, help="可见联系人的私密部分 · May see the contacts' private part.")
@click.option("--formerly", metavar="STAFF", help="返聘者此前的记录 · Who they were when they worked here before.")
@acting
async def add_staff(
    deployment: Deployment, name: str, role: str, places: tuple[str, ...], private: bool, formerly: str | None
) -> None:
    """添加人员 · Add a person."""
    async with deployment.store.write() as tx:
        old = await deployment.person(tx, formerly) if formerly else None
        found = [await deployment.territory(tx, one) for one in places]
        person = await people.add(tx, name, Role(role), deployment.sources, formerly=old.id if old else None)
        for one in found:
            await territories.assign(tx, one.id, person.id, deployment.sources, private=private)
    if found:
        deployment.means.announcer.announce(await brief_at_once(deployment.store, deployment.ground))
    deployment.talk.say(f"已添加 {person.name}（{person.id}）", f"{person.name} is added ({person.id})")
    deployment.talk.result(
        {
            "staff": person.id,
            "name": person.name,
            "role": role,
            "territories": [one.id for one in found],
            "formerly": person.formerly,
        }
    )


@staff.command("list")
@acting
async def list_staff(deployment: Deployment) -> None:
    """列出人员 · List everybody, those who left included."""
    async with deployment.store.read() as tx:
        found = await people.everybody(tx)
    headings = [("姓名", "Name"), ("角色", "Role"), ("状态", "Status"), ("编号", "Id")]
    deployment.talk.table(headings, [(one.name, one.role, one.status, one.id) for one in found])
    deployment.talk.result({"staff": found})


@click.group()
def territory() -> None:
    """片区 · Territories."""


territory.add_command(help_)


@territory.command("add")
@click.argument("name")
@click.option("--pool", "pool_name", help="所属公海，没有则新建 · Its pool, made where it is missing.")
@acting
async def add_territory(deployment: Deployment, name: str, pool_name: str | None) -> None:
    """添加片区 · Add a territory."""
    async with deployment.store.write() as tx:
        pools = {one.name: one for one in await territories.all_pools(tx)}
        pool = pools.get(pool_name or "")
        if pool is None and pool_name:
            pool = await territories.add_pool(tx, pool_name, deployment.sources)
        made = await territories.add_territory(tx, name, pool.id if pool else None, deployment.sources)
    deployment.talk.say(f"已添加片区 {made.name}", f"The territory {made.name} is added")
    deployment.talk.result({"territory": made.id, "name": made.name, "pool": made.pool})


@territory.command("list")
@acting
async def list_territories(deployment: Deployment) -> None:
    """列出片区和公海 · List territories and pools."""
    async with deployment.store.read() as tx:
        found, pools = await territories.all_territories(tx), await territories.all_pools(tx)
        names = {one.id: one.name for one in await people.everybody(tx)}
        rosters = {one.id: await territories.roster_of(tx, one.id) for one in found}
    by_id = {one.id: one.name for one in pools}
    rows = [
        (
            one.name,
            by_id.get(one.pool) if one.pool else "",
            ", ".join(names[each.staff] for each in rosters[one.id]),
            one.id,
        )
        for one in found
    ]
    headings = [("片区", "Territory"), ("公海", "Pool"), ("协作小组", "Roster"), ("编号", "Id")]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"territories": found, "pools": pools})


@territory.command("roster")
@click.argument("name")
@click.option("--add", "joins", help="加入的人 · Who joins.")
@click.option("--remove", "leaves", help="退出的人 · Who leaves the roster.")
@click.option("--role", type=_ROLE, help="在此片区的角色 · The role there.")
@click.option("--private", is_flag=True, help="可见联系人的私密部分 · May see the contacts' private part.")
@acting
async def roster(
    deployment: Deployment, name: str, joins: str | None, leaves: str | None, role: str | None, private: bool
) -> None:
    """查看或更改片区的协作小组 · Show or change who works in a territory."""
    async with deployment.store.write() as tx:
        place = await deployment.territory(tx, name)
        if joins:
            person = await deployment.person(tx, joins)
            as_role = Role(role) if role else None
            await territories.assign(tx, place.id, person.id, deployment.sources, role=as_role, private=private)
        if leaves:
            await territories.unassign(tx, place.id, (await deployment.person(tx, leaves)).id, deployment.sources)
        found = await territories.roster_of(tx, place.id)
        names = {one.id: one.name for one in await people.everybody(tx)}
    if joins:
        deployment.means.announcer.announce(await brief_at_once(deployment.store, deployment.ground))
    headings = [("姓名", "Name"), ("角色", "Role"), ("私密", "Private"), ("至", "Until"), ("编号", "Id")]
    yes = deployment.talk.either("是", "yes")
    deployment.talk.table(
        headings,
        [
            (names[one.staff], one.role, yes if one.private else "", one.until and when(one.until), one.staff)
            for one in found
        ],
    )
    deployment.talk.result({"territory": place.id, "roster": found})
