"""`saojie notice inform` and `notice checklist`: what people see to before the formalities of a departure close."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.departure.leaving.checklist import INTERVIEW_REASONS, Point, listed
from server.departure.leaving.formalities import see_to
from server.departure.leaving.informing import Word
from server.departure.leaving.informing import inform as note_informed
from server.identity import staff
from server.times import read_local

__all__ = ["POINTS", "checklist", "inform"]

POINTS = tuple(point.value for point in Point)


@click.command("inform")
@click.argument("person", metavar="STAFF")
@click.argument("outlets", metavar="OUTLET...", nargs=-1, required=True)
@click.option("--by", "informer", required=True, metavar="STAFF", help="告知人（不能是离职者） · Who informed them.")
@click.option("--channel", "number", required=True, help="所用的公司号码 · The company channel that was used.")
@click.option("--at", "hour", metavar='"2026-12-31 18:00"', help="时间，默认现在 · When; now if not given.")
@click.option("--note", "said", default="", help="备注 · What was said.")
@acting
async def inform(
    deployment: Deployment, person: str, outlets: tuple[str, ...], informer: str, number: str, hour: str | None,
    said: str,
) -> None:  # fmt: skip
    """登记已告知的客户 · Note that customers were informed."""
    try:
        at = read_local(hour, deployment.settings.time_zone) if hour else None
    except ValueError as error:
        raise Failure("hour_unreadable", str(error), f"请把时刻写成 2026-12-31 18:00，而不是“{hour}”") from None
    async with deployment.store.write() as tx:
        who, by = await deployment.person(tx, person), await deployment.person(tx, informer)
        meant = [await deployment.outlet(tx, one) for one in outlets]
        told = await note_informed(tx, who.id, meant, Word(by.id, number, at, said), deployment.sources)
    deployment.talk.say(
        f"已登记；尚未告知 {len(told.waiting)} 家。", f"Noted; {len(told.waiting)} are still to be informed."
    )
    deployment.talk.result({"informed": meant, "waiting": told.waiting, "total": told.total})


@click.command("checklist")
@click.argument("person", metavar="STAFF")
@click.option("--tick", "point", type=click.Choice(POINTS), help="完成的事项 · The item that is done.")
@click.option("--by", "manager", metavar="STAFF", help="经办人 · Who saw to it.")
@click.option("--note", "said", default="", help="备注 · A note.")
@click.option("--code", type=click.Choice(INTERVIEW_REASONS), help="面谈原因 · The reason that the interview gave.")
@acting
async def checklist(
    deployment: Deployment, person: str, point: str | None, manager: str | None, said: str, code: str | None
) -> None:
    """查看或完成离职手续 · Show the formalities of a departure, or tick one off."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        if point is not None:
            if manager is None:
                raise Failure("by_missing", "say with --by who saw to it", "请用 --by 注明经办人")
            by = await deployment.person(tx, manager)
            if not await see_to(tx, who, Point(point), deployment.sources, by=by.id, said=said, code=code):
                raise Failure("item_unknown", f"{point} is not open", f"“{Point(point).zh}”没有待办")
        found = await listed(tx, who.id)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    talk = deployment.talk
    headings = [("事项", "Item"), ("完成", "Done"), ("经办人", "By"), ("代码", "Code"), ("备注", "Note")]
    rows = [
        (
            talk.either(one.point.zh, one.point.en), when(one.done_at), names.get(one.done_by) if one.done_by else None,
            one.code, one.note,
        )
        for one in found
    ]  # fmt: skip
    talk.table(headings, rows)
    talk.result({"staff": who.id, "items": found})
