"""`saojie enrol`: a phone becomes somebody's with a code, and is confirmed by its six digits."""

from __future__ import annotations

import asyncio
from uuid import UUID

import rich_click as click
from sqlalchemy import select

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.identity import devices as phones
from server.identity import enrolment
from server.identity.codes import payload
from server.identity.enrolment import Issued
from server.identity.staff import Person
from server.master.people import enrolments
from sync.errors import Refusal
from sync.signing import fingerprint

__all__ = ["enrol", "hand_out"]

_LOOK_EVERY_S = 0.5
_TRIES = 3


@click.command()
@click.argument("person", metavar="STAFF")
@click.option("--address", help="手机访问的地址 · The address that the phone uses.")
@click.option("--no-wait", is_flag=True, help="不等待手机登记 · Do not wait for the phone.")
@acting
async def enrol(deployment: Deployment, person: str, address: str | None, no_wait: bool) -> None:
    """为手机登记发放登记码 · Make a code with which a phone becomes somebody's."""
    lifetime, confirm = deployment.settings.code_lifetime, deployment.settings.confirm_devices
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        issued = await enrolment.issue(tx, who.id, deployment.sources, lifetime=lifetime, confirm=confirm)
    deployment.talk.result(await hand_out(deployment, who, issued, address, no_wait=no_wait))


async def hand_out(
    deployment: Deployment, who: Person, issued: Issued, address: str | None, *, no_wait: bool
) -> dict[str, object]:
    """Show a code, wait for its phone where somebody watches, and say how programs are told of it."""
    talk = deployment.talk
    where = (address or deployment.address).rstrip("/")
    keys = deployment.means.keys
    told = payload(issued.code, where, fingerprint(keys.signing_public[0]), fingerprint(keys.opening_public))
    if not talk.is_json:
        from server.identity.qr import as_terminal

        talk.raw(as_terminal(told))
    talk.say(f"{who.name} 的登记码：{issued.code.shown}", f"The code for {who.name}: {issued.code.shown}")
    talk.say(f"有效至 {when(issued.expires_at)}，只能使用一次。", f"It is good until {when(issued.expires_at)}, once.")
    if talk.is_interactive and not no_wait:
        await _wait(deployment, issued)
    return {
        "enrolment": issued.id,
        "staff": who.id,
        "address": where,
        "code": issued.code.shown,
        "payload": told,
        "expires_at": issued.expires_at,
        "confirm": issued.confirm,
    }


async def _wait(deployment: Deployment, issued: Issued) -> None:
    """Wait until a phone has used the code, and let the person here compare the six digits."""
    talk = deployment.talk
    talk.say("等待手机登记……（Ctrl-C 不影响登记码）", "Waiting for the phone… (Ctrl-C leaves the code as it is)")
    device = await _used_by(deployment, issued)
    if not issued.confirm:
        talk.say("手机已登记。", "The phone is enrolled.")
        return
    for left in reversed(range(_TRIES)):
        digits = click.prompt(talk.either("请输入手机上显示的六位数字", "Type the six digits that the phone shows"))
        try:
            async with deployment.store.write() as tx:
                await phones.confirm(tx, device, digits, deployment.sources)
        except Refusal:
            talk.say(f"数字不符，还可尝试 {left} 次。", f"These are not its digits; {left} tries are left.")
        else:
            talk.say("手机已确认。", "The phone is confirmed.")
            return
    raise Failure(
        "digits_wrong", "the phone stays unconfirmed; suspend it if it is not the one you expect",
        "手机未确认；如非预期的手机，请用 saojie devices suspend 停用",
    )  # fmt: skip


async def _used_by(deployment: Deployment, issued: Issued) -> UUID:
    while deployment.sources.now() < issued.expires_at:
        async with deployment.store.read() as tx:
            wanted = select(enrolments.c.device).where(enrolments.c.id == issued.id.bytes)
            device = (await tx.execute(wanted)).scalar_one()
        if device is not None:
            return UUID(bytes=bytes(device))
        await asyncio.sleep(_LOOK_EVERY_S)
    raise Failure("code_expired", "no phone used the code in time; make a new one", "登记码已过期，请重新发放")
