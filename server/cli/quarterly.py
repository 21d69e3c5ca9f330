"""`saojie verify`, `saojie callbacks`, `saojie purchases`: what is owed to every outlet once a quarter."""

from __future__ import annotations

from uuid import UUID

import rich_click as click
from sqlalchemy import select

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.field.arrivals import look
from server.field.own_acts import Asked, carry_out
from server.field.purchases import by_quarter
from server.field.quarterly.callbacks import called_back
from server.field.quarterly.verification import accept_differences, is_counted, progress, refuse_differences
from server.master.actors import Authority
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.quarters import first_of, quarter_of
from sync.ids import parse_id
from sync.records import Means

__all__ = ["callbacks", "purchases", "verify"]


def _quarter(deployment: Deployment, typed: str | None) -> str:
    """The quarter that was typed, or this one."""
    quarter = typed or quarter_of(deployment.ground.today)
    try:
        first_of(quarter)
    except ValueError as error:
        raise Failure("bad_value", str(error), f"季度写作 2026Q4，不是 {quarter}") from error
    return quarter


def _record_id(typed: str) -> UUID:
    found = parse_id(typed)
    if found is None:
        raise Failure("bad_value", f"{typed} is no id of a record", f"{typed} 不是记录编号")
    return found


QUARTER = click.option("--quarter", metavar="2026Q4", help="季度；不写为本季度 · The quarter; this one without it.")


@click.group()
def verify() -> None:
    """季度核实 · Quarterly verification."""


@verify.command("status")
@QUARTER
@acting
async def status(deployment: Deployment, quarter: str | None) -> None:
    """各片区的核实进度 · How far each territory is."""
    wanted = _quarter(deployment, quarter)
    async with deployment.store.read() as tx:
        found = await progress(tx, wanted)
    rows = [(one.name, one.wanted, one.wanted - len(one.missing), len(one.missing)) for one in found]
    headings = [("片区", "Territory"), ("应核实", "To verify"), ("已核实", "Verified"), ("缺", "Missing")]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"quarter": wanted, "territories": found})


@verify.command("record")
@click.argument("outlet")
@click.option("--by", "person", metavar="STAFF", required=True, help="核实人 · Who verified.")
@click.option("--means", type=click.Choice([one.value for one in Means]), required=True, help="方式 · By what means.")
@click.option("--answer", default="", help="答复 · What they said.")
@click.option(
    "--differs", multiple=True, metavar="FIELD=VALUE", help="与档案不符 · What is otherwise than the archive."
)
@QUARTER
@acting
async def record(
    deployment: Deployment,
    outlet: str,
    person: str,
    means: str,
    answer: str,
    differs: tuple[str, ...],
    quarter: str | None,
) -> None:
    """登记一次核实 · Record a verification; who may verify, and whether it counts, is the rule's."""
    wanted, split = _quarter(deployment, quarter), [one.partition("=") for one in differs]
    async with deployment.store.write() as tx:
        who, ground = await deployment.person(tx, person), await deployment.ruled(tx)
        made = deployment.sources.new_id()
        fields = {"outlet": await deployment.outlet(tx, outlet), "quarter": wanted, "means": means, "answer": answer}
        fields |= {"differences": [(name, value) for name, _, value in split], "confirmed": not split}
        fields |= {"verified_on": str(ground.today)}
        asked = [Asked("verification", fields, made)]
        done = await carry_out(tx, deployment.sources, asked, by=who.id, authority=Authority.MANAGER)
    if done.outcomes[0].reason:
        raise Failure(done.outcomes[0].reason, done.outcomes[0].detail, f"未能登记：{done.outcomes[0].detail}")
    deployment.means.announcer.announce(done.changed | await look(deployment.store, deployment.ground))
    async with deployment.store.read() as tx:
        counts = await is_counted(tx, made)
    if counts:
        deployment.talk.say("已登记。", "Recorded.")
    else:
        deployment.talk.say("已登记，但不计入核实。", "Recorded; it does not count as a verification.")
    deployment.talk.result({"outlet": outlet, "quarter": wanted, "verification": made, "counts": counts})


