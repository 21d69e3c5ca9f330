"""`saojie credit`, `overdue` and `statement`: credit customers, overdue money, statements of customers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure
from server.field.credit import overdue as late
from server.field.credit import review
from server.field.credit.accounts import statement as statement_of
from server.field.credit.pages import page_of, text_of
from server.field.ground import Ground
from server.field.owners import shops
from server.identity import staff
from server.master.store import Tx
from sync.errors import Refusal
from sync.records import CreditTerms

__all__ = ["credit", "overdue", "statement"]

_BY = click.option("--by", "manager", metavar="STAFF", required=True, help="决定人 · Who decides.")
_AMOUNT = "分 · minor units"


def _one(found: list[UUID], typed: str) -> UUID:
    wanted = typed.lower().replace("-", "")
    meant = [one for one in found if is_meant(one, wanted)]
    if len(meant) != 1:
        raise Failure("not_found", f"no single one is {typed}; see `list`", f"找不到唯一的“{typed}”，请先 list")
    return meant[0]


async def _do(
    deployment: Deployment, manager: str, act: Callable[[Tx, Ground, UUID], Awaitable[frozenset[str]]], done: str
) -> None:
    async with deployment.store.write() as tx:
        by = (await deployment.person(tx, manager)).id
        changed = await act(tx, await deployment.ruled(tx), by)
    deployment.means.announcer.announce(changed)
    deployment.talk.say(f"已处理：{done}", f"Done: {done}")
    deployment.talk.result({"done": done})


@click.group()
def credit() -> None:
    """账期客户：申请与审核 · Credit customers: applications and their review."""


@credit.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已决定的 · Decided ones as well.")
@acting
async def list_applications(deployment: Deployment, everything: bool) -> None:
    """列出申请 · List the applications."""
    async with deployment.store.read() as tx:
        found = await review.applications(tx, everything=everything)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("终端", "Outlet"), ("申请人", "Who"), ("额度（分）", "Limit"), ("天数", "Days"), ("审核", "Review"),
        ("编号", "Id"),
    ]  # fmt: skip
    rows = [
        (one.name, names.get(one.staff) if one.staff else None, one.limit, one.days, one.review, one.id)
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"applications": found})


@credit.command("show")
@click.argument("application")
@acting
async def show(deployment: Deployment, application: str) -> None:
    """看一份申请 · Show one application."""
    async with deployment.store.read() as tx:
        found = await review.find(tx, await _application(tx, application))
    talk = deployment.talk
    talk.say(f"{found.name}：额度 {found.limit} 分，{found.days} 天", f"{found.name}: {found.limit}, {found.days} days")
    talk.say(f"生产情况：{found.operations}", f"Operations: {found.operations}")
    talk.say(f"资信状况：{found.creditworthiness}", f"Creditworthiness: {found.creditworthiness}")
    talk.say(f"审核：{found.review} {found.review_note}", f"Review: {found.review} {found.review_note}")
    talk.result(found)


async def _application(tx: Tx, typed: str) -> UUID:
    return _one([one.id for one in await review.applications(tx, everything=True)], typed)


@credit.command("approve")
@click.argument("application")
@click.option("--limit", type=int, help=f"额度，{_AMOUNT}")
@click.option("--days", type=int, help="账期天数 · Days.")
@_BY
@acting
async def approve(deployment: Deployment, application: str, limit: int | None, days: int | None, manager: str) -> None:
    """批准，可另定额度和天数 · Approve, with other terms where they are given."""

    async def act(tx: Tx, ground: Ground, by: UUID) -> frozenset[str]:
        meant = await _application(tx, application)
        return await review.approve(tx, meant, ground, by=by, limit=limit, days=days)

    await _do(deployment, manager, act, "approved")


@credit.command("question")
@click.argument("application")
@click.argument("text")
@_BY
@acting
async def question(deployment: Deployment, application: str, text: str, manager: str) -> None:
    """退回并提问 · Send back with a question."""

    async def act(tx: Tx, ground: Ground, by: UUID) -> frozenset[str]:
        return await review.question(tx, await _application(tx, application), text, ground, by=by)

    await _do(deployment, manager, act, "questioned")


@credit.command("refuse")
@click.argument("application")
@click.option("--reason", required=True, help="原因，会告知申请人 · Why; whoever asked is told.")
@_BY
@acting
async def refuse(deployment: Deployment, application: str, reason: str, manager: str) -> None:
    """不批准 · Refuse."""

    async def act(tx: Tx, ground: Ground, by: UUID) -> frozenset[str]:
        return await review.refuse(tx, await _application(tx, application), reason, ground, by=by)

    await _do(deployment, manager, act, "refused")


@credit.command("extend")
@click.argument("outlet")
@click.option("--limit", type=int, required=True, help=f"额度，{_AMOUNT}")
@click.option("--days", type=int, required=True, help="账期天数 · Days.")
@click.option("--reason", required=True, help="理由 · Why.")
@_BY
@acting
async def extend(deployment: Deployment, outlet: str, limit: int, days: int, reason: str, manager: str) -> None:
    """更长的账期，须经销商本人 · Longer terms; the dealer's own act."""

    async def act(tx: Tx, ground: Ground, by: UUID) -> frozenset[str]:
        if limit <= 0 or not 0 < days <= 366:
            raise Refusal("bad_value", "credit takes a limit above 0 and 1 to 366 days")
        meant = await deployment.outlet(tx, outlet)
        return await review.extend(tx, meant, CreditTerms(limit, days), reason, ground, by=by)

    await _do(deployment, manager, act, "extended")


