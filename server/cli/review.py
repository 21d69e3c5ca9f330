"""`saojie review`: what was registered, until a manager has decided on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.departure.evidence.access import note_access
from server.field.registration.deciding import Desk, Reviewed
from server.field.registration.reading import WAITING, Registration, registrations
from server.identity import staff
from server.master.store import Tx
from sync.records import Review
from sync.words import MISSING, REVIEWS

__all__ = ["review"]

_KEPT = {
    "unknown": ("没有这家终端", "there is no such outlet"),
    "decided": ("已有审核结果", "it has been decided"),
    "incomplete": ("资料不全，须用 --reason 说明理由", "it is incomplete: say why with --reason"),
    "joint": (
        "新客户首次拜访尚未由两人完成；可用 --waive-joint --reason 免除",
        "the first visit by two is still to be made; --waive-joint --reason does without",
    ),
}


@click.group()
def review() -> None:
    """登记审核：通过、退回提问、不通过 · Registrations: approve, send back with a question, refuse."""


@review.command("list")
@click.option("--territory", "place", help="只看此片区 · Of one territory.")
@click.option("--all", "everything", is_flag=True, help="包括已审核的 · Decided ones as well.")
@click.option("--by", "manager", metavar="STAFF", help="查看人 · Who looks.")
@acting
async def list_registrations(deployment: Deployment, place: str | None, everything: bool, manager: str | None) -> None:
    """列出待审核的登记，记入日志 · List what waits; it is journalled."""
    async with deployment.store.write() as tx:
        ground = await deployment.ruled(tx)
        by = (await deployment.person(tx, manager)).id if manager else None
        of = (await deployment.territory(tx, place)).id if place else None
        found = await registrations(tx, ground, states=list(Review) if everything else WAITING, of=of)
        people = {one.id: one.name for one in await staff.everybody(tx)}
        if found:
            await note_access(tx, "registrations", by, len(found), deployment.sources)
    headings = [
        ("店名", "Name"),
        ("登记人", "Registered by"),
        ("审核", "Review"),
        ("尚缺", "Missing"),
        ("共同拜访", "First visit by two"),
        ("渠道未问", "Channels to ask"),
        ("编号", "Id"),
    ]
    deployment.talk.table(headings, [_row(deployment, one, people) for one in found])
    deployment.talk.result({"registrations": found})


def _row(deployment: Deployment, one: Registration, people: dict[UUID, str]) -> tuple[object, ...]:
    either = deployment.talk.either
    joint = {True: ("已完成", "made"), False: ("尚未", "not yet"), None: ("—", "—")}[one.joint]
    lacks = "、".join(either(*MISSING[name]) for name in one.missing)
    who = people.get(one.registered_by) if one.registered_by else None
    return one.name, who, either(*REVIEWS[one.review]), lacks, either(*joint), one.unasked or "", one.id


@review.command("show")
@click.argument("outlet")
@click.option("--by", "manager", metavar="STAFF", help="查看人 · Who looks.")
@acting
async def show(deployment: Deployment, outlet: str, manager: str | None) -> None:
    """一份登记：尚缺什么、审核意见，记入日志 · One registration: what it lacks, what was said; it is journalled."""
    async with deployment.store.write() as tx:
        by = (await deployment.person(tx, manager)).id if manager else None
        wanted = await deployment.outlet(tx, outlet)
        ground = await deployment.ruled(tx)
        found = next(iter(await registrations(tx, ground, states=list(Review), outlets=[wanted])), None)
        people = {one.id: one.name for one in await staff.everybody(tx)}
        await note_access(tx, "registrations", by, 1, deployment.sources)
    if found is None:
        raise Failure("outlet_merged", "it was merged into another outlet", "该终端已并入另一终端")
    name, who, state, lacks, joint, unasked, _ = _row(deployment, found, people)
    rows = [
        (deployment.talk.either("店名", "Name"), name),
        (deployment.talk.either("编码", "Code"), found.code),
        (deployment.talk.either("登记人", "Registered by"), who),
        (deployment.talk.either("审核", "Review"), state),
        (deployment.talk.either("审核意见", "What the review says"), found.note),
        (deployment.talk.either("尚缺", "Missing"), lacks),
        (deployment.talk.either("共同拜访", "First visit by two"), joint),
        (deployment.talk.either("渠道未问的联系人", "Contacts whose channel is to be asked"), unasked),
    ]
    deployment.talk.table([("项目", "What"), ("内容", "Content")], rows)
    deployment.talk.result({"registration": found})


@review.command()
@click.argument("outlets", nargs=-1, required=True)
@click.option("--reason", default="", help="资料不全或免除共同拜访的理由 · Why, where it lacks something.")
@click.option("--waive-joint", is_flag=True, help="免除两人首次拜访 · Without the first visit by two.")
@click.option("--by", "manager", metavar="STAFF", help="审核人 · Who decides.")
@acting
async def approve(
    deployment: Deployment, outlets: Sequence[str], reason: str, waive_joint: bool, manager: str | None
) -> None:
    """通过 · Approve."""

    def act(desk: Desk, ids: Sequence[UUID]) -> Awaitable[Reviewed]:
        return desk.approve(ids, reason=reason, waive_joint=waive_joint)

    await _decide(deployment, outlets, manager, act, ("已通过", "Approved"))


@review.command()
@click.argument("outlets", nargs=-1, required=True)
@click.option("--ask", "question", required=True, help="问题，会告知登记人 · What is asked; the rep is told.")
@click.option("--by", "manager", metavar="STAFF", help="审核人 · Who decides.")
@acting
async def question(deployment: Deployment, outlets: Sequence[str], question: str, manager: str | None) -> None:
    """退回提问 · Send back with a question."""
    await _decide(deployment, outlets, manager, lambda desk, ids: desk.question(ids, question), ("已退回", "Sent back"))


@review.command()
@click.argument("outlets", nargs=-1, required=True)
@click.option("--reason", required=True, help="理由，会告知登记人 · Why; the rep is told.")
@click.option("--by", "manager", metavar="STAFF", help="审核人 · Who decides.")
@acting
async def refuse(deployment: Deployment, outlets: Sequence[str], reason: str, manager: str | None) -> None:
    """不通过，终端随之关闭 · Refuse; the outlet is closed."""
    await _decide(deployment, outlets, manager, lambda desk, ids: desk.refuse(ids, reason), ("未通过", "Refused"))


async def _decide(
    deployment: Deployment,
    typed: Sequence[str],
    manager: str | None,
    act: Callable[[Desk, Sequence[UUID]], Awaitable[Reviewed]],
    words: tuple[str, str],
) -> None:
    async def work(tx: Tx) -> Reviewed:
        by = (await deployment.person(tx, manager)).id if manager else None
        ids = [await deployment.outlet(tx, one) for one in typed]
        return await act(Desk(tx, await deployment.ruled(tx), by), ids)

    came = await deployment.store.transact(work)
    deployment.means.announcer.announce(came.changed)
    zh, en = words
    deployment.talk.say(f"{zh}：{len(came.decided)} 家。", f"{en}: {len(came.decided)}.")
    for one, why in came.kept.items():
        deployment.talk.say(f"{one}：{_KEPT[why][0]}。", f"{one}: {_KEPT[why][1]}.")
    kept = {str(one): why for one, why in came.kept.items()}
    deployment.talk.result({"decided": list(came.decided), "kept": kept})
