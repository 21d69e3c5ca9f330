"""`saojie pool`: outlets that nobody holds, dealt out, allotted and returned, with their history."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.field.pool import desk, late
from server.field.pool.holding import regions, standing_in
from server.field.pool.stays import Moved
from server.identity import staff, territories
from server.identity.territories import Pool
from server.master.inbox import listed as matters
from server.master.store import Tx
from sync.ids import parse_id

__all__ = ["pool"]

_WHY = {
    "not_in_pool": ("不在其公海中", "not in that territory's pool"),
    "hold": ("超过持有上限", "beyond what may be held"),
    "protected": ("仍在保护期", "still protected"),
    "not_in_territory": ("不在有公海的片区中", "not in a territory with a pool"),
}


@click.group()
def pool() -> None:
    """公海：列表、分配、指派、退回、历史 · The public pool: list, deal, allot, return, history."""


async def _by(deployment: Deployment, tx: Tx, manager: str | None) -> UUID | None:
    return (await deployment.person(tx, manager)).id if manager else None


async def _pool(tx: Tx, typed: str | None) -> Pool:
    """The pool of a name or an id; the only one where none is named. Raises Failure."""
    found = await territories.all_pools(tx)
    chosen = [one for one in found if typed in {None, one.name, str(one.id)}]
    if len(chosen) != 1:
        names = ", ".join(one.name for one in found)
        raise Failure("pool_unknown", f"say which pool; there are: {names}", f"请指明公海，现有：{names}")
    return chosen[0]


@pool.command("list")
@acting
async def list_pools(deployment: Deployment) -> None:
    """列出公海、终端数、片区 · List the pools with how many outlets can be claimed, and their territories."""
    async with deployment.store.read() as tx:
        found, named = await regions(tx), {one.id: one.name for one in await territories.all_territories(tx)}
        pools = [(one, len(await standing_in(tx, one.id))) for one in await territories.all_pools(tx)]
    rows = [
        (one.name, count, "、".join(named[each.territory] for each in found.of_pool(one.id)), one.id)
        for one, count in pools
    ]
    headings = [("公海", "Pool"), ("终端", "Outlets"), ("片区", "Territories"), ("编号", "Id")]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"pools": [{"id": one.id, "name": one.name, "outlets": count} for one, count in pools]})


@pool.command("deal")
@click.argument("name", required=False)
@click.option("--share", type=click.IntRange(1, 1000), help="每人几家（默认按设置） · How many each gets.")
@click.option("--verify", "deal", metavar="ID", help="按日志重新抽取并核对 · Draw a deal again and compare.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def deal_out(
    deployment: Deployment, name: str | None, share: int | None, deal: str | None, manager: str | None
) -> None:
    """按随机种子平均分配 · Deal to each rep of the region the same number, by a draw from a journalled seed."""
    if deal is not None:
        await _verify(deployment, deal)
        return
    async with deployment.store.write() as tx:
        dealt = await desk.deal(
            tx, (await _pool(tx, name)).id, await deployment.ruled(tx), share=share,
            by=await _by(deployment, tx, manager),
        )  # fmt: skip
        names = {one.id: one.name for one in await staff.everybody(tx)}
    deployment.means.announcer.announce(dealt.changed)
    _table(deployment, dealt, names)
    deployment.talk.result({"deal": dealt.deal.id, "seed": dealt.deal.seed.hex(), "given": dealt.given})


async def _verify(deployment: Deployment, deal: str) -> None:
    known = parse_id(deal)
    if known is None:
        raise Failure("deal_unknown", f"{deal} is no id of a deal", f"“{deal}”不是分配编号")
    async with deployment.store.read() as tx:
        dealt, is_same = await desk.verify(tx, known)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    if not is_same:
        raise Failure("deal_differs", "drawing the deal again gives something else", "重新抽取的结果与日志不符")
    _table(deployment, dealt, names)
    deployment.talk.say("核对一致。", "It is the same.")
    deployment.talk.result({"deal": dealt.deal.id, "seed": dealt.deal.seed.hex(), "same": True})


def _table(deployment: Deployment, dealt: desk.Dealt, names: Mapping[UUID, str]) -> None:
    rows = [(names.get(one), len(outlets)) for one, outlets in dealt.given.items()]
    deployment.talk.table([("业务员", "Rep"), ("终端", "Outlets")], rows)
    deployment.talk.say(f"分配编号：{dealt.deal.id}", f"Deal: {dealt.deal.id}")


@pool.command("allot")
@click.argument("outlets", nargs=-1, required=True)
@click.option("--to", "person", metavar="STAFF", required=True, help="给谁 · To whom.")
@click.option("--into", "place", metavar="TERRITORY", help="进哪个片区 · Into which territory.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def allot(
    deployment: Deployment, outlets: tuple[str, ...], person: str, place: str | None, manager: str | None
) -> None:
    """指派给某人 · Allot outlets of the pool to a person."""
    async with deployment.store.write() as tx:
        wanted = [await deployment.outlet(tx, one) for one in outlets]
        who = (await deployment.person(tx, person)).id
        into = (await deployment.territory(tx, place)).id if place else None
        by = await _by(deployment, tx, manager)
        moved = await desk.allot(tx, wanted, who, await deployment.ruled(tx), into=into, by=by)
    _told(deployment, moved)


@pool.command("return")
@click.argument("outlets", nargs=-1, required=True)
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--even-protected", is_flag=True, help="保护期内也退回 · Also what is still protected.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def put_back(
    deployment: Deployment, outlets: tuple[str, ...], reason: str, even_protected: bool, manager: str | None
) -> None:
    """退回公海 · Return outlets to their territories' pools."""
    async with deployment.store.write() as tx:
        wanted = [await deployment.outlet(tx, one) for one in outlets]
        ground, by = await deployment.ruled(tx), await _by(deployment, tx, manager)
        moved = await desk.put_back(tx, wanted, reason, ground, even_protected=even_protected, by=by)
    _told(deployment, moved)


