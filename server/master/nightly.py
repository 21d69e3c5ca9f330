"""The check of every night: the journal is verified, the store is held against itself, and faults go to the inbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from server.master import inbox
from server.master.anchors import Anchor
from server.master.audit import Fault, audit
from server.master.faults import StoreBroken
from server.master.inbox import Matter
from server.master.meta import read_identity
from server.master.store import Store, Tx
from server.master.turns import latest, take_turn
from server.master.verify import Verified, verify
from server.ports import Sources

__all__ = ["Night", "check", "check_if_due"]


class Night(msgspec.Struct, frozen=True):
    """What a night's check found."""

    journal: Verified
    store: tuple[Fault, ...]


async def check_if_due(
    store: Store, pinned: Collection[bytes], sources: Sources, hour: int, anchor: Anchor | None = None
) -> Night | None:
    """Check once a day, after `hour` o'clock; None where another process did, or it is not yet time."""

    async def turn(tx: Tx) -> bool:
        now = sources.now()
        return await take_turn(tx, "check", latest(now, hour), now)

    return await check(store, pinned, sources, anchor) if await store.transact(turn) else None


async def check(store: Store, pinned: Collection[bytes], sources: Sources, anchor: Anchor | None = None) -> Night:
    """Check now, and bring what is found before the manager. Raises StoreBroken, which is brought up too."""
    company = (await store.look(read_identity)).company

    async def tell(tx: Tx) -> None:
        for kind, en, zh in matters:
            await inbox.bring_up(tx, Matter(kind, company, en, zh), sources)

    try:
        async with store.read() as tx:
            if store.is_sqlite:
                await _check_pages(tx)
            found = Night(await verify(tx, pinned, anchor=anchor), tuple(await audit(tx)))
    except StoreBroken:
        matters = [_DAMAGED]
        await store.transact(tell)
        raise
    matters = [*_of_journal(found.journal), *_of_store(found.store)]
    if matters:
        await store.transact(tell)
    return found


_DAMAGED = (
    "store_damaged",
    "The database's file is damaged. Stop the server, look at its disk, and restore a backup (`saojie restore`).",
    "数据库文件已损坏。请停止服务器，检查磁盘，并用 saojie restore 恢复备份。",
)


async def _check_pages(tx: Tx) -> None:
    """Look at every page of an SQLite file. Raises StoreBroken."""
    if (await tx.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one() != "ok":
        raise StoreBroken


def _of_journal(found: Verified) -> list[tuple[str, str, str]]:
    if found.is_sound:
        return []
    first = found.flaws[0]
    place = f"{first.scope} {first.position}".strip()
    en = f"The journal has {found.found} faults, the first at {place}: {first.en}. Run `saojie journal verify`."
    zh = f"日志未通过校验（{found.found} 处，首处在 {place}：{first.zh}）。请运行 saojie journal verify。"
    return [("journal_fault", en, zh)]


def _of_store(found: Sequence[Fault]) -> list[tuple[str, str, str]]:
    if not found:
        return []
    en = f"The store is not as it was written ({len(found)} findings). Run `saojie audit`."
    return [("store_fault", en, f"数据库与写入时不一致（{len(found)} 处）。请运行 saojie audit。")]
