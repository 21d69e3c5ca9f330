"""`saojie exposure`: what a person's devices were given, and what was opened on them."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.departure.evidence.epochs import epochs_of
from server.departure.evidence.exposure import DeviceExposure, Exposure, exposure_of
from server.identity import staff
from server.master.store import Tx

__all__ = ["exposure"]


@click.command()
@click.argument("whose", metavar="STAFF|DEVICE")
@acting
async def exposure(deployment: Deployment, whose: str) -> None:
    """设备得到过的资料 · What somebody's devices were given, by field group, and when they had what."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        person, device = await _meant(deployment, tx, whose)
        found = await exposure_of(tx, person, device)
        who = await staff.find(tx, person)
    talk.say(
        f"{who.name if who else person}：设备最多持有以下内容（按服务器给出的记录计算），不含客户端之外的复制。",
        f"{who.name if who else person}: the devices held at most this, as computed from what the server gave; "
        "copies outside the client are not in it.",
    )
    restored = (await epochs_of(deployment.means))[1:]
    for each in restored:
        talk.say(
            f"注意：数据库曾于 {when(each.at)} 恢复；备份之后至此前给出的内容不在记录中。",
            f"Mind: the store was restored at {when(each.at)}; what was given since the backup is not on record.",
        )
    for one in found.devices:
        _show(deployment, one)
    times = sum(one.times for one in found.opened)
    talk.say(
        f"设备上报：打开联系人详情 {times} 次（{len(found.opened)} 条）。",
        f"Counted by the devices: contacts' details opened {times} times ({len(found.opened)} entries).",
    )
    talk.result(_facts(found) | {"restored_at": [each.at for each in restored]})


async def _meant(deployment: Deployment, tx: Tx, whose: str) -> tuple[UUID, UUID | None]:
    """The person, and the device where one is named."""
    try:
        return (await deployment.person(tx, whose)).id, None
    except Failure as nobody:
        if nobody.code != "staff_unknown":
            raise
        try:
            found = await deployment.device(tx, whose)
        except Failure:
            raise nobody from None
        return found.staff, found.id


def _show(deployment: Deployment, one: DeviceExposure) -> None:
    talk = deployment.talk
    talk.say(f"设备 {one.device} {one.model}", f"Device {one.device} {one.model}")
    rows = [(talk.either(group.zh, group.en), *counts) for group, counts in one.counts.items()]
    talk.table([("资料类别", "Field group"), ("档案数", "Records"), ("字段数", "Fields")], rows)
    headings = [("同步范围", "Scope"), ("最早", "From"), ("最近", "Last given"), ("收回", "Taken away")]
    talk.table(
        headings, [(each.scope, when(each.first_at), when(each.last_at), when(each.evicted_at)) for each in one.periods]
    )
    if one.photos:
        talk.say(f"读取照片 {len(one.photos)} 次", f"Photos read: {len(one.photos)}")


def _facts(found: Exposure) -> dict[str, object]:
    """The statement for programs; without values, and without the traces that it was made from."""
    return {
        "staff": found.staff,
        "devices": [
            {
                "device": one.device,
                "model": one.model,
                "periods": one.periods,
                "groups": {
                    group.value: {"records": many, "fields": fields} for group, (many, fields) in one.counts.items()
                },
                "records": one.records,
                "photos": one.photos,
            }
            for one in found.devices
        ],
        "opened": found.opened,
    }
