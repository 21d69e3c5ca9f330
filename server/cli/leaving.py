"""`saojie offboard`, `saojie wipes`, `saojie quarantine`: somebody leaves, and what became of their phones and work."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.departure import cutoff, orders
from server.departure import quarantine as held
from server.departure.orders import Order
from server.identity import devices, staff, territories
from server.identity.staff import Person
from server.master.store import Tx
from sync.messages import Standing

__all__ = ["offboard", "quarantine", "wipes"]


@click.command()
@click.argument("person", metavar="STAFF")
@click.option("--to", "successor", metavar="STAFF", help="接手人 · Who takes over the territories.")
@click.option("--reason", default="left", show_default=True, help="原因代码 · A code for why.")
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@acting
async def offboard(deployment: Deployment, person: str, successor: str | None, reason: str, yes: bool) -> None:
    """办理离职：立即切断其全部设备 · Offboard somebody: all their devices are cut off at once."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        follower = await deployment.person(tx, successor) if successor else None
        if who.is_active:
            await _preview(deployment, tx, who, follower)
    if who.is_active and not yes:
        talk.confirm("切断后不可恢复，继续？", "This cannot be taken back. Go on?")
    departure = await cutoff.offboard(deployment.means, who.id, reason, follower.id if follower else None)
    talk.say(
        f"{who.name} 已离职（{when(departure.at)}）：{len(departure.devices)} 台设备已切断，擦除令已下达。",
        f"{who.name} has left ({when(departure.at)}): {len(departure.devices)} devices are cut off.",
    )
    talk.say(
        "进度见 saojie wipes list，待上传内容见 saojie quarantine list。",
        "See `saojie wipes list` and `saojie quarantine list`.",
    )
    talk.result(
        {
            "staff": who.id,
            "at": departure.at,
            "reason": departure.reason,
            "orders": [one.order for one in departure.devices],
            "devices": [one.device for one in departure.devices],
            "territories": [one.territory for one in departure.handovers],
            "successor": follower.id if follower else None,
        }
    )


async def _preview(deployment: Deployment, tx: Tx, who: Person, follower: Person | None) -> None:
    """What the cut-off will touch, as far as the server knows."""
    talk = deployment.talk
    ours = [one for one in await devices.of_person(tx, who.id) if one.standing is not Standing.DEPARTED]
    places = [
        place.name
        for place in await territories.all_territories(tx)
        if who.id in {one.staff for one in await territories.roster_of(tx, place.id)}
    ]
    headings = [("设备", "Device"), ("状态", "Standing"), ("最近联系", "Last contact"), ("待上传", "Pending")]
    talk.table(headings, [(one.id, one.standing, when(one.last_contact), one.pending) for one in ours])
    name = follower.name if follower else talk.either("暂无", "nobody yet")
    talk.say(
        f"片区：{'、'.join(places) or '无'}；接手人：{name}", f"Territories: {', '.join(places) or 'none'}; to: {name}"
    )


@click.group()
def wipes() -> None:
    """擦除令 · Wipe orders."""


@wipes.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已完成的 · Those that are done as well.")
@acting
async def list_wipes(deployment: Deployment, everything: bool) -> None:
    """列出擦除令 · List wipe orders that somebody still has to see to."""
    async with deployment.store.read() as tx:
        found = await orders.listed(tx, open_only=not everything)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("使用人", "Person"),
        ("原因", "Reason"),
        ("下达", "Ordered"),
        ("进度", "State"),
        ("证据等级", "Evidence"),
        ("编号", "Id"),
    ]
    now = deployment.sources.now()
    rows = [
        (names[one.staff], one.reason, when(one.issued_at), _state(one, now), one.grade(now), one.id) for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"wipes": [_facts(one, now) for one in found]})


def _state(order: Order, now: int) -> str:
    beside = [
        word
        for word, is_so in (
            ("contradicted", order.contradicted_at is not None),
            ("closed", order.closed_at is not None),
            ("lapsed", order.state in {"ordered", "told"} and order.is_lapsed(now)),
        )
        if is_so
    ]
    return ", ".join([order.state.value, *beside])


def _facts(order: Order, now: int) -> dict[str, object]:
    named = {name: getattr(order, name) for name in order.__struct_fields__}
    return named | {"lapsed": order.is_lapsed(now), "grade": order.grade(now)}


@wipes.command("show")
@click.argument("order")
@acting
async def show_wipe(deployment: Deployment, order: str) -> None:
    """查看一条擦除令 · Show one wipe order with its times."""
    async with deployment.store.read() as tx:
        found = await _order(tx, order)
        who = await staff.find(tx, found.staff)
    now = deployment.sources.now()
    times = (
        "issued_at",
        "told_at",
        "locked_at",
        "drained_at",
        "wiped_at",
        "contradicted_at",
        "closed_at",
        "locks_at",
        "last_contact",
    )
    rows = [(name, when(getattr(found, name))) for name in times]
    known = [("staff", who.name if who else found.staff), ("device", found.device), ("state", _state(found, now))]
    deployment.talk.table(
        [("", ""), ("", "")], [*known, ("reason", found.reason), *rows, ("closed_reason", found.closed_reason)]
    )
    deployment.talk.result(_facts(found, now))


