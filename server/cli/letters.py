"""`saojie refused`: refused work, kept whole with the reason, until it is replayed or closed."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.field import dead_letters
from server.identity import staff
from sync.ids import parse_id

__all__ = ["refused"]


@click.group()
def refused() -> None:
    """被拒绝的操作 · Refused work (dead letters)."""


@refused.command("list")
@click.option("--state", type=click.Choice(["open", "replayed", "closed"]), default="open", show_default=True)
@acting
async def list_refused(deployment: Deployment, state: str) -> None:
    """列出被拒绝的操作 · List refused work, the oldest first."""
    async with deployment.store.read() as tx:
        found = await dead_letters.listed(tx, state=state)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("使用人", "Person"),
        ("时间", "Received"),
        ("内容", "What"),
        ("原因", "Reason"),
        ("说明", "Detail"),
        ("编号", "Id"),
    ]
    rows = [
        (
            names.get(one.staff) if one.staff else "",
            when(one.received_at),
            f"{one.operation.act} {one.operation.collection}" if one.operation else "?",
            one.reason,
            one.detail,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    shown = ("id", "staff", "device", "received_at", "reason", "detail", "state")
    deployment.talk.result({"refused": [{name: getattr(one, name) for name in shown} for one in found]})


@refused.command("replay")
@click.argument("letter")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def replay(deployment: Deployment, letter: str, manager: str | None) -> None:
    """原因排除后重新提交 · Hand refused work in again, after its cause was mended."""
    by = await _decider(deployment, manager)
    zone = deployment.settings.time_zone
    outcome = await dead_letters.replay(deployment.store, deployment.sources, _letter(letter), by, zone)
    deployment.talk.say(f"已重新提交：{outcome.code.zh}", f"Handed in again: {outcome.code.en}")
    deployment.talk.result({"letter": letter, "outcome": outcome.code})


@refused.command("close")
@click.argument("letter")
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def close(deployment: Deployment, letter: str, reason: str, manager: str | None) -> None:
    """关闭：内容保留 · Close refused work; it is kept."""
    by = await _decider(deployment, manager)
    await dead_letters.close(deployment.store, deployment.sources, _letter(letter), reason, by)
    deployment.talk.say("已关闭。", "Closed.")
    deployment.talk.result({"letter": letter, "closed": True})


async def _decider(deployment: Deployment, typed: str | None) -> UUID | None:
    if typed is None:
        return None
    async with deployment.store.read() as tx:
        return (await deployment.person(tx, typed)).id


def _letter(typed: str) -> UUID:
    found = parse_id(typed)
    if found is None:
        raise Failure(
            "letter_unknown",
            f"{typed} is no id; see `saojie refused list`",
            f"“{typed}”不是编号，请查看 saojie refused list",
        )
    return found