@verify.command("show")
@click.argument("verification")
@acting
async def show(deployment: Deployment, verification: str) -> None:
    """一次核实：方式、答复、与档案不符之处 · One verification, with what differs from the archive."""
    table, outlets = TYPED["verification"], TYPED["outlet"]
    async with deployment.store.read() as tx:
        wanted = select(table).where(table.c.id == _record_id(verification))
        row = (await tx.execute(wanted)).mappings().first()
        if row is None:
            raise Failure("not_found", f"there is no verification {verification}", f"没有核实记录 {verification}")
        outlet = (await tx.execute(select(outlets).where(outlets.c.id == row["outlet"]))).mappings().one()
    rows = [(one["field"], str(outlet.get(one["field"], "")), one["found"]) for one in row["differences"]]
    deployment.talk.table([("字段", "Field"), ("档案", "Archive"), ("终端所说", "What they say")], rows)
    deployment.talk.result(
        {
            "verification": {name: row[name] for name in ("id", "outlet", "quarter", "means", "answer")},
            "differences": rows,
        }
    )


@verify.command("accept")
@click.argument("verification")
@click.option("--field", "fields", multiple=True, help="只接受这些字段 · Only these fields.")
@click.option("--by", "manager", metavar="STAFF", required=True, help="决定人 · Who decides.")
@acting
async def accept(deployment: Deployment, verification: str, fields: tuple[str, ...], manager: str) -> None:
    """按终端所说修改档案 · Take over what the outlet says."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        changed = await accept_differences(tx, _record_id(verification), deployment.sources, by=by.id, fields=fields)
    deployment.means.announcer.announce(changed)
    deployment.talk.say("档案已修改。", "The archive is changed.")
    deployment.talk.result({"verification": verification, "accepted": True})


@verify.command("refuse")
@click.argument("verification")
@click.option("--reason", required=True, help="理由 · Why.")
@click.option("--by", "manager", metavar="STAFF", required=True, help="决定人 · Who decides.")
@acting
async def refuse(deployment: Deployment, verification: str, reason: str, manager: str) -> None:
    """档案不变 · Leave the archive as it is."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        await refuse_differences(tx, _record_id(verification), reason, deployment.sources, by=by.id)
    deployment.talk.say("档案保持不变。", "The archive stays as it is.")
    deployment.talk.result({"verification": verification, "accepted": False})


@click.command()
@QUARTER
@acting
async def callbacks(deployment: Deployment, quarter: str | None) -> None:
    """回访：每季度每家客户至少一次 · Call-backs: every customer at least once a quarter."""
    wanted = _quarter(deployment, quarter)
    async with deployment.store.read() as tx:
        found = await called_back(tx, wanted, await deployment.ruled(tx))
    rows = [(one.name, len(one.done), len(one.missing)) for one in found]
    deployment.talk.table([("片区", "Territory"), ("已回访", "Called back"), ("缺", "Missing")], rows)
    deployment.talk.result({"quarter": wanted, "territories": found})


@click.command()
@QUARTER
@click.option("--territory", help="只看此片区 · Of one territory.")
@acting
async def purchases(deployment: Deployment, quarter: str | None, territory: str | None) -> None:
    """采购量统计：本季、环比、同比 · Purchases by quarter, with changes in percent."""
    wanted, outlets = _quarter(deployment, quarter), TYPED["outlet"]
    async with deployment.store.read() as tx:
        place = await deployment.territory(tx, territory) if territory else None
        found = await by_quarter(tx, wanted, deployment.settings.time_zone)
        columns = select(outlets.c.id, outlets.c.name, outlets.c.scope)
        held = {row.id: row for row in await tx.execute(columns)}
        number = await _number(tx, place.id) if place else None
    shown = [one for one in found.values() if one.outlet in held and number in {None, held[one.outlet].scope}]
    shown.sort(key=lambda one: (-one.bought, held[one.outlet].name))
    rows = [
        (held[one.outlet].name, one.bought, one.before, one.change, one.year_before, one.year_change) for one in shown
    ]
    headings = [
        ("终端", "Outlet"), ("本季（分）", "Bought"), ("上季", "Before"), ("环比 %", "Change %"),
        ("去年同季", "Year before"), ("同比 %", "Change %"),
    ]  # fmt: skip
    deployment.talk.table(headings, rows)
    facts = [
        {"outlet": one.outlet, "bought": one.bought, "before": one.before, "change": one.change}
        | {"year_before": one.year_before, "year_change": one.year_change}
        for one in shown
    ]
    deployment.talk.result({"quarter": wanted, "outlets": facts, "total": sum(one.bought for one in shown)})


async def _number(tx: Tx, territory: UUID) -> int:
    name = scopes.territory(territory)
    return (await numbers(tx, [name]))[name]
