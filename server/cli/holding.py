"""`saojie devices show`: one device, what it holds, what was taken away from it, and what it claims of that."""

from __future__ import annotations

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import when
from server.departure import evictions
from server.identity import staff
from server.identity.devices import Device
from server.identity.diagnostics import diagnostics_of
from server.identity.staff import Person

__all__ = ["show_device"]


@click.command("show")
@click.argument("device")
@acting
async def show_device(deployment: Deployment, device: str) -> None:
    """查看设备：持有内容、已收回内容与回执 · Show a device: what it holds, what was taken away, and its receipts."""
    talk = deployment.talk
    async with deployment.store.read() as tx:
        found = await deployment.device(tx, device)
        who = await staff.find(tx, found.staff)
        held = await evictions.holdings_of(tx, found.id)
        claims = await evictions.claims_of(tx, found.id)
        told = await diagnostics_of(tx, found.id)
    talk.table([("", ""), ("", "")], _facts(found, who))
    if told:
        talk.say(f"诊断信息（{when(told[0].at)}）：", f"Diagnostics ({when(told[0].at)}):")
        talk.say(told[0].text, told[0].text)
    headings = [
        ("同步范围", "Scope"),
        ("首次获得", "First given"),
        ("最近获得", "Last given"),
        ("通知收回", "Told to drop"),
    ]
    talk.table(headings, [(one.scope, when(one.first_at), when(one.last_at), when(one.evicted_at)) for one in held])
    if claims:
        talk.say("设备声称已清除（回执）：", "What the device claims to have dropped (receipts):")
        headings = [("同步范围", "Scope"), ("记录数", "Records"), ("收到", "Received"), ("回执", "Receipt")]
        talk.table(headings, [(one.scope, one.rows, when(one.received_at), one.id) for one in claims])
    talk.result(
        {
            "device": found.id,
            "staff": found.staff,
            "standing": found.standing,
            "holds": held,
            "receipts": claims,
            "diagnostics": told,
        }
    )


def _facts(device: Device, who: Person | None) -> list[tuple[str, object]]:
    return [
        ("id", device.id),
        ("staff", who.name if who else device.staff),
        ("standing", device.standing),
        ("model", device.model),
        ("enrolled_at", when(device.enrolled_at)),
        ("last_contact", when(device.last_contact)),
        ("lease_locks_at", when(device.lease_locks_at)),
    ]
