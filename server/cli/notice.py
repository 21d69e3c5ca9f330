"""`saojie notice`: somebody works on until a last hour that is known."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.formalities import checklist, inform
from server.cli.plans import Typed, planning
from server.cli.talk import Failure
from server.departure.leaving import notice as notices
from server.departure.leaving.checklist import listed as points_of
from server.departure.leaving.informing import Progress, progress
from server.departure.leaving.notice import GivenNotice
from server.identity import staff
from server.identity.channels import listed as channels_of
from server.identity.staff import Person
from server.times import local, read_local

__all__ = ["notice"]


@click.group()
def notice() -> None:
    """离职通知期：预定最后时刻，到时自动切断 · Under notice: the cut-off is scheduled for the last hour."""


notice.add_command(inform)
notice.add_command(checklist)


@notice.command("give")
@click.argument("person", metavar="STAFF")
@click.option("--last", required=True, metavar='"2026-12-31 18:00"', help="最后时刻（公司时区） · The last hour.")
@click.option("--reason", default="left", show_default=True, help="原因代码 · A code for why.")
@click.option("--by", "manager", metavar="STAFF", help="办理人 · Who gives notice.")
@acting
@planning
async def give(deployment: Deployment, person: str, plan: Typed, last: str, reason: str, manager: str | None) -> None:
    """进入通知期：到时自动切断其全部设备 · Give somebody notice until a last hour."""
    zone = deployment.settings.time_zone
    try:
        last_at = read_local(last, zone)
    except ValueError as error:
        raise Failure("hour_unreadable", str(error), f"请把时刻写成 2026-12-31 18:00，而不是“{last}”") from None
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        by = await deployment.person(tx, manager) if manager else None
        wanted = await plan.read(deployment, tx)
        made = await notices.give(
            tx, who.id, last_at, wanted, deployment.sources, reason=reason, by=by.id if by else None
        )
        waiting = await progress(tx, who)
    deployment.talk.say(
        f"{who.name} 进入通知期，{local(last_at, zone)} 自动切断；待告知客户 {len(waiting.waiting)} 家。",
        f"{who.name} is under notice until {local(last_at, zone)}; customers to inform: {len(waiting.waiting)}.",
    )
    deployment.talk.result({"notice": made, "customers": len(waiting.waiting)})


@notice.command("withdraw")
@click.argument("person", metavar="STAFF")
@click.option("--reason", "why", required=True, help="原因 · Why.")
@click.option("--by", "manager", metavar="STAFF", help="办理人 · Who withdraws it.")
@acting
async def withdraw(deployment: Deployment, person: str, why: str, manager: str | None) -> None:
    """撤销通知：一切照旧 · Withdraw a notice: nothing happens."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        by = await deployment.person(tx, manager) if manager else None
        ended = await notices.withdraw(tx, who.id, why, deployment.sources, by=by.id if by else None)
    deployment.talk.say(f"{who.name} 的通知已撤销。", f"The notice of {who.name} is withdrawn.")
    deployment.talk.result({"notice": ended})


@notice.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已结束的 · Those that ended as well.")
@acting
async def list_notices(deployment: Deployment, *, everything: bool) -> None:
    """列出通知期人员 · List who is under notice."""
    async with deployment.store.read() as tx:
        found = await notices.listed(tx, everything=everything)
        people = {one.id: one for one in await staff.everybody(tx)}
        told = {one.id: await progress(tx, people[one.staff]) for one in found if one.ended_at is None}
    headings = [
        ("姓名", "Name"), ("最后时刻", "Last hour"), ("状态", "State"), ("原因", "Reason"), ("已告知客户", "Informed"),
    ]  # fmt: skip
    rows = [
        (
            people[one.staff].name, local(one.last_at, deployment.settings.time_zone), one.state, one.reason,
            _share(told[one.id]) if one.id in told else None,
        )
        for one in found
    ]  # fmt: skip
    deployment.talk.table(headings, rows)
    deployment.talk.result({"notices": found})


def _share(done: Progress) -> str:
    return f"{done.total - len(done.waiting)}/{done.total}"


@notice.command("show")
@click.argument("person", metavar="STAFF")
@acting
async def show(deployment: Deployment, person: str) -> None:
    """查看某人的离职进展：待告知客户、手续、号码 · Show how far somebody's departure is."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        given = await notices.latest(tx, who.id)
        told = await progress(tx, who)
        points = await points_of(tx, who.id)
        numbers = await channels_of(tx, who.id)
    _tell(deployment, who, given, told)
    for one in points:
        done = deployment.talk.either("已完成", "done") if one.done_at else deployment.talk.either("未完成", "open")
        deployment.talk.say(f"  {one.point.zh}：{done}", f"  {one.point.en}: {done}")
    deployment.talk.result(
        {
            "staff": who.id,
            "status": who.status,
            "notice": given,
            "informed": told.done,
            "waiting": told.waiting,
            "total": told.total,
            "checklist": points,
            "channels": numbers,
        }
    )


def _tell(deployment: Deployment, who: Person, given: GivenNotice | None, told: Progress) -> None:
    talk = deployment.talk
    if given is not None:
        hour = local(given.last_at, deployment.settings.time_zone)
        days = max(0, (given.last_at - deployment.sources.now()) // 86_400_000)
        talk.say(f"{who.name}：最后时刻 {hour}，还有 {days} 天", f"{who.name}: last hour {hour}, {days} days to go")
    talk.say(f"已告知客户 {_share(told)}；尚未告知（重点在前）：", f"Informed {_share(told)}; still to be informed:")
    talk.table(
        [("等级", "Grade"), ("终端", "Outlet"), ("编号", "Id")], [(one.grade, one.name, one.id) for one in told.waiting]
    )
