"""`saojie incidents`: what a rule holds for a breach, its evidence, and the dealer's decision."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure, when
from server.field import incidents as desk
from server.field.incidents import Decision, Incident
from server.identity import staff

__all__ = ["incidents"]


@click.group()
def incidents() -> None:
    """违规事件：证据与决定 · Incidents: evidence and decision."""


@incidents.command("list")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--all", "everything", is_flag=True, help="包括已决定的 · Decided ones as well.")
@acting
async def list_incidents(deployment: Deployment, person: str | None, everything: bool) -> None:
    """列出事件 · List the incidents, the oldest first."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        found = await desk.listed(tx, staff=who.id if who else None, open_only=not everything)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("事件", "Incident"),
        ("人员", "Person"),
        ("发现", "Found"),
        ("决定", "Decision"),
        ("原因", "Reason"),
        ("编号", "Id"),
    ]
    rows = [
        (_said(deployment, one), _name(names, one), when(one.found_at), one.decision, one.reason, one.id)
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"incidents": found})


def _said(deployment: Deployment, one: Incident) -> str:
    return deployment.talk.either(one.what.zh, one.what.en)


def _name(names: dict[UUID, str], one: Incident) -> str | None:
    return names.get(one.what.staff) if one.what.staff else None


@incidents.command("show")
@click.argument("incident")
@acting
async def show(deployment: Deployment, incident: str) -> None:
    """查看一个事件及日志中的证据 · Show an incident with the entries of the journal that it rests on."""
    async with deployment.store.write() as tx:
        found = await _meant(deployment, incident)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    talk, what = deployment.talk, found.what
    rows = [
        (talk.either("事件", "Incident"), talk.either(what.zh, what.en)),
        (talk.either("人员", "Person"), _name(names, found)),
        (talk.either("终端", "Outlet"), what.outlet),
        (talk.either("记录", "Record"), what.about),
        (talk.either("决定", "Decision"), found.decision),
        (talk.either("原因", "Reason"), found.reason),
    ]
    rows += [(talk.either("日志", "Journal"), f"{one.scope} {one.position}") for one in found.evidence]
    talk.table([("项目", "What"), ("内容", "Content")], rows)
    talk.result({"incident": found})


@incidents.command("decide")
@click.argument("incident")
@click.option(
    "--as", "decision", type=click.Choice([one.value for one in Decision]), required=True, help="决定 · The decision."
)
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@acting
async def decide(deployment: Deployment, incident: str, decision: str, reason: str, manager: str | None) -> None:
    """决定一个事件：违规或不成立 · Decide an incident: a breach, or cleared."""
    found = await _meant(deployment, incident)
    async with deployment.store.write() as tx:
        by = (await deployment.person(tx, manager)).id if manager else None
        is_new = await desk.decide(tx, found.id, Decision(decision), reason, deployment.sources, by)
    deployment.talk.say("已决定。" if is_new else "此前已决定。", "Decided." if is_new else "It was decided before.")
    deployment.talk.result({"incident": found.id, "decision": decision, "new": is_new})


async def _meant(deployment: Deployment, typed: str) -> Incident:
    async with deployment.store.read() as tx:
        everything = await desk.listed(tx, open_only=False)
    wanted = typed.lower().replace("-", "")
    found = [one for one in everything if is_meant(one.id, wanted)]
    if len(found) != 1:
        raise Failure(
            "incident_unknown", f"no single incident {typed}; see `saojie incidents list`",
            f"找不到唯一的事件“{typed}”，请查看 saojie incidents list",
        )  # fmt: skip
    return found[0]
