"""`saojie proposals`: what reps may only propose, until a manager accepts or refuses it."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.departure.evidence.access import note_access
from server.field import proposals as desk
from server.field.proposals import Decision, Proposal
from server.identity import staff
from sync.codec import plain

__all__ = ["proposals"]


@click.group()
def proposals() -> None:
    """待经理审批的修改 · What reps may only propose, until it is decided."""


@proposals.command("list")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--all", "everything", is_flag=True, help="包括已决定的 · Decided ones as well.")
@click.option("--by", "manager", metavar="STAFF", help="查看人 · Who looks.")
@acting
async def list_proposals(deployment: Deployment, person: str | None, everything: bool, manager: str | None) -> None:
    """列出待审批的修改，记入日志 · List what waits, the oldest first; it is journalled."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager) if manager else None
        who = await deployment.person(tx, person) if person else None
        found = await desk.listed(tx, state=None if everything else desk.OPEN, staff=who.id if who else None)
        names = {one.id: one.name for one in await staff.everybody(tx)}
        if found:
            await note_access(tx, "proposals", by.id if by else None, len(found), deployment.sources)
    headings = [
        ("提出人", "Person"),
        ("时间", "When"),
        ("档案", "Record"),
        ("现在", "Now"),
        ("提议", "Proposed"),
        ("状态", "State"),
        ("编号", "Id"),
    ]
    rows = [
        (
            names.get(one.staff) if one.staff else None,
            when(one.at),
            one.label,
            _said(one.now),
            _said(one.changes),
            one.state,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"proposals": found})


def _said(values: dict[str, object]) -> str:
    return ", ".join(f"{name}: {plain(value)}" for name, value in values.items())


@proposals.command("accept")
@click.argument("ids", nargs=-1)
@click.option("--staff", "person", metavar="STAFF", help="此人的全部 · All of one person's.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def accept(deployment: Deployment, ids: tuple[str, ...], person: str | None, manager: str | None) -> None:
    """采纳 · Accept: what was proposed is written in the manager's name."""
    wanted, by = await _meant(deployment, ids, person, manager)
    decision = await desk.accept(deployment.store, deployment.sources, wanted, by)
    _told(deployment, decision, "已采纳", "Accepted")


@proposals.command("refuse")
@click.argument("ids", nargs=-1)
@click.option("--staff", "person", metavar="STAFF", help="此人的全部 · All of one person's.")
@click.option("--reason", required=True, help="原因，会告知提出人 · Why; whoever proposed it is told.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def refuse(
    deployment: Deployment, ids: tuple[str, ...], person: str | None, reason: str, manager: str | None
) -> None:
    """不采纳 · Refuse: everything stays as it is."""
    wanted, by = await _meant(deployment, ids, person, manager)
    decision = await desk.refuse(deployment.store, deployment.sources, wanted, reason, by)
    _told(deployment, decision, "未采纳", "Refused")


async def _meant(
    deployment: Deployment, typed: tuple[str, ...], person: str | None, manager: str | None
) -> tuple[list[UUID], UUID | None]:
    """The open proposals that are meant, and who decides. Raises Failure."""
    if bool(typed) == bool(person):
        raise Failure("proposals_unclear", "say ids, or --staff for all of one person's", "请给出编号，或用 --staff")
    async with deployment.store.read() as tx:
        by = (await deployment.person(tx, manager)).id if manager else None
        who = await deployment.person(tx, person) if person else None
        found = await desk.listed(tx, staff=who.id if who else None)
    return [one.id for one in found] if who else [_one(found, one) for one in typed], by


def _one(found: list[Proposal], typed: str) -> UUID:
    wanted = typed.lower().replace("-", "")
    meant = [one.id for one in found if is_meant(one.id, wanted)]
    if len(meant) != 1:
        raise Failure(
            "proposal_unknown", f"no single open proposal {typed}; see `saojie proposals list`",
            f"找不到唯一的待审批修改“{typed}”，请查看 saojie proposals list",
        )  # fmt: skip
    return meant[0]


def _told(deployment: Deployment, decision: Decision, zh: str, en: str) -> None:
    deployment.means.announcer.announce(decision.changed)
    deployment.talk.say(f"{zh}：{len(decision.decided)} 项。", f"{en}: {len(decision.decided)}.")
    for one, why in decision.failed.items():
        deployment.talk.say(f"{one} 无法采纳：{why}", f"{one} could not be accepted: {why}")
    deployment.talk.result({"decided": list(decision.decided), "failed": decision.failed})
