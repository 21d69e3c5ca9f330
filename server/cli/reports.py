"""`saojie reports`: daily reports beside the company's own figures; `saojie holidays`: days on which nothing is due."""

from __future__ import annotations

from datetime import date

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.field.daily_reports import ThatDay, reported
from server.field.holidays import Unknown, add_year

__all__ = ["holidays", "reports"]


@click.command()
@click.option("--day", metavar="YYYY-MM-DD", help="哪一天；不写为今天 · The day; today without it.")
@acting
async def reports(deployment: Deployment, day: str | None) -> None:
    """日报：所报与公司所记对照，谁未交 · Daily reports beside the company's own figures, and who sent none."""
    try:
        when = date.fromisoformat(day) if day else deployment.ground.today
    except ValueError as error:
        en, zh = f"a day is written as 2026-10-01, not {day}", f"日期写作 2026-10-01，不是 {day}"
        raise Failure("bad_value", en, zh) from error
    async with deployment.store.read() as tx:
        found = await reported(tx, when, await deployment.ruled(tx))
    rows = [(one.name, _said(one.reported), _said(one.ours), one.notes[:60]) for one in found]
    headings = [("人员", "Who"), ("所报", "Reported"), ("公司所记", "As the company has it"), ("说明", "Words")]
    deployment.talk.say("完成/计划 计划外 登记 订单（分）", "done/planned, extra, registered, orders")
    deployment.talk.table(headings, rows)
    deployment.talk.result({"day": str(when), "reports": found})


def _said(one: ThatDay | None) -> str:
    return "—" if one is None else f"{one.done}/{one.planned} +{one.extra} {one.registered} {one.orders}"


@click.command()
@click.argument("year", type=int)
@acting
async def holidays(deployment: Deployment, year: int) -> None:
    """导入某年法定放假日，当天不安排拜访 · Take in a year's public holidays of China: nothing is due on them."""
    try:
        async with deployment.store.write() as tx:
            days, changed = await add_year(tx, year, deployment.sources)
    except Unknown as error:
        raise Failure(
            "holidays_unknown", f"{error}; set them by hand: `saojie policy set holidays 2027-01-01,…`",
            f"没有 {year} 年的放假安排，可手工设置：saojie policy set holidays 2027-01-01,…",
        ) from error  # fmt: skip
    deployment.means.announcer.announce(changed)
    deployment.talk.say(f"{year} 年放假 {len(days)} 天。", f"{len(days)} days of {year}.")
    deployment.talk.result({"year": year, "days": days})
