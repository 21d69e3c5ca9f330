"""`saojie orders`: orders off the price list, until a manager accepts or refuses them."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.field.orders import ProposedOrder, accept_orders, proposed_orders, refuse_orders
from server.identity import staff
from server.master.store import Tx

__all__ = ["orders"]


@click.group()
def orders() -> None:
    """与价目表不符的订单 · Orders off the price list."""


@orders.command("proposed")
@acting
async def proposed(deployment: Deployment) -> None:
    """待批的订单 · The orders that wait, the oldest first."""
    async with deployment.store.read() as tx:
        found = await proposed_orders(tx)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("接单人", "Taken by"), ("时间", "When"), ("终端", "Outlet"),
        ("产品 单价（价目）", "Product, price (list)"), ("合计", "Total"), ("编号", "Id"),
    ]  # fmt: skip
    rows = [
        (names.get(one.staff) if one.staff else None, when(one.taken_at), one.name, _off(one), one.total / 100, one.id)
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"orders": found})


def _off(one: ProposedOrder) -> str:
    return ", ".join(f"{each.product} {each.price / 100:.2f} ({each.listed / 100:.2f})" for each in one.off)


@orders.command("accept")
@click.argument("ids", nargs=-1, required=True)
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def accept(deployment: Deployment, ids: tuple[str, ...], manager: str | None) -> None:
    """批准：此后计入报表 · Accept: from now on they count in the reports."""
    async with deployment.store.write() as tx:
        wanted, by = await _meant(deployment, tx, ids, manager)
        count, changed = await accept_orders(tx, wanted, deployment.sources, by)
    _told(deployment, count, changed, "已批准", "accepted")


@orders.command("refuse")
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", required=True, help="原因，会告知接单人 · Why; whoever took it is told.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def refuse(deployment: Deployment, ids: tuple[str, ...], reason: str, manager: str | None) -> None:
    """不批准：不计入任何报表 · Refuse: they count in no report."""
    async with deployment.store.write() as tx:
        wanted, by = await _meant(deployment, tx, ids, manager)
        count, changed = await refuse_orders(tx, wanted, reason, deployment.sources, by)
    _told(deployment, count, changed, "未批准", "refused")


async def _meant(
    deployment: Deployment, tx: Tx, typed: tuple[str, ...], manager: str | None
) -> tuple[list[UUID], UUID | None]:
    """The proposed orders that are meant, and who decides. Raises Failure."""
    by = (await deployment.person(tx, manager)).id if manager else None
    found = await proposed_orders(tx)
    return [_one(found, one) for one in typed], by


def _one(found: list[ProposedOrder], typed: str) -> UUID:
    meant = [one.id for one in found if is_meant(one.id, typed.lower().replace("-", ""))]
    if len(meant) != 1:
        raise Failure(
            "order_unknown", f"no single proposed order {typed}; see `saojie orders proposed`",
            f"找不到唯一的待批订单“{typed}”，请查看 saojie orders proposed",
        )  # fmt: skip
    return meant[0]


def _told(deployment: Deployment, count: int, changed: frozenset[str], zh: str, en: str) -> None:
    deployment.means.announcer.announce(changed)
    deployment.talk.say(f"{zh}：{count} 份。", f"{count} {en}.")
    deployment.talk.result({"orders": count})
