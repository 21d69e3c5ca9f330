"""`saojie channels`: the company's phone numbers, QQ and WeChat accounts, and who has each."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.field.private_channels import unknown_channels
from server.identity import channels as register
from server.identity import staff, territories
from server.identity.channels import ChannelKind

__all__ = ["CHANNEL_KINDS", "channels"]

CHANNEL_KINDS = ("phone", "qq", "wechat")


@click.group()
def channels() -> None:
    """公司统一分配的号码（手机、QQ、微信） · Company channels: phone numbers, QQ, WeChat."""


@channels.command("add")
@click.argument("kind", type=click.Choice(CHANNEL_KINDS))
@click.argument("number")
@click.option("--to", "person", metavar="STAFF", help="发给谁 · Who gets it.")
@acting
async def add_channel(deployment: Deployment, kind: str, number: str, person: str | None) -> None:
    """登记一个号码 · Take a channel into the register, and issue it."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person) if person else None
        made = await register.add(tx, ChannelKind(kind), number, who.id if who else None, deployment.sources)
    deployment.talk.say(f"已登记 {made.number}", f"{made.number} is in the register")
    deployment.talk.result({"channel": made})


@channels.command("list")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--all", "everything", is_flag=True, help="包括以前的持有 · Earlier holdings as well.")
@acting
async def list_channels(deployment: Deployment, person: str | None, everything: bool) -> None:
    """列出号码及持有人 · List the channels with whoever has them."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        found = await register.listed(tx, who.id if who else None, everything=everything)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [("种类", "Kind"), ("号码", "Number"), ("持有人", "Held by"), ("起", "Since"), ("止", "Until")]
    rows = [
        (one.kind, one.number, names.get(one.staff) if one.staff else None, when(one.since), when(one.until))
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"channels": found})


@channels.command("pass")
@click.argument("number")
@click.option("--to", "person", metavar="STAFF", help="交给谁；不写则收回公司 · To whom; without it, to the company.")
@click.option("--kind", type=click.Choice(CHANNEL_KINDS), help="种类 · The kind, where two have that number.")
@acting
async def pass_channel(deployment: Deployment, number: str, person: str | None, kind: str | None) -> None:
    """移交一个号码 · Pass a channel on."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person) if person else None
        found = [one for one in await register.find(tx, number) if kind is None or one.kind == kind]
        if len(found) != 1:
            raise Failure(
                "channel_unknown", f"no single channel {number}; see `saojie channels list`",
                f"找不到唯一的号码“{number}”，请查看 saojie channels list",
            )  # fmt: skip
        passed = await register.pass_on(tx, found, who.id if who else None, deployment.sources)
    deployment.talk.say("已移交。" if passed else "此前已在其手中。", "Passed on." if passed else "They had it before.")
    deployment.talk.result({"channel": passed[0] if passed else found[0], "passed": bool(passed)})


@channels.command("unknown")
@acting
async def list_unknown(deployment: Deployment) -> None:
    """各片区渠道未登记的联系人数 · How many contacts of each territory have a channel that nobody knows."""
    async with deployment.store.read() as tx:
        found = await unknown_channels(tx)
        names = {one.id: one.name for one in await territories.all_territories(tx)}
    headings = [("片区", "Territory"), ("联系人", "Contacts"), ("未登记", "Unknown"), ("私人", "Private")]
    rows = [(names.get(one.territory), one.contacts, one.unknown, one.private) for one in found]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"territories": found})
