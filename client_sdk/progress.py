"""How far things are: the first sync, what is being sent, what waits and for what, in numbers and in both languages.

A sync and a photo are seen while this process does them; what waits is the same for every process.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import msgspec

from client_sdk.device import UNREADABLE, Device
from client_sdk.keys import Extent
from client_sdk.local.meta import Name
from client_sdk.local.opened import OpenReplica
from client_sdk.photo_queue import PhotoQueue, QueuedPhoto
from client_sdk.saying import held, work, work_zh
from client_sdk.settings import may_send_photos
from client_sdk.status import held_photos, opened

__all__ = ["Progress", "progress_of"]

_KB = 1024


class Progress(msgspec.Struct, frozen=True):
    """What is going on. Sizes are bytes, `since` is when the sync that is running began (server milliseconds, None
    while none is).

    `complete` says that a first sync has come to its end. Until then `received` counts the records that it has brought,
    `expected` is how many there are, as the company said with the last page (before the first one: what the phone held
    before it was filled again); None where nobody has said so.
    `pending` counts work that the company has not got. `photos` wait for it, `photos_held` of them for Wi-Fi; together
    they have `size`, of which `sent` is over there. `photo` is the one that is being sent, `photo_size` and
    `photo_sent` are its own.
    """

    since: int | None
    complete: bool
    received: int
    expected: int | None
    pending: int
    photos: int
    photos_held: int
    size: int
    sent: int
    photo: UUID | None
    photo_size: int
    photo_sent: int
    en: str
    zh: str

    @property
    def is_syncing(self) -> bool:
        """Whether this process is in the middle of a sync."""
        return self.since is not None


def progress_of(device: Device, since: int | None, current: UUID | None) -> Progress:
    """The progress now, of the sync that began then and of the photo that is being sent."""
    may_send = may_send_photos(device)
    with device.lock:
        state, replica, _ = opened(device)
        size, sent, photo = _photos(device, current)
        now = Progress(
            since=since,
            complete=replica.is_complete if replica is not None else False,
            received=replica.meta.number(Name.RECEIVED) if replica is not None else 0,
            expected=_expected(device, replica),
            pending=device.work_count(),
            photos=device.photos_pending(),
            photos_held=held_photos(device, state, may_send=may_send),
            size=size,
            sent=sent,
            photo=photo.id if photo is not None else None,
            photo_size=photo.size if photo is not None else 0,
            photo_sent=photo.sent if photo is not None else 0,
            en="",
            zh="",
        )
    words = _said(now)
    return msgspec.structs.replace(now, en=" ".join(en for en, _ in words), zh="".join(zh for _, zh in words))


def _expected(device: Device, replica: OpenReplica | None) -> int | None:
    """What the company said with the last page, else what the phone held before it was filled again."""
    said = replica.meta.number(Name.EXPECTED) if replica is not None else 0
    held = device.keys.get(Extent)
    return said or (held.records if held is not None else None)


def _photos(device: Device, current: UUID | None) -> tuple[int, int, QueuedPhoto | None]:
    """The bytes of photos that wait, those of them that were sent, and the one that is on its way. Nothing where the
    outbox cannot be read.
    """
    with suppress(*UNREADABLE):
        if device.places.outbox.exists():
            queue = PhotoQueue(device)
            return *queue.size_and_sent(), queue.find(current) if current is not None else None
    return 0, 0, None


def _said(now: Progress) -> list[tuple[str, str]]:
    """What goes on and what waits, each in a sentence."""
    words: list[tuple[str, str]] = []
    if now.is_syncing:
        words.append(("Syncing.", "正在同步。") if now.complete else _first_sync(now))
    if now.photo is not None:
        done, size = now.photo_sent // _KB, -(-now.photo_size // _KB)
        words.append((f"Sending a photo: {done} of {size} KB.", f"正在上传照片：{done}/{size} KB。"))
    if now.photos_held:
        words.append(held(now.photos_held))
    left = (now.pending, now.photos - now.photos_held)
    if any(left):
        words.append((f"{work(*left)} waiting to be sent.", f"{work_zh(*left)}等待上传。"))
    return words or [("Nothing waits to be sent.", "没有等待上传的内容。")]


def _first_sync(now: Progress) -> tuple[str, str]:
    if now.expected is None or now.expected < now.received:
        return f"The first sync has brought {now.received} records.", f"首次同步已收到 {now.received} 条记录。"
    of = f"{now.received} of about {now.expected}"
    return f"The first sync has brought {of} records.", f"首次同步已收到 {now.received}/{now.expected} 条记录。"
