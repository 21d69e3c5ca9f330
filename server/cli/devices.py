"""`saojie devices`: a phone is confirmed, suspended, let go on, or lost."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.holding import show_device
from server.cli.talk import Failure, when
from server.departure.cutoff import lose_device
from server.departure.quarantine import REPLACED
from server.departure.replace import begin, finish
from server.identity import devices as phones
from server.identity import staff
from sync.messages import Standing

__all__ = ["devices"]


@click.group()
def devices() -> None:
    """设备 · Devices."""


devices.add_command(show_device)


@devices.command("list")
@acting
async def list_devices(deployment: Deployment) -> None:
    """列出设备 · List all devices, the newest first."""
    async with deployment.store.read() as tx:
        found = await phones.listing(tx)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("使用人", "Person"),
        ("状态", "Standing"),
        ("机型", "Model"),
        ("最近联系", "Last contact"),
        ("锁定时间", "Locks at"),
        ("待上传", "Pending"),
        ("密钥", "Key in"),
        ("编号", "Id"),
    ]
    rows = [
        (
            names[one.staff],
            one.standing,
            one.model,
            when(one.last_contact),
            when(one.lease_locks_at),
            one.pending,
            one.attestation,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    shown = (
        "id", "staff", "model", "standing", "enrolled_at", "confirmed_at", "lease_locks_at", "last_contact",
        "verified_at", "pending", "clock_offset", "attestation",
    )  # fmt: skip
    listed = [{name: getattr(one, name) for name in shown} | {"staff_name": names[one.staff]} for one in found]
    deployment.talk.result({"devices": listed})


@devices.command("confirm")
@click.argument("device")
@click.option("--digits", required=True, help="手机上的六位数字 · The six digits that the phone shows.")
@acting
async def confirm(deployment: Deployment, device: str, digits: str) -> None:
    """核对六位数字并确认设备 · Confirm a device by its six digits."""
    async with deployment.store.write() as tx:
        found = await deployment.device(tx, device)
        found = await phones.confirm(tx, found.id, digits, deployment.sources)
    await finish(deployment.means)
    _tell(deployment, found.id, found.standing)


@devices.command("suspend")
@click.argument("device")
@click.option("--reason", required=True, help="原因 · Why.")
@acting
async def suspend(deployment: Deployment, device: str, reason: str) -> None:
    """暂停设备 · Stop answering a device for now."""
    async with deployment.store.write() as tx:
        found = await deployment.device(tx, device)
        found = await phones.suspend(tx, found.id, reason, deployment.sources)
    _tell(deployment, found.id, found.standing)


@devices.command("resume")
@click.argument("device")
@acting
async def resume(deployment: Deployment, device: str) -> None:
    """恢复设备 · Answer a suspended device again."""
    async with deployment.store.write() as tx:
        found = await deployment.device(tx, device)
        found = await phones.resume(tx, found.id, deployment.sources)
    _tell(deployment, found.id, found.standing)


@devices.command("lost")
@click.argument("device")
@click.option("--reason", default="lost", show_default=True, help="原因代码 · A code for why.")
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@acting
async def lost(deployment: Deployment, device: str, reason: str, yes: bool) -> None:
    """手机遗失：立即切断并下达擦除令 · A lost phone is cut off and ordered to wipe itself; this is for good."""
    if reason == REPLACED:
        raise Failure("reason_taken", "say `saojie devices replace` for that", "更换手机请用 saojie devices replace")
    async with deployment.store.read() as tx:
        found = await deployment.device(tx, device)
    if not yes:
        deployment.talk.confirm("切断后不可恢复，继续？", "This cannot be taken back. Go on?")
    departure = await lose_device(deployment.means, found.id, reason)
    order = departure.devices[0].order
    deployment.talk.say("设备已切断，擦除令已下达。", "The device is cut off and ordered to wipe itself.")
    if departure.reason == REPLACED:
        deployment.talk.say(
            f"该手机此前已更换。如被盗，请运行 saojie wipes close {order}，此后它交回的内容须由经理决定。",
            f"It had been replaced before. If it was stolen, say `saojie wipes close {order}`: "
            "a manager then decides on whatever it still hands in.",
        )
    deployment.talk.result({"device": found.id, "order": order, "at": departure.at, "reason": departure.reason})


@devices.command("replace")
@click.argument("device")
@click.option("--address", help="手机访问的地址 · The address that the phone uses.")
@click.option("--no-wait", is_flag=True, help="不等待手机登记 · Do not wait for the phone.")
@click.option("--by", "person", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def replace(deployment: Deployment, device: str, address: str | None, no_wait: bool, person: str | None) -> None:
    """更换手机：新手机确认后旧手机自动切断 · Replace a phone: the old one is cut off once the new one is confirmed."""
    from server.cli.enrol import hand_out

    lifetime, confirm = deployment.settings.code_lifetime, deployment.settings.confirm_devices
    async with deployment.store.write() as tx:
        found = await deployment.device(tx, device)
        by = (await deployment.person(tx, person)).id if person else None
        issued = await begin(tx, found.id, deployment.sources, lifetime=lifetime, confirm=confirm, by=by)
        who = await deployment.person(tx, str(found.staff))
    told = await hand_out(deployment, who, issued, address, no_wait=no_wait)
    done = [one.order for departure in await finish(deployment.means) for one in departure.devices]
    if done:
        deployment.talk.say("旧手机已切断，正在交回未上传内容。", "The old phone is cut off and hands its work in.")
    deployment.talk.result(told | {"old": found.id, "orders": done})


@devices.command("letter")
@click.argument("device")
@click.option("--by", "person", metavar="STAFF", help="何人发出 · Who gives it out.")
@acting
async def letter(deployment: Deployment, device: str, person: str | None) -> None:
    """租约书信：手机没有网络时扫码续租 · The lease as a code to scan, for a phone that has no connection."""
    from server.cli.carried import show
    from server.identity.letters import lease_letter

    async with deployment.store.read() as tx:
        found = await deployment.device(tx, device)
        by = (await deployment.person(tx, person)).id if person else None
    async with lease_letter(deployment.post, found.id, by) as written:
        told = show(deployment.talk, written.signed)
    until = when(written.locks_at)
    deployment.talk.say(f"只对此设备有效，至 {until}。", f"It is for this device alone, and runs to {until}.")
    deployment.talk.result(told | {"device": found.id, "issued_at": written.issued_at, "locks_at": written.locks_at})


def _tell(deployment: Deployment, device: UUID, standing: Standing) -> None:
    deployment.talk.say(f"设备 {device}：{standing}", f"Device {device}: {standing}")
    deployment.talk.result({"device": device, "standing": standing})
