"""`saojie territory help`: somebody helps in a colleague's territory for a while, and it ends by itself."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.identity import help as helping
from server.identity import staff, territories
from server.values import lasting, length_of

__all__ = ["help_"]


@click.command("help")
@click.argument("name", required=False)
@click.option("--who", "person", metavar="STAFF", help="谁来协助 · Who helps.")
@click.option("--reason", help="原因 · Why.")
@click.option("--for", "length", help="多久，最多 24h · How long, 24h at most.")
@click.option("--end", "is_over", is_flag=True, help="提前结束 · End it before its time.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def help_(
    deployment: Deployment,
    name: str | None,
    person: str | None,
    reason: str | None,
    length: str | None,
    is_over: bool,
    manager: str | None,
) -> None:
    """临时协助同事的片区，到时自动结束 · Temporary help in a territory, which ends by itself; alone, list it."""
    if name is None:
        await _list(deployment)
        return
    if person is None or (not is_over and reason is None):
        raise Failure("help_incomplete", "say --who helps, and a --reason", "请用 --who 指定人员，用 --reason 说明原因")
    if is_over:
        await _end(deployment, name, person, manager)
        return
    async with deployment.store.write() as tx:
        place, who = await deployment.territory(tx, name), await deployment.person(tx, person)
        by = (await deployment.person(tx, manager)).id if manager else None
        lasts = _length(deployment, length)
        given = await helping.give(tx, place.id, who.id, reason or "", lasts, deployment.sources, by=by)
    until = when(given.until)
    deployment.talk.say(f"{who.name} 协助 {place.name} 至 {until}", f"{who.name} helps in {place.name} until {until}")
    deployment.talk.result(given)


def _length(deployment: Deployment, typed: str | None) -> int:
    if typed is None:
        return deployment.settings.help_lasts
    found = length_of(typed)
    if found is None:
        raise Failure("bad_length", "write a length such as 90m or 2h", "请写成时长，例如 90m 或 2h")
    return found


async def _end(deployment: Deployment, name: str, person: str, manager: str | None) -> None:
    async with deployment.store.write() as tx:
        place, who = await deployment.territory(tx, name), await deployment.person(tx, person)
        by = (await deployment.person(tx, manager)).id if manager else None
        is_ended = await helping.end(tx, place.id, who.id, deployment.sources, by=by)
    deployment.talk.say("已结束。" if is_ended else "没有进行中的协助。", "Ended." if is_ended else "There is none.")
    deployment.talk.result({"territory": place.id, "staff": who.id, "ended": is_ended})


async def _list(deployment: Deployment) -> None:
    async with deployment.store.read() as tx:
        found = await helping.listed(tx)
        names = {one.id: one.name for one in await staff.everybody(tx)}
        places = {one.id: one.name for one in await territories.all_territories(tx)}
    headings = [
        ("片区", "Territory"),
        ("协助人", "Who helps"),
        ("原因", "Reason"),
        ("时长", "For"),
        ("至", "Until"),
        ("结束方式", "Ended by"),
    ]
    rows = [
        (
            places[one.territory],
            names[one.staff],
            one.reason,
            lasting(one.until - one.since),
            when(one.until),
            one.ended_as,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"helps": found})
