"""`saojie refused`: refused work, kept whole with the reason, until it is replayed, closed, mended or dropped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.field import dead_letters
from server.field.dead_letters import DeadLetter
from server.identity import staff
from sync.business.letters import OPEN, STATES
from sync.codec import DecodeError, plain
from sync.errors import Refusal, problem
from sync.ids import parse_id

__all__ = ["refused"]

_LETTERS = click.argument("letters", nargs=-1, metavar="[LETTER]…")
_OF = click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
_WHY = click.option("--why", metavar="CODE", help="只看此原因 · With this reason (its code).")
_BY = click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")


@click.group()
def refused() -> None:
    """被拒绝的操作 · Refused work (dead letters)."""


@refused.command("list")
@click.option("--state", type=click.Choice(STATES), default=OPEN, show_default=True)
@_OF
@_WHY
@acting
async def list_refused(deployment: Deployment, state: str, person: str | None, why: str | None) -> None:
    """列出被拒绝的操作 · List refused work, the oldest first."""
    found, names = await _found(deployment, state, person, why)
    headings = [
        ("使用人", "Person"),
        ("时间", "Received"),
        ("内容", "What"),
        ("原因", "Reason"),
        ("说明", "Detail"),
        ("编号", "Id"),
    ]
    rows = [
        (names.get(one.staff), when(one.received_at), _what(one), _reason(deployment, one), one.detail, one.id)
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"refused": [_told(one) for one in found]})


@refused.command("show")
@click.argument("letter")
@acting
async def show(deployment: Deployment, letter: str) -> None:
    """查看一条：谁、何时、原因、原内容 · One whole: who, when, why, and what was asked for."""
    async with deployment.store.read() as tx:
        found = await dead_letters.find(tx, _letter(letter))
        names = {one.id: one.name for one in await staff.everybody(tx)}
    talk, row = deployment.talk, problem(found.reason)
    who, received = names.get(found.staff, "—") if found.staff else "—", when(found.received_at)
    talk.say(f"{who}，{received}，{_what(found)}", f"{who}, {received}, {_what(found)}")
    talk.say(f"原因：{row.zh} {row.todo_zh}", f"Reason: {row.en} {row.todo}")
    entered = _entered(found)
    talk.table([("项目", "Field"), ("内容", "Value")], [(name, _shown(value)) for name, value in entered.items()])
    talk.result(_told(found) | {"entered": entered, "body": found.body.hex()})


@refused.command("replay")
@_LETTERS
@_OF
@_WHY
@_BY
@acting
async def replay(
    deployment: Deployment, letters: tuple[str, ...], person: str | None, why: str | None, manager: str | None
) -> None:
    """原因排除后重新提交 · Hand refused work in again, after its cause was mended; what is refused again stays open."""
    by = await _decider(deployment, manager)
    zone, outcomes, again = deployment.settings.time_zone, {}, {}
    for one in await _chosen(deployment, letters, person, why):
        try:
            done = await dead_letters.replay(deployment.store, deployment.sources, one, by, zone)
        except Refusal as refusal:
            if len(letters) == 1:
                raise
            again[str(one)] = refusal.code
        else:
            outcomes[str(one)] = done.code
    deployment.talk.say(
        f"已重新提交 {len(outcomes)} 条，再次被拒 {len(again)} 条。",
        f"{len(outcomes)} handed in again, {len(again)} refused again.",
    )
    deployment.talk.result({"replayed": outcomes, "refused_again": again})


@refused.command("close")
@_LETTERS
@_OF
@_WHY
@click.option("--reason", required=True, help="原因 · Why.")
@_BY
@acting
async def close(  # every word that is typed has a name
    deployment: Deployment,
    letters: tuple[str, ...],
    person: str | None,
    why: str | None,
    reason: str,
    manager: str | None,
) -> None:
    """关闭：内容保留 · Close refused work; it is kept, and its person is told."""
    by = await _decider(deployment, manager)
    chosen = await _chosen(deployment, letters, person, why)
    for one in chosen:
        await dead_letters.close(deployment.store, deployment.sources, one, reason, by)
    deployment.talk.say(f"已关闭 {len(chosen)} 条。", f"{len(chosen)} closed.")
    deployment.talk.result({"closed": chosen})


async def _found(
    deployment: Deployment, state: str, person: str | None, why: str | None
) -> tuple[list[DeadLetter], dict[UUID | None, str]]:
    async with deployment.store.read() as tx:
        who = (await deployment.person(tx, person)).id if person else None
        found = await dead_letters.listed(tx, state=state)
        names: dict[UUID | None, str] = {one.id: one.name for one in await staff.everybody(tx)}
    return [one for one in found if who in {None, one.staff} and why in {None, one.reason}], names


async def _chosen(deployment: Deployment, letters: tuple[str, ...], person: str | None, why: str | None) -> list[UUID]:
    """The letters that somebody named, or all open ones of a person or with a reason."""
    if letters:
        return [_letter(one) for one in letters]
    if person is None and why is None:
        raise Failure(
            "nothing_chosen",
            "name letters, or choose with --staff or --why",
            "请指定编号，或用 --staff、--why 选择",
        )
    return [one.id for one in (await _found(deployment, OPEN, person, why))[0]]


def _what(letter: DeadLetter) -> str:
    return f"{letter.operation.act} {letter.operation.collection}" if letter.operation else "?"


def _reason(deployment: Deployment, letter: DeadLetter) -> str:
    row = problem(letter.reason)
    return deployment.talk.either(row.zh, row.en)


def _told(letter: DeadLetter) -> dict[str, Any]:
    row, operation = problem(letter.reason), letter.operation
    shown = ("id", "staff", "device", "received_at", "reason", "detail", "state")
    about = {"act": operation.act, "collection": operation.collection, "record": operation.record} if operation else {}
    return {name: getattr(letter, name) for name in shown} | {"en": row.en, "zh": row.zh} | about


def _entered(letter: DeadLetter) -> dict[str, Any]:
    """The fields that were asked for, by name, as plain values; nothing for what cannot be read."""
    if letter.operation is None:
        return {}
    try:
        found = plain(msgspec.msgpack.decode(letter.operation.changes))
    except (msgspec.DecodeError, DecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _shown(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


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
