"""`saojie sweeps` and `saojie coverage`: what each sweep found, and what of each territory is covered."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.departure.evidence.access import note_access
from server.field.sweeps.coverage import Covered, covered
from server.field.sweeps.reports import SweepReport, sweep_reports
from server.identity import staff
from server.times import local
from sync.ids import parse_id

__all__ = ["coverage", "sweeps"]

_DAY = 86_400_000
_SHOWN = 20


@click.group()
def sweeps() -> None:
    """扫街记录：每次找到、新增、变更、未找到、关闭 · What each sweep found."""


@sweeps.command("list")
@click.option("--territory", "place", help="只看此片区 · Of one territory.")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="最近几天 · Of so many days.")
@acting
async def list_sweeps(deployment: Deployment, place: str | None, person: str | None, days: int) -> None:
    """列出扫街，最近的在前 · List sweeps, the newest first."""
    since = deployment.sources.now() - days * _DAY
    async with deployment.store.read() as tx:
        of = (await deployment.territory(tx, place)).id if place else None
        who = (await deployment.person(tx, person)).id if person else None
        found = await sweep_reports(tx, of=of, staff=who, since=since)
        people = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("人员", "Person"),
        ("开始", "Began"),
        ("分钟", "Minutes"),
        ("找到", "Found"),
        ("新增", "New"),
        ("变更", "Changed"),
        ("未找到", "Missing"),
        ("关闭", "Closed"),
        ("每小时家数", "Shops per hour"),
        ("编号", "Id"),
    ]
    zone = deployment.settings.time_zone
    deployment.talk.table(headings, [_row(one, people, zone) for one in found])
    deployment.talk.result({"sweeps": found})


def _row(one: SweepReport, people: dict[UUID, str], zone: str) -> tuple[object, ...]:
    came = one.figures
    rate = None if came.per_hour is None else f"{came.per_hour // 10}.{came.per_hour % 10}"
    who = people.get(one.staff) if one.staff else None
    counts = (came.found, came.new, came.changed, came.missing, came.closed)
    return who, local(one.started_at, zone), one.seconds // 60, *counts, rate, one.id


@sweeps.command("show")
@click.argument("sweep")
@acting
async def show(deployment: Deployment, sweep: str) -> None:
    """一次扫街，含未走的街道 · One sweep, with the streets that it left out."""
    wanted = parse_id(sweep)
    async with deployment.store.read() as tx:
        found = await sweep_reports(tx, sweep=wanted) if wanted else []
        people = {one.id: one.name for one in await staff.everybody(tx)}
    if not found:
        raise Failure("sweep_unknown", f"there is no sweep {sweep}", f"没有扫街记录 {sweep}")
    (one,) = found
    who, began, minutes, *counts, rate, _ = _row(one, people, deployment.settings.time_zone)
    numbers = " / ".join(map(str, counts))
    rows = [
        (deployment.talk.either("人员", "Person"), who),
        (deployment.talk.either("开始", "Began"), began),
        (deployment.talk.either("分钟", "Minutes"), minutes),
        (deployment.talk.either("找到/新增/变更/未找到/关闭", "Found / new / changed / missing / closed"), numbers),
        (deployment.talk.either("每小时家数", "Shops per hour"), rate),
        (deployment.talk.either("未走街道", "Streets not walked"), "、".join(one.streets)),
        (deployment.talk.either("未走网格", "Cells not walked"), len(one.cells)),
        (deployment.talk.either("备注", "Notes"), one.notes),
    ]
    deployment.talk.table([("项目", "What"), ("内容", "Content")], rows)
    deployment.talk.result({"sweep": one})


@click.command()
@click.option("--territory", "place", help="此片区，并列出未见终端 · That territory, with what was not seen.")
@click.option("--by", "manager", metavar="STAFF", help="查看人 · Who looks.")
@acting
async def coverage(deployment: Deployment, place: str | None, manager: str | None) -> None:
    """覆盖率：多少终端一季度内见过，哪些网格空白 · Coverage: what was seen within a quarter, which cells are blank."""
    async with deployment.store.write() as tx:
        ground = await deployment.ruled(tx)
        of = (await deployment.territory(tx, place)).id if place else None
        by = (await deployment.person(tx, manager)).id if manager else None
        found = await covered(tx, ground, of=of)
        shown = sum(len(one.unseen) for one in found) if of else 0
        if shown:
            await note_access(tx, "unseen", by, shown, deployment.sources)
    headings = [
        ("片区", "Territory"),
        ("终端", "Outlets"),
        ("覆盖率", "Coverage"),
        ("一季度未见", "Not seen for a quarter"),
        ("空白网格", "Blank cells"),
    ]
    rows = [
        (one.name, one.outlets, None if one.percent is None else f"{one.percent} %", len(one.unseen),
         f"{len(one.blank)} / {one.cells}")
        for one in found
    ]  # fmt: skip
    deployment.talk.table(headings, rows)
    if of:
        deployment.talk.table(
            [("等级", "Grade"), ("店名", "Name"), ("地址", "Address")],
            [(shop.grade, shop.name, shop.address) for one in found for shop in one.unseen[:_SHOWN]],
        )
    deployment.talk.result({"coverage": [_told(one, is_whole=of is not None) for one in found]})


def _told(one: Covered, *, is_whole: bool) -> dict[str, object]:
    counts = {"outlets": one.outlets, "percent": one.percent, "unseen": len(one.unseen), "cells": one.cells}
    told: dict[str, object] = {"territory": one.territory, "name": one.name, **counts, "blank": one.blank}
    return told | ({"unseen_outlets": list(one.unseen)} if is_whole else {})
