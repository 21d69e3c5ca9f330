"""Acts on people and their phones: codes, confirming, locking, unlocking, the wipe."""

from __future__ import annotations

from typing import Any

from server.cli.sandbox.asked import Code, Confirm, Done, Lock, People, Unlock, Wipe, Words
from server.cli.sandbox.company import code_for
from server.cli.sandbox.sandbox import Sandbox
from server.cli.talk import when
from server.departure import cutoff
from server.departure.leaving.wanted import answering, held_by
from server.identity import devices, staff, territories
from server.identity.staff import Person
from server.master.store import Tx
from sync.messages import Standing

__all__ = ["confirm", "lock", "make_code", "show_people", "unlock", "wipe"]

_REASON = "sandbox"
_MOMENT_MS, _MINUTE_MS = 1000, 60_000


async def show_people(sandbox: Sandbox, _asked: People) -> Done:
    """Everybody with territories and phones."""
    async with sandbox.deployment.store.read() as tx:
        names = {one.id: one.name for one in await territories.all_territories(tx)}
        rows = [
            {
                "staff": one.id,
                "name": one.name,
                "role": one.role,
                "status": one.status,
                "territories": [names[each] for each in await held_by(tx, one.id)],
                "phones": [_phone(each) for each in await devices.of_person(tx, one.id)],
            }
            for one in await staff.everybody(tx)
        ]
    return Done(Words(f"{len(rows)} 人", f"{len(rows)} people"), facts={"people": rows})


def _phone(device: devices.Device) -> dict[str, Any]:
    return {
        "device": device.id,
        "standing": device.standing,
        "pending": device.pending,
        "last_contact": device.last_contact,
        "lease_locks_at": device.lease_locks_at,
    }


async def make_code(sandbox: Sandbox, asked: Code) -> Done:
    """A code for a phone."""
    waits = sandbox.confirm if asked.confirm is None else asked.confirm
    async with sandbox.deployment.store.write() as tx:
        person = await sandbox.deployment.person(tx, asked.who)
        made = await code_for(sandbox.deployment, tx, person, sandbox.url, confirm=waits)
    shows = (
        Words("登记后显示六位数字，等待确认", "Once enrolled it shows six digits and waits for them to be confirmed")
        if waits
        else Words("登记后即可同步", "Once enrolled it can sync at once")
    )
    return Done(
        Words(f"{made.name} 的登记码：{made.code}", f"The code for {made.name}: {made.code}"), shows, {"code": made}
    )


async def confirm(sandbox: Sandbox, asked: Confirm) -> Done:
    """Confirm a phone by its six digits; who tries a sandbox out need not type them."""
    async with sandbox.deployment.store.write() as tx:
        person, (found, *_) = await sandbox.phones(tx, asked.who, Standing.AWAITING)
        digits = found.six_digits if asked.digits is None else asked.digits
        await devices.confirm(tx, found.id, digits, sandbox.deployment.sources)
    return Done(
        Words(f"{person.name} 的手机已确认", f"{person.name}'s phone is confirmed"),
        Words("下次 sync() 开始首次同步", "The next sync() begins the first sync"),
        {"device": found.id, "digits": found.six_digits},
    )


async def lock(sandbox: Sandbox, asked: Lock) -> Done:
    """Suspend all of somebody's phones, and let the time come when their leases are over: until then a suspended phone
    keeps what it has.
    """
    async with sandbox.deployment.store.write() as tx:
        person, found = await sandbox.phones(tx, asked.who, Standing.ACTIVE, Standing.SUSPENDED)
        for one in found:
            await devices.suspend(tx, one.id, _REASON, sandbox.deployment.sources)
    over = max((one.lease_locks_at or 0) + _MOMENT_MS for one in found)
    moved = 0 if asked.keep_time else sandbox.time.let_come(over)
    ahead = Words(
        f"，沙盒时间前进 {moved // _MINUTE_MS} 分钟", f", and the time is {moved // _MINUTE_MS} minutes later"
    )
    if not moved:
        ahead = Words("", "")
    return Done(
        Words(f"{person.name} 的手机已停用{ahead.zh}", f"{person.name}'s phones are suspended{ahead.en}"),
        Words(
            f"租约到期（{when(over)}）后锁定，此前照常使用",
            f"It goes on until its lease is over ({when(over)}), and locks then",
        )
        if over > sandbox.time.now()
        else Words(
            "下次联系后锁定：调用抛出 ReplicaLocked，status().why 为 suspended，待上传的工作保留",
            "At its next contact it locks: calls raise ReplicaLocked, `why` is `suspended`; pending work is kept",
        ),
        {"devices": [one.id for one in found], "moved": moved, "lease_ends": over},
    )


async def unlock(sandbox: Sandbox, asked: Unlock) -> Done:
    """Answer somebody's suspended phones again."""
    async with sandbox.deployment.store.write() as tx:
        person, found = await sandbox.phones(tx, asked.who, Standing.SUSPENDED, Standing.ACTIVE)
        for one in found:
            await devices.resume(tx, one.id, sandbox.deployment.sources)
    return Done(
        Words(f"{person.name} 的手机已恢复使用", f"{person.name}'s phones are answered again"),
        Words("下次 sync() 续租并打开", "The next sync() renews the lease and opens it"),
        {"devices": [one.id for one in found]},
    )


async def wipe(sandbox: Sandbox, asked: Wipe) -> Done:
    """Somebody leaves: all their phones are cut off, and a colleague follows."""
    deployment = sandbox.deployment
    async with deployment.store.read() as tx:
        person = await deployment.person(tx, asked.who)
        follower = await _follower(sandbox, tx, person, asked.to)
    departure = await cutoff.offboard(deployment.means, person.id, _REASON, follower.id if follower else None)
    name = Words(follower.name, follower.name) if follower else Words("暂无", "nobody yet")
    return Done(
        Words(
            f"{person.name} 已离职，切断 {len(departure.devices)} 台设备，接手人：{name.zh}",
            f"{person.name} has left; {len(departure.devices)} devices are cut off, and who follows is {name.en}",
        ),
        Words(
            "下次联系后收到擦除令：调用抛出 ReplicaWiped，交回待上传的工作，最后状态为 wiped",
            "At its next contact it hears its order: calls raise ReplicaWiped, pending work is handed in, it is wiped",
        ),
        {
            "staff": person.id,
            "devices": [one.device for one in departure.devices],
            "successor": follower.id if follower else None,
        },
    )


async def _follower(sandbox: Sandbox, tx: Tx, person: Person, typed: str | None) -> Person | None:
    """Who is named to follow, or who else answers for the first of the territories; None where there is nobody."""
    if typed is not None:
        return await sandbox.deployment.person(tx, typed)
    for place in await held_by(tx, person.id):
        other = answering(await territories.roster_of(tx, place), person.id)
        if other is not None:
            return await staff.find(tx, other)
    return None
