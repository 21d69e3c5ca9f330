"""`saojie whatif`: what would be at risk, before it happens."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.field.whatif import Exposed, Windows, create_tasks, wanted_tasks, what_if

__all__ = ["whatif"]

_DAY = 86_400_000


@click.group()
def whatif() -> None:
    """假如：提前看清风险 · What if: what would be at risk."""


@whatif.command("leave")
@click.argument("person", metavar="STAFF")
@click.option("--create-tasks", "assignee", metavar="STAFF", help="把降低风险的任务交给此人 · Give the tasks to them.")
@click.option("--most", default=30, show_default=True, help="最多几项任务 · So many tasks at most.")
@acting
async def leave(deployment: Deployment, person: str, assignee: str | None, most: int) -> None:
    """假如此人离职 · If this person left: outlets, purchases, money, contacts that only they know."""
    settings = deployment.settings
    windows = Windows(settings.whatif_purchases // _DAY, settings.whatif_faces // _DAY, settings.time_zone)
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        heir = await deployment.person(tx, assignee) if assignee else None
        found = await what_if(tx, who.id, deployment.sources.now(), windows)
    tasks = wanted_tasks(found.outlets)[:most]
    _tell(deployment, found, windows, len(tasks))
    made = 0
    if heir is not None:
        made, changed = await create_tasks(deployment.store, deployment.sources, heir.id, tasks)
        deployment.means.announcer.announce(changed)
        deployment.talk.say(f"已给 {heir.name} 新建 {made} 项任务。", f"{made} new tasks for {heir.name}.")
    deployment.talk.result(_facts(found) | {"tasks": tasks, "created": made})


def _facts(found: Exposed) -> dict[str, object]:
    return {
        "staff": found.staff,
        "basis": found.basis,
        "outlets": len(found.outlets),
        "key_outlets": sum(one.grade == "A" for one in found.outlets),
        "bought": sum(one.bought for one in found.outlets),
        "company_bought": found.company_bought,
        "owes": sum(one.owes for one in found.outlets),
        "single_face": len(found.single),
        "single_face_bought": sum(one.bought for one in found.single),
        "single_contacts": sum(len(one.single_contacts) for one in found.outlets),
        "private_contacts": sum(len(one.private_contacts) for one in found.outlets),
        "at_risk": [one for one in found.outlets if one.is_single or one.single_contacts or one.private_contacts],
    }


def _tell(deployment: Deployment, found: Exposed, windows: Windows, tasks: int) -> None:
    talk, facts = deployment.talk, _facts(found)
    yes = talk.either("是", "yes")
    headings = [
        ("终端", "Outlet"),
        ("等级", "Grade"),
        ("进货", "Bought"),
        ("欠款（分）", "Owes, minor units"),
        ("仅此一人接触", "Only this face"),
        ("仅其认识的联系人", "Contacts only they know"),
        ("私人渠道", "Private channel"),
    ]
    rows = [
        (
            one.name,
            one.grade,
            one.bought,
            one.owes,
            yes if one.is_single else "",
            "、".join(one.single_contacts),
            "、".join(one.private_contacts),
        )
        for one in found.outlets[:40]
        if one.is_single or one.single_contacts or one.private_contacts
    ]
    talk.table(headings, rows)
    talk.say(
        f"终端 {facts['outlets']} 家（重点 {facts['key_outlets']} 家），近 {windows.purchases} 天进货 {facts['bought']}"
        f"（全公司 {facts['company_bought']}；{found.basis.zh}），欠款 {facts['owes']} 分。",
        f"{facts['outlets']} outlets ({facts['key_outlets']} key) bought {facts['bought']} in {windows.purchases} days "
        f"(the company: {facts['company_bought']}; {found.basis.en}) and owe {facts['owes']} minor units.",
    )
    talk.say(
        f"近 {windows.faces} 天只有此人接触的终端 {facts['single_face']} 家，进货 {facts['single_face_bought']}；"
        f"只有此人认识的联系人 {facts['single_contacts']} 位，私人渠道 {facts['private_contacts']} 位。"
        f"可降低风险的任务 {tasks} 项。",
        f"{facts['single_face']} of them nobody else touched in {windows.faces} days; these bought "
        f"{facts['single_face_bought']}. {facts['single_contacts']} contacts only they know, "
        f"{facts['private_contacts']} on private channels. {tasks} tasks would lower that.",
    )