@click.group()
def overdue() -> None:
    """逾期货款 · Overdue money."""


@overdue.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已结案的 · Closed ones as well.")
@acting
async def list_cases(deployment: Deployment, everything: bool) -> None:
    """列出逾期案件 · List the cases."""
    async with deployment.store.read() as tx:
        found = await late.cases(tx, await deployment.ruled(tx), everything=everything)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("终端", "Outlet"), ("负责人", "Owner"), ("立案日", "Opened on"), ("逾期（分）", "Overdue"),
        ("欠款（分）", "Owed"), ("结案", "Closed because"), ("编号", "Id"),
    ]  # fmt: skip
    rows = [
        (
            one.name,
            names.get(one.owner) if one.owner else None,
            one.opened_on,
            one.overdue,
            one.balance,
            one.reason,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"cases": found})


@overdue.command("close")
@click.argument("case")
@click.option("--reason", required=True, help="逾期原因 · Why it came to it.")
@click.option("--plan", default="", help="整改计划 · How it is kept from coming again.")
@click.option("--write-off", is_flag=True, help="核销，须经销商本人 · Write it off; the dealer's own act.")
@_BY
@acting
async def close(deployment: Deployment, case: str, reason: str, plan: str, write_off: bool, manager: str) -> None:
    """结案：须有原因、计划和回款 · Close: with a reason, a plan and payments."""

    async def act(tx: Tx, ground: Ground, by: UUID) -> frozenset[str]:
        meant = _one([one.id for one in await late.cases(tx, ground)], case)
        if write_off:
            return await late.write_off(tx, meant, reason, ground, by=by)
        return await late.close(tx, meant, reason, plan, ground, by=by)

    await _do(deployment, manager, act, "closed")


@click.command()
@click.argument("outlet")
@click.option("--from", "first", default="1900-01-01", help="起始日 · First day, YYYY-MM-DD.")
@click.option("--to", "last", help="截止日，默认今天 · Last day; today where left out.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="另存为网页 · Also as a page, here.")
@acting
async def statement(deployment: Deployment, outlet: str, first: str, last: str | None, html: Path | None) -> None:
    """客户对账单 · A customer's statement."""
    async with deployment.store.read() as tx:
        until = last or str((await deployment.ruled(tx)).today)
        meant = await deployment.outlet(tx, outlet)
        found = await statement_of(tx, meant, first, until)
        shop = (await shops(tx, [meant]))[meant]
    if html is not None:
        _write(html, page_of(shop, found))
    deployment.talk.raw(text_of(shop, found))
    totals = {"balance": found.account.balance, "overdue": found.overdue, "surplus": found.account.surplus}
    deployment.talk.result(
        {"outlet": shop, "first": first, "last": until, "before": found.before, "lines": found.lines}
        | totals | {"open": found.account.open_items}
    )  # fmt: skip


def _write(file: Path, page: str) -> None:
    file.write_text(page, "utf-8")
