"""`saojie health`: how the devices are, the worst first."""

from __future__ import annotations

import msgspec
import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import when
from server.identity import staff
from server.identity.fleet import WORDS, DeviceHealth, health_of

__all__ = ["health"]

_HEADINGS = [
    ("使用人", "Person"),
    ("问题", "What is wrong"),
    ("最近联系", "Last contact"),
    ("最近核对一致", "Last verified"),
    ("待上传", "Pending"),
    ("被拒绝", "Refused"),
    ("编号", "Id"),
]


@click.command()
@click.option("--all", "everything", is_flag=True, help="也列出没有问题的设备 · Also those with nothing wrong.")
@acting
async def health(deployment: Deployment, everything: bool) -> None:
    """设备健康状况，最差的在前 · How the devices are, the worst first."""
    now = deployment.sources.now()
    async with deployment.store.read() as tx:
        found = await health_of(tx, now)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    wrong = [one for one in found if one.troubles]
    shown = found if everything else wrong
    talk = deployment.talk
    if shown:
        talk.table(_HEADINGS, [_row(deployment, one, names[one.staff]) for one in shown])
    talk.say(
        f"共 {len(found)} 台设备，{len(wrong)} 台有问题。",
        f"{len(found)} devices, something is wrong with {len(wrong)}.",
    )
    listed = [msgspec.structs.asdict(one) | {"staff_name": names[one.staff]} for one in found]
    talk.result({"at": now, "troubled": len(wrong), "devices": listed})


def _row(deployment: Deployment, one: DeviceHealth, name: str) -> tuple[object, ...]:
    words = "; ".join(deployment.talk.either(*WORDS[trouble]) for trouble in one.troubles)
    return (
        name,
        words,
        when(one.last_contact),
        when(one.verified_at),
        one.pending,
        one.refused,
        one.device,
    )
