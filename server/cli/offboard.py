"""`saojie offboard`: somebody leaves, and all their devices are cut off."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.plans import Typed, planning
from server.cli.talk import when
from server.departure import cutoff
from server.departure.departures_file import Departure, Step
from server.departure.leaving.wanted import Wanted
from server.identity import devices, staff, territories
from server.identity.staff import Person
from server.master.store import Tx
from sync.messages import Standing

__all__ = ["offboard"]


@click.command()
@click.argument("person", metavar="STAFF")
@click.option("--reason", default="left", show_default=True, help="原因代码 · A code for why.")
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@acting
@planning
async def offboard(deployment: Deployment, person: str, plan: Typed, reason: str, *, yes: bool) -> None:
    """办理离职：立即切断其全部设备 · Offboard somebody: all their devices are cut off at once."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        wanted = await plan.read(deployment, tx)
        if who.is_active:
            await _preview(deployment, tx, who, wanted)
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


async def _preview(deployment: Deployment, tx: Tx, who: Person, wanted: Wanted) -> None:
    """What the cut-off will touch, as far as the server knows."""
    talk = deployment.talk
    ours = [one for one in await devices.of_person(tx, who.id) if one.standing is not Standing.DEPARTED]
    places = [
        place.name
        for place in await territories.all_territories(tx)
        if who.id in {one.staff for one in await territories.roster_of(tx, place.id)}
    ]
    headings = [("设备", "Device"), ("状态", "Standing"), ("最近联系", "Last contact"), ("待上传", "Pending")]
    talk.table(headings, [(one.id, one.standing, when(one.last_contact), one.pending) for one in ours])
    follower = await staff.find(tx, wanted.successor) if wanted.successor else None
    name = follower.name if follower else talk.either("暂无", "nobody yet")
    talk.say(
        f"片区：{'、'.join(places) or '无'}；接手人：{name}", f"Territories: {', '.join(places) or 'none'}; to: {name}"
    )
