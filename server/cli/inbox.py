"""`saojie inbox`: what waits for a manager, and settling it."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.departure import reminders
from server.identity import staff
from server.master import inbox as matters
from server.master.inbox import Item

__all__ = ["inbox"]


@click.group()
def inbox() -> None:
    """待经理处理的事项 · What waits for a manager."""


@inbox.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已处理的 · What is settled as well.")
@acting
async def list_items(deployment: Deployment, everything: bool) -> None:
    """列出事项 · List the items, the oldest first."""
    async with deployment.store.read() as tx:
        found = await matters.listed(tx)
        found += await matters.listed(tx, is_open=False) if everything else []
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("事项", "Matter"),
        ("相关人员", "Person"),
        ("最近提醒", "Last brought up"),
        ("次数", "Times"),
        ("处理结果", "Settled as"),
        ("编号", "Id"),
    ]
    rows = [
        (
            deployment.talk.either(one.matter.zh, one.matter.en),
            names.get(one.matter.staff) if one.matter.staff else None,
            when(one.last_at),
            one.times,
            one.settled_as,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"items": found})


@inbox.command("reminders")
@click.option("--waiting", is_flag=True, help="只看未送达 · Only what has not got out yet.")
@acting
async def list_reminders(deployment: Deployment, waiting: bool) -> None:
    """列出通过邮件和 webhook 发出的提醒 · List what went out by mail and webhook, and why something has not."""
    async with deployment.store.read() as tx:
        found = await reminders.listed(tx, waiting_only=waiting)
    talk = deployment.talk
    headings = [
        ("渠道", "Channel"),
        ("事项", "Matter"),
        ("尝试", "Tries"),
        ("送达", "Delivered"),
        ("未送达原因", "Last failure"),
    ]
    rows = [
        (one.channel, talk.either(one.message.zh, one.message.en), one.tries, when(one.sent_at), one.error)
        for one in found
    ]
    talk.table(headings, rows)
    talk.result({"reminders": found})


@inbox.command("settle")
@click.argument("item")
@click.option("--as", "how", required=True, help="处理结果 · How it was settled.")
@click.option("--by", "manager", metavar="STAFF", help="处理人 · Who settled it.")
@acting
async def settle_item(deployment: Deployment, item: str, how: str, manager: str | None) -> None:
    """处理一个事项 · Settle an item with a word on how."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager) if manager else None
        found = _meant(await matters.listed(tx), item)
        await matters.settle(tx, found.id, how, deployment.sources, by.id if by else None)
    deployment.talk.say("已处理。", "Settled.")
    deployment.talk.result({"item": found.id, "settled_as": how})


def _meant(items: list[Item], typed: str) -> Item:
    wanted = typed.lower().replace("-", "")
    found = [one for one in items if is_meant(one.id, wanted)]
    if len(found) != 1:
        raise Failure(
            "item_unknown", f"no single open item {typed}; see `saojie inbox list`", f"找不到唯一的待处理事项“{typed}”"
        )
    return found[0]
