"""`saojie canaries`: numbers for decoys, and telling whose replica a number that turned up was in."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import when
from server.field import canaries as field

__all__ = ["canaries"]


@click.group()
def canaries() -> None:
    """诱饵终端：外泄后可查出是谁的副本 · Decoys: a list that turns up says whose copy it was."""


@canaries.group("numbers")
def numbers() -> None:
    """公司自有、专供诱饵使用的号码 · Numbers that the company owns, for decoys alone."""


@numbers.command("add")
@click.argument("given", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--by", "manager", required=True, metavar="STAFF", help="添加人 · Who adds them.")
@acting
async def add_numbers(deployment: Deployment, given: tuple[str, ...], manager: str) -> None:
    """添加号码；每个号码只用于一台设备 · Add numbers; each is used for one device only."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        fresh = await field.add_numbers(tx, given, by.id, deployment.sources)
    deployment.talk.say(f"新增 {fresh} 个号码。", f"{fresh} numbers are new.")
    deployment.talk.result({"added": fresh})


@numbers.command("count")
@acting
async def count_numbers(deployment: Deployment) -> None:
    """号码总数与已用数 · How many numbers there are, and how many are in use."""
    async with deployment.store.read() as tx:
        found = await field.counted(tx)
    deployment.talk.say(f"共 {found.known} 个，已用 {found.used} 个。", f"{found.known} numbers, {found.used} in use.")
    deployment.talk.result(found)


@canaries.command("sighting")
@click.argument("number")
@click.option("--seen", default="", help="在哪里出现，记入日志 · Where it turned up; it is journalled.")
@click.option("--by", "manager", required=True, metavar="STAFF", help="上报人 · Who reports it.")
@acting
async def tell_sighting(deployment: Deployment, number: str, seen: str, manager: str) -> None:
    """某号码曾在谁的副本里 · Whose replica a number was in, since when, and what proves it."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        found = await field.sighting(tx, number, seen, by.id, deployment.sources)
    talk = deployment.talk
    talk.say(
        f"{found.staff_name} 的设备 {found.device}（{found.model or '型号未知'}）自 {when(found.since)} 起持有。",
        f"It was in {found.staff_name}'s device {found.device} ({found.model or 'model unknown'}) "
        f"since {when(found.since)}.",
    )
    talk.say(
        f"承诺值 {found.commitment.hex()} 是公司日志第 {found.position} 条；盐与内容见 --json。",
        f"The commitment {found.commitment.hex()} is entry {found.position} of the company's journal; "
        "salt and body are in --json.",
    )
    talk.say("这说明数据出自哪份副本，不说明是谁复制的。", "It names the replica, not who copied it.")
    talk.result(found)