@wipes.command("close")
@click.argument("order")
@click.option("--reason", required=True, help="原因 · Why nobody chases it any more.")
@acting
async def close_wipe(deployment: Deployment, order: str, reason: str) -> None:
    """关闭一条擦除令（设备再出现时仍会收到） · Close a wipe order; a device that turns up is still told."""
    async with deployment.store.write() as tx:
        found = await _order(tx, order)
        is_closed = await orders.close(tx, found, reason, deployment.sources)
    deployment.talk.say(
        "已关闭。" if is_closed else "此前已关闭。", "Closed." if is_closed else "It was closed before."
    )
    deployment.talk.result({"order": found.id, "closed": is_closed})


async def _order(tx: Tx, typed: str) -> Order:
    wanted = typed.lower().replace("-", "")
    found = [one for one in await orders.listed(tx) if is_meant(one.id, wanted)]
    if len(found) != 1:
        raise Failure(
            "order_unknown", f"no single order {typed}; see `saojie wipes list --all`", f"找不到唯一的擦除令“{typed}”"
        )
    return found[0]


@click.group()
def quarantine() -> None:
    """离职设备交回的待审内容 · What departed devices handed in, until it is decided."""


@quarantine.command("list")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--all", "everything", is_flag=True, help="包括已决定的 · Decided items as well.")
@acting
async def list_quarantine(deployment: Deployment, person: str | None, everything: bool) -> None:
    """列出待审内容 · List what waits for a decision."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        names = {one.id: one.name for one in await staff.everybody(tx)}
        found = await held.listed(tx, staff=who.id if who else None)
    shown = [one for one in found if everything or one.state in held.OPEN]
    headings = [
        ("使用人", "Person"),
        ("内容", "What"),
        ("发生", "Happened"),
        ("证明", "Proof"),
        ("状态", "State"),
        ("编号", "Id"),
    ]
    committed, unproved = deployment.talk.either("已存证", "committed"), deployment.talk.either("未证实", "unproved")
    rows = [
        (
            names[one.staff],
            f"{one.operation.act} {one.operation.collection}" if one.operation else "?",
            when(one.bounds.estimate),
            committed if one.committed else unproved,
            one.state,
            one.id,
        )
        for one in shown
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"items": [_item(one) for one in shown]})


def _item(item: held.Quarantined) -> dict[str, object]:
    operation = item.operation
    about = {"act": operation.act, "collection": operation.collection, "record": operation.record} if operation else {}
    names = ("id", "staff", "device", "number", "received_at", "committed", "state")
    return {name: getattr(item, name) for name in names} | about


@quarantine.command("accept")
@click.argument("items", nargs=-1)
@click.option("--staff", "person", metavar="STAFF", help="此人的全部 · Everything of one person.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def accept(deployment: Deployment, items: tuple[str, ...], person: str | None, manager: str | None) -> None:
    """接受：以离职者名义写入主库 · Accept items: they go into the master store under the departed person's name."""
    from server.field.duplicates import ask_about

    wanted, by = await _chosen(deployment, items, person, manager)
    decided = await held.accept(deployment.means, wanted, by)
    async with deployment.store.write() as tx:
        await ask_about(tx, decided.registered, deployment.sources)
    counts: dict[str, int] = {}
    for one in decided.outcomes:
        counts[one.code] = counts.get(one.code, 0) + 1
    told = ", ".join(f"{code} {count}" for code, count in counts.items())
    deployment.talk.say(f"已接受 {len(decided.items)} 条：{told}", f"{len(decided.items)} accepted: {told}")
    deployment.talk.result({"accepted": len(decided.items), "outcomes": counts})


@quarantine.command("refuse")
@click.argument("items", nargs=-1)
@click.option("--staff", "person", metavar="STAFF", help="此人的全部 · Everything of one person.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@click.option("--reason", required=True, help="原因 · Why.")
@acting
async def refuse(
    deployment: Deployment, items: tuple[str, ...], person: str | None, manager: str | None, reason: str
) -> None:
    """拒绝：内容与原因一并保留 · Refuse items: they are kept with the reason."""
    wanted, by = await _chosen(deployment, items, person, manager)
    decided = await held.refuse(deployment.means, wanted, reason, by)
    deployment.talk.say(f"已拒绝 {len(decided.items)} 条。", f"{len(decided.items)} refused.")
    deployment.talk.result({"refused": len(decided.items)})


async def _chosen(
    deployment: Deployment, items: tuple[str, ...], person: str | None, manager: str | None
) -> tuple[list[UUID], UUID | None]:
    """The items that somebody named, or all of one person; and who decides."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        by = await deployment.person(tx, manager) if manager else None
        found = await held.listed(tx, staff=who.id if who else None)
    wanted = {one.lower().replace("-", "") for one in items}
    chosen = [one.id for one in found if one.state in held.OPEN and (not wanted or one.id.hex in wanted)]
    if not items and who is None:
        raise Failure(
            "nothing_chosen",
            "name items, or everything of one person with --staff",
            "请指定条目，或用 --staff 选择某人的全部",
        )
    return chosen, by.id if by else None
