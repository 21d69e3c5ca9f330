"""`saojie quarantine`: what departed devices handed in, until somebody decides it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.departure import photo_records
from server.departure import quarantine as held
from server.exchange.quarantined import take_in
from server.identity import staff

__all__ = ["quarantine"]


@click.group()
def quarantine() -> None:
    """离职设备交回的待审内容 · What departed devices handed in, until it is decided."""


@quarantine.command("list")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--all", "everything", is_flag=True, help="包括已决定的 · Decided items as well.")
@acting
async def list_quarantine(deployment: Deployment, person: str | None, everything: bool) -> None:
    """列出待审内容 · List what waits for a decision."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        names = {one.id: one.name for one in await staff.everybody(tx)}
        found = await held.listed(tx, staff=who.id if who else None)
    shown = [one for one in found if everything or one.state in held.OPEN]
    headings = [
        ("使用人", "Person"),
        ("内容", "What"),
        ("发生", "Happened"),
        ("证明", "Proof"),
        ("状态", "State"),
        ("编号", "Id"),
    ]
    committed, unproved = deployment.talk.either("已存证", "committed"), deployment.talk.either("未证实", "unproved")
    rows = [
        (
            names[one.staff],
            f"{one.operation.act} {one.operation.collection}" if one.operation else "?",
            when(one.bounds.estimate),
            committed if one.committed else unproved,
            one.state,
            one.id,
        )
        for one in shown
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"items": [_item(one) for one in shown]})


def _item(item: held.Quarantined) -> dict[str, object]:
    operation = item.operation
    about = {"act": operation.act, "collection": operation.collection, "record": operation.record} if operation else {}
    names = ("id", "staff", "device", "number", "received_at", "committed", "state")
    return {name: getattr(item, name) for name in names} | about


@quarantine.command("photos")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@acting
async def list_photos(deployment: Deployment, person: str | None) -> None:
    """列出交回的照片 · List the photos that were handed in, and what became of each."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        names = {one.id: one.name for one in await staff.everybody(tx)}
        found = await photo_records.listed(tx, staff=who.id if who else None)
    headings = [
        ("使用人", "Person"),
        ("状态", "State"),
        ("已收到", "Received"),
        ("大小", "Size"),
        ("开始", "Begun"),
        ("照片", "Photo"),
    ]
    rows = [(names[one.staff], one.state, one.received, one.size, when(one.begun_at), one.photo) for one in found]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"photos": found})


@quarantine.command("photo")
@click.argument("photo", type=click.UUID)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@acting
async def save_photo(deployment: Deployment, photo: UUID, file: Path) -> None:
    """保存一张交回的照片以便查看，记入日志 · Save a photo that was handed in, to look at it; it is journalled."""
    means = deployment.means
    async with deployment.store.read() as tx:
        found = [one for one in await photo_records.listed(tx) if one.photo == photo]
        data = await photo_records.read_photo(means, tx, found[0]) if len(found) == 1 else None
    if data is None:
        raise Failure(
            "photo_unreadable",
            f"there is no single photo {photo} that can be read; see `saojie quarantine photos`",
            f"找不到可读取的照片 {photo}，请查看 saojie quarantine photos",
        )
    await means.store.transact(partial(photo_records.note_read, photo=found[0], sources=deployment.sources))
    await asyncio.to_thread(file.write_bytes, data)
    deployment.talk.say(f"已保存到 {file}。", f"Saved to {file}.")
    deployment.talk.result({"photo": photo, "file": str(file), "size": len(data)})


@quarantine.command("accept")
@click.argument("items", nargs=-1)
@click.option("--staff", "person", metavar="STAFF", help="此人的全部 · Everything of one person.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def accept(deployment: Deployment, items: tuple[str, ...], person: str | None, manager: str | None) -> None:
    """接受：以离职者名义写入主库 · Accept items: they go into the master store under the departed person's name."""
    wanted, by = await _chosen(deployment, items, person, manager)
    decided = await take_in(deployment.means, wanted, by)
    counts: dict[str, int] = {}
    for one in decided.outcomes:
        counts[one.code] = counts.get(one.code, 0) + 1
    told = ", ".join(f"{code} {count}" for code, count in counts.items())
    deployment.talk.say(f"已接受 {len(decided.items)} 条：{told}", f"{len(decided.items)} accepted: {told}")
    deployment.talk.result({"accepted": len(decided.items), "outcomes": counts})


@quarantine.command("refuse")
@click.argument("items", nargs=-1)
@click.option("--staff", "person", metavar="STAFF", help="此人的全部 · Everything of one person.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@click.option("--reason", required=True, help="原因 · Why.")
@acting
async def refuse(
    deployment: Deployment, items: tuple[str, ...], person: str | None, manager: str | None, reason: str
) -> None:
    """拒绝：内容与原因一并保留 · Refuse items: they are kept with the reason."""
    wanted, by = await _chosen(deployment, items, person, manager)
    decided = await held.refuse(deployment.means, wanted, reason, by)
    deployment.talk.say(f"已拒绝 {len(decided.items)} 条。", f"{len(decided.items)} refused.")
    deployment.talk.result({"refused": len(decided.items)})


async def _chosen(
    deployment: Deployment, items: tuple[str, ...], person: str | None, manager: str | None
) -> tuple[list[UUID], UUID | None]:
    """The items that somebody named, or all of one person; and who decides."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        by = await deployment.person(tx, manager) if manager else None
        found = await held.listed(tx, staff=who.id if who else None)
    wanted = {one.lower().replace("-", "") for one in items}
    chosen = [one.id for one in found if one.state in held.OPEN and (not wanted or one.id.hex in wanted)]
    if not items and who is None:
        raise Failure(
            "nothing_chosen",
            "name items, or everything of one person with --staff",
            "请指定条目，或用 --staff 选择某人的全部",
        )
    return chosen, by.id if by else None
