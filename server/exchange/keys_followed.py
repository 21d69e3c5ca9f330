"""What a phone says of the company's keys that it follows, kept where it is news.

A phone that follows a chain which is not ours was led to keys of somebody else's: that goes before the manager.
"""

from __future__ import annotations

from sqlalchemy import update

from server.departure.means import Means
from server.identity.devices import ASTRAY, Device
from server.identity.keys import CompanyKeys
from server.master import inbox
from server.master.inbox import Matter
from server.master.journal import Note, note
from server.master.people import devices
from server.master.store import Tx
from sync import scopes
from sync.messages import SyncRequest

__all__ = ["STRANGE_KEYS", "followed_keys", "keep_keys"]

STRANGE_KEYS = "strange_keys"
"""The kind of the journal's entry and of the inbox's item."""


def followed_keys(device: Device, request: SyncRequest, keys: CompanyKeys) -> dict[str, int]:
    """What is to be kept of the keys that a phone follows; nothing where it is known."""
    told = request.keys
    if told is None:
        return {}
    number = told.number if keys.is_ours(told) else ASTRAY
    values = {"keys_number": number, "keys_sealed": told.sealed}
    is_known = (device.keys_number, device.keys_sealed) == (number, told.sealed)
    return {} if is_known else values


async def keep_keys(tx: Tx, device: Device, request: SyncRequest, means: Means) -> None:
    """Keep it, if it is news; keys that are not ours are put before the manager, once."""
    values = followed_keys(device, request, means.keys)
    if not values:
        return
    await tx.execute(update(devices).where(devices.c.id == device.id.bytes).values(values))
    if values["keys_number"] == ASTRAY and device.keys_number != ASTRAY:
        await inbox.bring_up(
            tx,
            Matter(
                STRANGE_KEYS,
                device.id,
                "A phone follows signing keys that are not the company's: somebody used a stolen key, or an old backup "
                "of the keys was put back. It obeys no order of ours. Enrol it again; see the handbook on stolen keys.",
                "有手机信任的签名密钥不属于本公司：可能有人使用了被盗的密钥，或密钥目录曾被旧备份覆盖。"
                "该手机不会执行本公司的指令。请重新登记该手机，并查阅手册中“密钥被盗”一节。",
                device.staff,
            ),
            means.sources,
        )
        body = {"device": device.id, "number": request.keys.number if request.keys else 0}
        told = Note(scopes.staff(device.staff), STRANGE_KEYS, body)
        await note(tx, [told], means.sources.now(), means.sources.random)
