"""`saojie offboard`: somebody leaves, and all their devices are cut off."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.plans import Typed, planning
from server.cli.previews import facts_of, show
from server.cli.talk import when
from server.departure import cutoff
from server.departure.departures_file import Departure, Step
from server.departure.leaving.preview import preview
from server.departure.leaving.wanted import Wanted
from server.identity import staff

__all__ = ["offboard"]


@click.command()
@click.argument("person", metavar="STAFF")
@click.option("--reason", default="left", show_default=True, help="原因代码 · A code for why.")
@click.option("--preview", "is_preview", is_flag=True, help="只看不做 · Show what would be touched, and do nothing.")
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@acting
@planning
async def offboard(
    deployment: Deployment, person: str, plan: Typed, reason: str, *, is_preview: bool, yes: bool
) -> None:
    """办理离职：立即切断其全部设备 · Offboard somebody: all their devices are cut off at once."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        wanted = await plan.read(deployment, tx)
        found = await preview(tx, who.id, deployment.sources.now())
        follower = await staff.find(tx, wanted.successor) if wanted.successor else None
    if who.is_active or is_preview:
        show(talk, found)
        name = follower.name if follower else talk.either("暂无", "nobody yet")
        talk.say(f"接手人：{name}", f"Who follows: {name}")
    if is_preview:
        talk.result(facts_of(found))
        return
    if who.is_active and not yes:
        talk.confirm("切断后不可恢复，继续？", "This cannot be taken back. Go on?")
    chosen = None if plan.is_empty else wanted
    departure = await cutoff.offboard(deployment.means, who.id, reason, wanted=chosen)
    talk.say(
        f"{who.name} 已离职（{when(departure.at)}）：{len(departure.devices)} 台设备已切断，擦除令已下达。",
        f"{who.name} has left ({when(departure.at)}): {len(departure.devices)} devices are cut off.",
    )
    talk.say(
        "进度见 saojie wipes list，待上传内容见 saojie quarantine list，手续见 saojie inbox list。",
        "See `saojie wipes list`, `saojie quarantine list` and `saojie inbox list`.",
    )
    talk.result(_facts(departure, wanted))


def _facts(departure: Departure, wanted: Wanted) -> dict[str, object]:
    return {
        "staff": departure.staff,
        "at": departure.at,
        "reason": departure.reason,
        "orders": [one.order for one in departure.devices],
        "devices": [one.device for one in departure.devices],
        "territories": [one.territory for one in departure.handovers if one.step is Step.PLACE],
        "successor": wanted.successor,
        "plan": departure.handovers,
    }