def _told(deployment: Deployment, moved: Moved) -> None:
    deployment.means.announcer.announce(moved.changed)
    deployment.talk.say(f"已移动 {len(moved.moved)} 家。", f"{len(moved.moved)} moved.")
    for one, why in moved.refused.items():
        zh, en = _WHY.get(why, (why, why))
        deployment.talk.say(f"{one} 未移动：{zh}", f"{one} stays: {en}")
    deployment.talk.result({"moved": list(moved.moved), "refused": moved.refused})


@pool.command("history")
@click.argument("outlet")
@acting
async def history(deployment: Deployment, outlet: str) -> None:
    """一家终端曾在何处、由谁持有 · Where an outlet was since when, and how it came there, by the journal."""
    async with deployment.store.read() as tx:
        steps, events = await desk.history(tx, await deployment.outlet(tx, outlet))
        named = {str(one.id): one.name for one in await territories.all_territories(tx)}
        named |= {str(one.id): one.name for one in await territories.all_pools(tx)}
        names = {one.id.bytes: one.name for one in await staff.everybody(tx)}
    said = {at: (kind, names.get(body.get("staff") or body.get("holder") or b"")) for at, kind, body in events}
    rows = [
        (when(one.at), named.get(one.scope.split("/")[1], one.scope), *said.get(one.at, ("", None))) for one in steps
    ]
    headings = [("时间", "When"), ("到", "Came to"), ("方式", "How"), ("持有人", "Person")]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"steps": steps})


@pool.group("late")
def late_visits() -> None:
    """退回前后时间不明的拜访 · Visits of which nobody knows whether they were made before a return."""


@late_visits.command("list")
@acting
async def list_late(deployment: Deployment) -> None:
    """列出待决定的终端 · List the outlets that are to be decided on."""
    async with deployment.store.read() as tx:
        found = await matters(tx, kind=late.KIND)
    talk = deployment.talk
    rows = [(one.matter.about, when(one.first_at), talk.either(one.matter.zh, one.matter.en)) for one in found]
    talk.table([("终端", "Outlet"), ("时间", "When"), ("事项", "Matter")], rows)
    talk.result({"outlets": [one.matter.about for one in found]})


async def _asked(deployment: Deployment, typed: str) -> UUID:
    async with deployment.store.read() as tx:
        found = [one.matter.about for one in await matters(tx, kind=late.KIND)]
    meant = [one for one in found if is_meant(one, typed.lower().replace("-", ""))]
    if len(meant) != 1:
        raise Failure(
            "outlet_unknown", f"no single outlet {typed}; see `saojie pool late list`",
            f"找不到唯一的终端“{typed}”，请查看 saojie pool late list",
        )  # fmt: skip
    return meant[0]


@late_visits.command("accept")
@click.argument("outlet")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def accept(deployment: Deployment, outlet: str, manager: str | None) -> None:
    """采纳拜访，撤销退回 · Take the visit in, and undo the return."""
    one = await _asked(deployment, outlet)
    async with deployment.store.read() as tx:
        by = await _by(deployment, tx, manager)
    zone = deployment.settings.time_zone
    came = await late.accept_late(deployment.store, deployment.sources, one, by, zone)
    deployment.means.announcer.announce(came.changed)
    zh, en = late.said_of(came.taken)
    deployment.talk.say(f"退回已撤销，已采纳：{zh}", f"The return is undone; taken in: {en}")
    for letter, why in came.refused.items():
        deployment.talk.say(f"仍未入库 {letter}：{why}", f"Refused again, {letter}: {why}")
    deployment.talk.result({"outlet": one, "accepted": True, "taken": came.taken, "refused": came.refused})


@late_visits.command("refuse")
@click.argument("outlet")
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def refuse(deployment: Deployment, outlet: str, reason: str, manager: str | None) -> None:
    """不采纳，终端留在公海 · Leave the outlet in the pool."""
    one = await _asked(deployment, outlet)
    async with deployment.store.write() as tx:
        await late.refuse_late(tx, deployment.sources, one, reason, await _by(deployment, tx, manager))
    deployment.talk.say("终端留在公海。", "It stays in the pool.")
    deployment.talk.result({"outlet": one, "accepted": False})
