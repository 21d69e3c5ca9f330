"""`saojie evidence` and `saojie access`: the pack that an expert can check, and who had access to what."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.departure.evidence.access import ledger_of
from server.departure.evidence.exposure import exposure_of
from server.departure.evidence.pack import Wanted
from server.departure.evidence.parcel import make_parcel
from server.times import read_local

__all__ = ["access", "evidence"]

_LAST_MINUTE = 59_999


@click.command()
@click.option("--staff", "person", required=True, metavar="STAFF", help="关于谁 · About whom.")
@click.option("--out", type=click.Path(path_type=Path), help="目录或 .zip · A folder, or a file that ends in .zip.")
@click.option("--as-of", metavar="YYYY-MM-DD", help="秘密点的日期，默认现在 · The date of the secret points; now.")
@click.option(
    "--with-people", is_flag=True, help="包括联系人资料（供不公开审理） · With contacts' data (closed hearing)."
)
@click.option("--by", "manager", metavar="STAFF", help="制作人 · Who makes it.")
@acting
async def evidence(
    deployment: Deployment, person: str, out: Path | None, as_of: str | None, with_people: bool, manager: str | None
) -> None:
    """制作证据包，专家可独立核验 · Make a pack of evidence that an expert can check without us; it is journalled."""
    settings, talk = deployment.settings, deployment.talk
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        by = await deployment.person(tx, manager) if manager else None
    target = out or Path(f"evidence-{who.name}-{deployment.sources.now()}")
    if target.exists():
        raise Failure("out_exists", f"{target} is there already; name another", f"{target} 已存在，请换一个名称")
    registers = frozenset(one.strip() for one in settings.public_registers.split(",") if one.strip())
    zone = settings.time_zone
    wanted = Wanted(
        person=who.id,
        by=by.id if by else None,
        as_of=_moment(as_of, zone),
        with_people=with_people,
        registers=registers,
        an_hour=settings.visit_hour_cost,
        zone=zone,
    )
    made = await make_parcel(deployment.means, wanted, target, settings.agreements)
    told = sum(made.lines.values())
    talk.say(
        f"证据包：{target}（{told} 行数据，{made.entries} 条日志）。核验：python3 verify_pack.py",
        f"The pack is {target} ({told} lines of data, {made.entries} journal entries). Check: python3 verify_pack.py",
    )
    talk.say(f"公司密钥指纹 {made.key}", f"The company's key: {made.key}")
    talk.result({"staff": who.id, "out": str(target), "key": made.key, "entries": made.entries, "lines": made.lines})


def _moment(text: str | None, zone: str) -> int | None:
    """The end of a day of the company's, milliseconds. Raises Failure."""
    if text is None:
        return None
    try:
        return read_local(f"{text} 23:59", zone) + _LAST_MINUTE
    except ValueError as error:
        raise Failure(
            "bad_day", f"a day is written YYYY-MM-DD, not {text}", f"日期应写作 YYYY-MM-DD：{text}"
        ) from error


@click.command()
@click.option("--staff", "person", required=True, metavar="STAFF", help="谁的 · Whose.")
@acting
async def access(deployment: Deployment, person: str) -> None:
    """查阅台账 · Who had access to what: codes, enrolments, openings, photos, exports, refusals."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        found = await ledger_of(tx, who.id, await exposure_of(tx, who.id))
    headings = [("时间", "When"), ("事项", "What"), ("设备", "Device")]
    talk.table(headings, [(when(one.at), one.kind, one.device) for one in found])
    talk.result({"staff": who.id, "access": found})
