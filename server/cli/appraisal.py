"""`saojie appraisal`: a month's statement, closing it, reproducing it from the journal; phases and targets."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.field.appraisal import phases as switches
from server.field.appraisal.closing import close_month
from server.field.appraisal.facts import Phase, Statement
from server.field.appraisal.statement import reproduce, statement_of
from server.field.appraisal.targets import set_target
from server.identity import staff, territories
from server.master.store import Tx

__all__ = ["appraisal"]

_REASONS = {"build": ("建档", "built"), "keep": ("维护", "kept"), "sales": ("销售", "sales")}


@click.group()
def appraisal() -> None:
    """考核 · The appraisal."""


@appraisal.command("show")
@click.argument("month", metavar="YYYY-MM")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@acting
async def show(deployment: Deployment, month: str, person: str | None) -> None:
    """某月的考核单，逐笔列出理由 · A month's statement, every line with its reason."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        found = await statement_of(tx, month, deployment.ground)
        await _tell(deployment, tx, found, only=who.name if who else None)


async def _tell(deployment: Deployment, tx: Tx, found: Statement, only: str | None = None) -> None:
    names = {one.id: one.name for one in await staff.everybody(tx)}
    lines = [one for one in found.lines if only is None or names.get(one.staff) == only]
    rows = [
        (names.get(one.staff), " ".join(_REASONS[one.reason]), str(one.about or ""), one.amount, one.detail)
        for one in lines
    ]
    headings = [("人员", "Who"), ("理由", "Reason"), ("终端", "Outlet"), ("金额（分）", "Amount"), ("说明", "Detail")]
    deployment.talk.table(headings, rows)
    totals = {names.get(one, str(one)): found.total(one) for one in sorted({line.staff for line in lines})}
    for name, total in totals.items():
        deployment.talk.say(f"{name}：{total / 100:.2f} 元", f"{name}: {total / 100:.2f}")
    zh, en = ("已结账", "closed") if found.closed else ("尚在增长", "still growing")
    held = len(found.held)
    deployment.talk.say(f"{found.month}：{zh}；待查重暂缓 {held} 家", f"{found.month}: {en}; held back {held}")
    deployment.talk.result(
        {"month": found.month, "closed": found.closed, "lines": lines, "totals": totals, "held": found.held}
    )


@appraisal.command("close")
@click.argument("month", metavar="YYYY-MM")
@click.option("--by", "manager", metavar="STAFF", required=True, help="决定人 · Who decides.")
@acting
async def close_(deployment: Deployment, month: str, manager: str) -> None:
    """结账：此后不再变化 · Close a month that is over; it stays as it is from then on."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, manager)
        found, changed = await close_month(tx, month, deployment.ground, who.id)
    deployment.means.announcer.announce(changed)
    async with deployment.store.read() as tx:
        await _tell(deployment, tx, found)


@appraisal.command("verify")
@click.argument("month", metavar="YYYY-MM")
@acting
async def verify_month(deployment: Deployment, month: str) -> None:
    """从日志重算，逐笔核对 · Work a closed month out again from the journal, and compare line by line."""
    async with deployment.store.read() as tx:
        kept, again, erased = await reproduce(tx, month, deployment.ground)
    missing = [one for one in kept.lines if one not in again.lines]
    extra = [one for one in again.lines if one not in kept.lines]
    same = not missing and not extra
    deployment.talk.result({"month": month, "same": same, "missing": missing, "extra": extra, "erased": erased})
    if not same:
        raise Failure(
            "appraisal_differs",
            f"{len(missing)} lines are not reproduced and {len(extra)} are new; {erased} entries were removed by order",
            f"有 {len(missing)} 笔无法重现、{len(extra)} 笔多出；依删除令移除的日志 {erased} 条",
        )
    count = len(kept.lines)
    deployment.talk.say(f"{month}：{count} 笔全部重现，分文不差", f"{month}: all {count} lines come out to the cent")


@appraisal.command("phase")
@click.argument("territory")
@click.argument("phase", type=click.Choice([one.value for one in Phase]))
@click.option("--reason", required=True, help="理由 · Why.")
@click.option("--by", "dealer", metavar="STAFF", required=True, help="经销商本人 · The dealer.")
@acting
async def phase_(deployment: Deployment, territory: str, phase: str, reason: str, dealer: str) -> None:
    """切换片区的考核阶段：建档或维护 · Switch a territory's phase: build or keep."""
    async with deployment.store.write() as tx:
        who, place = await deployment.person(tx, dealer), await deployment.territory(tx, territory)
        is_new = await switches.set_phase(tx, place.id, Phase(phase), reason, deployment.sources, by=who.id)
    zh, en = ("", "") if is_new else ("（原已如此）", " (as before)")
    deployment.talk.say(f"{place.name}：{phase}{zh}", f"{place.name}: {phase}{en}")
    deployment.talk.result({"territory": place.name, "phase": phase, "switched": is_new})


@appraisal.command("phases")
@acting
async def list_phases(deployment: Deployment) -> None:
    """各片区的考核阶段 · The phase of each territory."""
    async with deployment.store.read() as tx:
        held = await switches.phases(tx)
        found = [(one.name, held.get(one.id, Phase.BUILD).value) for one in await territories.all_territories(tx)]
    deployment.talk.table([("片区", "Territory"), ("阶段", "Phase")], found)
    deployment.talk.result({"phases": dict(found)})


@appraisal.command("target")
@click.argument("person", metavar="STAFF")
@click.argument("month", metavar="YYYY-MM")
@click.argument("amount", type=int)
@acting
async def target(deployment: Deployment, person: str, month: str, amount: int) -> None:
    """设定某人某月的销售目标（分） · Set what somebody is to sell in a month, minor units."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        found = await set_target(tx, who.id, month, amount, deployment.sources)
    deployment.talk.say(f"{who.name} {month}：{amount} 分", f"{who.name} {month}: {amount}")
    deployment.talk.result({"target": found})
