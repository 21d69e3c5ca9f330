"""`saojie duplicates`: outlets that may be one, side by side; merging two, saying that they are two, and undoing it."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import when
from server.field import merging
from server.field.likeness import WHY
from server.field.merging import CHOICES
from server.field.side_by_side import Side, not_the_same, open_pairs, side_by_side
from server.master import merges
from server.master.store import Tx

__all__ = ["duplicates"]

_BY = click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
_REASON = click.option("--reason", required=True, help="原因 · Why.")


@click.group()
def duplicates() -> None:
    """查重：合并、区分、撤销 · Outlets that may be one: merge, tell apart, undo."""


@duplicates.command("list")
@click.option("--merged", is_flag=True, help="列出已合并的 · Those that were merged.")
@acting
async def list_(deployment: Deployment, merged: bool) -> None:
    """列出待判断的终端对 · List the pairs that wait for an answer."""
    if merged:
        await _list_merged(deployment)
        return
    async with deployment.store.read() as tx:
        found = await open_pairs(tx)
    pairs = [
        ("终端", "Outlet"),
        ("编号", "Id"),
        ("另一家", "Other"),
        ("编号", "Id"),
        ("提问", "Asked"),
        ("原因", "Why"),
    ]
    deployment.talk.table(
        pairs, [(one.names[0], one.one, one.names[1], one.other, when(one.at), one.reason) for one in found]
    )
    deployment.talk.result({"pairs": found})


async def _list_merged(deployment: Deployment) -> None:
    async with deployment.store.read() as tx:
        done = await merges.listed(tx, everything=True)
    headings = [("已并入", "Merged"), ("保留", "Into"), ("时间", "When"), ("原因", "Why"), ("撤销", "Undone")]
    rows = [(one.gone, one.survivor, when(one.at), one.reason, when(one.undone_at)) for one in done]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"merges": [_told(one) for one in done]})


@duplicates.command("show")
@click.argument("one")
@click.argument("other")
@acting
async def show(deployment: Deployment, one: str, other: str) -> None:
    """并排对比两家终端 · Two outlets side by side (ids, codes or names)."""
    async with deployment.store.read() as tx:
        first, second = await deployment.outlet(tx, one), await deployment.outlet(tx, other)
        beside = await side_by_side(tx, first, second, deployment.settings.phone_region)
    zh = deployment.talk.language == "zh"
    rows: list[tuple[object, ...]] = [
        (line.zh if zh else line.en, line.one, line.other, line.field if line.differs and line.may_take else "")
        for line in beside.lines
        if line.one or line.other
    ]
    rows += _sides(beside.one, beside.other, is_zh=zh)
    if beside.how is not None:
        why = WHY[beside.how.why][0 if zh else 1]
        apart = "" if beside.how.distance is None else f"{beside.how.distance:.0f} m"
        rows.append((deployment.talk.either("相似", "Alike"), why, apart, ""))
    headings = [("项目", "Field"), (beside.one.name, beside.one.name), (beside.other.name, beside.other.name)]
    deployment.talk.table([*headings, ("可取用", "May be taken")], rows)
    deployment.talk.result({"side_by_side": beside})


def _sides(one: Side, other: Side, *, is_zh: bool) -> list[tuple[object, ...]]:
    people, visits, place = ("联系人", "拜访次数", "所在") if is_zh else ("Contacts", "Visits", "Stands in")
    return [
        (people, "、".join(one.contacts), "、".join(other.contacts), ""),
        (visits, one.visits, other.visits, ""),
        (place, one.scope, other.scope, ""),
    ]


@duplicates.command("merge")
@click.argument("gone")
@click.argument("into")
@click.option("--take", "taken", multiple=True, type=click.Choice(CHOICES), help="取并入方的值 · A field to take over.")
@_REASON
@_BY
@acting
async def merge(
    deployment: Deployment, gone: str, into: str, taken: tuple[str, ...], reason: str, manager: str | None
) -> None:
    """把 GONE 并入 INTO，双方历史都保留，可撤销 · Merge GONE into INTO; both histories stay, and it can be undone."""

    async def act(tx: Tx) -> merging.Came:
        by = await _person(deployment, tx, manager)
        one, other = await deployment.outlet(tx, gone), await deployment.outlet(tx, into)
        return await merging.merge(tx, deployment.sources, one, other, reason=reason, by=by, taken=taken)

    _say(deployment, await deployment.store.transact(act), "已合并。", "Merged.")


@duplicates.command("undo")
@click.argument("gone", type=click.UUID)
@click.option("--to", metavar="SCOPE", help="原片区已结束时的去处 · Where it goes if its place has ended.")
@_REASON
@_BY
@acting
async def undo(deployment: Deployment, gone: UUID, to: str | None, reason: str, manager: str | None) -> None:
    """撤销合并：GONE 回到原处 · Undo a merge: GONE is where it was, with all that stands at it."""

    async def act(tx: Tx) -> merging.Came:
        by = await _person(deployment, tx, manager)
        return await merging.undo(tx, deployment.sources, gone, reason=reason, by=by, to=to)

    _say(deployment, await deployment.store.transact(act), "已撤销合并。", "The merge is undone.")


@duplicates.command("not")
@click.argument("one")
@click.argument("other")
@_REASON
@_BY
@acting
async def not_(deployment: Deployment, one: str, other: str, reason: str, manager: str | None) -> None:
    """不是同一家，不再询问 · They are two; nobody is asked again."""
    async with deployment.store.write() as tx:
        by = await _person(deployment, tx, manager)
        pair = await deployment.outlet(tx, one), await deployment.outlet(tx, other)
        await not_the_same(tx, deployment.sources, *pair, reason=reason, by=by)
    deployment.talk.say("已记录：不是同一家。", "Noted: they are two.")
    deployment.talk.result({"not_the_same": list(pair)})


async def _person(deployment: Deployment, tx: Tx, typed: str | None) -> UUID | None:
    return (await deployment.person(tx, typed)).id if typed else None


def _say(deployment: Deployment, came: merging.Came, zh: str, en: str) -> None:
    deployment.means.announcer.announce(came.changed)
    deployment.talk.say(zh, en)
    deployment.talk.result({"merge": _told(came.merge)})


def _told(one: merges.Merge) -> dict[str, object]:
    names = ("id", "gone", "survivor", "came_from", "at", "by", "reason", "undone_at", "undone_by", "undone_reason")
    return {name: getattr(one, name) for name in names}
