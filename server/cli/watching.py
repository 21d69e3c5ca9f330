"""`saojie dependence` and `saojie signs`: what hangs on one person alone, what somebody does otherwise than usual."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.field.watching.asking import found_signs, shorten
from server.field.watching.dependence import dependences, give_second_faces
from server.identity import staff

__all__ = ["dependence", "signs"]


@click.command()
@click.option("--staff", "person", metavar="STAFF", help="只看此人，并列出建议 · Of one person, with the proposals.")
@click.option("--create-tasks", is_flag=True, help="派第二联系人的任务 · Give the second faces their tasks.")
@click.option("--most", default=30, show_default=True, help="最多几项任务 · So many tasks at most.")
@acting
async def dependence(deployment: Deployment, person: str | None, create_tasks: bool, most: int) -> None:
    """依赖度：多少业务只有一个人接触过 · Dependence: how much hangs on one person alone."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        found = await dependences(tx, await deployment.ruled(tx), who.id if who else None)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("人员", "Who"), ("进货", "Bought"), ("仅此一人", "Only this face"), ("%", "%"),
        ("重点终端", "Key outlets"), ("仅此一人", "Only this face"), ("%", "%"),
    ]  # fmt: skip
    rows = [
        (names[one.staff], one.bought, one.single_bought, one.percent, one.keys, one.single_keys, one.key_percent)
        for one in found
    ]
    deployment.talk.table(headings, rows)
    if who is not None:
        proposed = [
            (each.name, names.get(each.who) if each.who else None) for one in found for each in one.second_faces
        ]
        deployment.talk.table([("终端", "Outlet"), ("建议第二联系人", "Second face")], proposed)
    made = 0
    if create_tasks:
        async with deployment.store.write() as tx:
            for one in found:
                count, changed = await give_second_faces(tx, one, most, deployment.sources)
                made += count
                deployment.means.announcer.announce(changed)
    facts = [
        {"staff": names[one.staff], "bought": one.bought, "single_bought": one.single_bought, "percent": one.percent}
        | {"keys": one.keys, "single_keys": one.single_keys, "key_percent": one.key_percent, "single": one.single}
        | {"second_faces": one.second_faces}
        for one in found
    ]
    deployment.talk.result({"dependence": facts, "created": made})


@click.group()
def signs() -> None:
    """预警：与本人平时不同之处 · Early signs: what somebody does otherwise than usual."""


@signs.command("list")
@acting
async def list_signs(deployment: Deployment) -> None:
    """今天的预警；是疑问，不是结论 · The signs of today: questions, never verdicts."""
    async with deployment.store.read() as tx:
        found = await found_signs(tx, await deployment.ruled(tx))
        names = {one.id: one.name for one in await staff.everybody(tx)}
    zh = deployment.talk.language == "zh"
    headings = [("人员", "Who"), ("事项", "What"), ("最近 7 天", "Last 7 days"), ("此前 21 天", "21 days before")]
    rows = [(names.get(one.staff), one.kind.zh if zh else one.kind.en, one.week, one.before) for one in found]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"signs": found})


@signs.command("shorten")
@click.argument("person", metavar="STAFF")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def shorten_leases(deployment: Deployment, person: str, manager: str | None) -> None:
    """一个动作缩短此人全部手机的租约 · One act that shortens the leases of all of somebody's phones."""
    async with deployment.store.write() as tx:
        who, by = await deployment.person(tx, person), await deployment.person(tx, manager) if manager else None
        made = await shorten(tx, who.id, await deployment.ruled(tx), by.id if by else None)
    deployment.talk.say(
        f"{who.name} 的 {len(made)} 部手机租约已缩短，下次联系时生效。",
        f"The leases of {len(made)} phones of {who.name} are shortened, from their next contact on.",
    )
    deployment.talk.result({"staff": who.name, "devices": [one.device for one in made]})
