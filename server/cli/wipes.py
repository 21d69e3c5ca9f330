"""`saojie wipes`: wipe orders, and how far each has come."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.departure import orders
from server.departure.orders import Order
from server.identity import staff
from server.master.store import Tx

__all__ = ["wipes"]


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
        "in_hand_at",
        "locks_at",
        "last_contact",
    )
    rows = [(name, when(getattr(found, name))) for name in times]
    known = [("staff", who.name if who else found.staff), ("device", found.device), ("state", _state(found, now))]
    deployment.talk.table(
        [("", ""), ("", "")], [*known, ("reason", found.reason), *rows, ("closed_reason", found.closed_reason)]
    )
    deployment.talk.result(_facts(found, now))


@wipes.command("letter")
@click.argument("order")
@acting
async def letter(deployment: Deployment, order: str) -> None:
    """擦除令书信：带给没有网络的手机 · The order as a code to scan, for a phone that has no connection."""
    from server.cli.carried import show

    async with deployment.store.write() as tx:
        found = await _order(tx, order)
        signed = await orders.carried(tx, found, deployment.means.keys, deployment.sources)
    deployment.talk.result(show(deployment.talk, signed) | {"order": found.id, "device": found.device})


@wipes.command("in-hand")
@click.argument("order")
@click.option("--by", "person", required=True, metavar="STAFF", help="何人拿到设备 · In whose hands the device is.")
@click.option("--how", required=True, help="如何拿到 · How it came there.")
@acting
async def in_hand(deployment: Deployment, order: str, person: str, how: str) -> None:
    """声明设备已收回在手（证据等级 4） · State that the device is in somebody's hands (evidence of grade 4)."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, person)
        found = await _order(tx, order)
        is_new = await orders.in_hand(tx, found, by.id, how, deployment.sources)
    deployment.talk.say(
        "已记录。" if is_new else "此前已有声明。", "Recorded." if is_new else "Somebody stated it before."
    )
    deployment.talk.result({"order": found.id, "by": by.id, "recorded": is_new})


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
