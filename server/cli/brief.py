"""`saojie brief`, `saojie promises`: all that the file has of one outlet, so that anybody can take over from it, and
what was promised to all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Talk, when
from server.field.brief.opening import open_brief
from server.field.brief.parts import Brief
from server.field.owners import shops
from server.identity import staff
from server.master.promises import promises as promised

__all__ = ["brief", "promises"]


@click.command()
@click.argument("outlet")
@click.option("--by", "person", metavar="STAFF", help="查看人 · Who looks.")
@click.option("--for", "receiver", metavar="STAFF", help="为谁查看 · For whom.")
@acting
async def brief(deployment: Deployment, outlet: str, person: str | None, receiver: str | None) -> None:
    """一家终端的全部档案，记入日志 · All that the file has of one outlet; it is journalled."""
    async with deployment.store.read() as tx:
        by = (await deployment.person(tx, person)).id if person else None
        whom = (await deployment.person(tx, receiver)).id if receiver else None
        meant, ground = await deployment.outlet(tx, outlet), await deployment.ruled(tx)
    opened = await open_brief(deployment.store, meant, ground, by=by, receiver=whom)
    _shown(deployment.talk, opened)
    deployment.talk.result({"brief": opened})


@click.command()
@click.option("--staff", "person", metavar="STAFF", help="只看此人所作 · Made by one person.")
@click.option("--all", "everything", is_flag=True, help="包括已兑现的 · Kept ones too.")
@acting
async def promises(deployment: Deployment, person: str | None, everything: bool) -> None:
    """对终端的承诺：未了、逾期、已兑现 · Promises to outlets: open, late, kept."""
    async with deployment.store.read() as tx:
        by = (await deployment.person(tx, person)).id if person else None
        known, names = await shops(tx), {one.id: one.name for one in await staff.everybody(tx)}
        today = str((await deployment.ruled(tx)).today)
        made = [one for one in await promised(tx) if by in {None, one.staff}]
    shown = [one for one in made if everything or not one.is_kept]
    talk = deployment.talk
    states = {one.report: "kept" if one.is_kept else "late" if one.is_late(today) else "open" for one in made}
    said = {"kept": "已兑现 kept", "late": "逾期 late", "open": "未了 open"}
    rows = [
        (one.due, known[one.outlet].name if one.outlet in known else one.outlet, names.get(one.staff or one.report),
         one.promised, one.next_step, said[states[one.report]])
        for one in shown
    ]  # fmt: skip
    headings = [
        ("日期", "Due"), ("终端", "Outlet"), ("承诺人", "By"), ("承诺", "Promised"), ("下一步", "Next"),
        ("状态", "State"),
    ]  # fmt: skip
    talk.table(headings, rows)
    counts = Counter(states.values())
    talk.result({"promises": shown, **{state: counts[state] for state in said}})


def _shown(talk: Talk, one: Brief) -> None:
    who = _Names(one.people)
    outlet = one.outlet
    talk.say(f"{outlet['name']} · {one.place}", f"{outlet['name']} · {one.place}")
    facts = [(name, outlet[name]) for name in _FACTS if outlet.get(name)]
    facts += [("owner", who(one.owner)), ("partners", who.all(one.partners)), ("service", who.all(one.service))]
    facts += [("faces", who.all(one.faces)), ("merged", len(one.merged) or "")]
    facts += [("owes", _money(one.money.owes)), ("overdue", _money(one.money.overdue))]
    talk.table([("项目", "Field"), ("内容", "Value")], facts)
    contacts = [(each.name, each.role, each.phone, each.channel) for each in one.contacts]
    _part(talk, "联系人", "Contacts", contacts)
    _part(
        talk, "未了承诺与下一步", "Promises and next steps that are open",
        [
            (when(each.at), who(each.staff), each.promised, each.promised_by, each.next_step, each.next_on)
            for each in one.promises
        ],
    )  # fmt: skip
    _part(
        talk, "洽谈", "Talks",
        [(when(each.at), who(each.staff), each.subject, each.said, each.agreed) for each in one.talks],
    )  # fmt: skip
    _part(talk, "关怀", "Care", [(each.day, talk.either(each.zh, each.en)) for each in one.care])
    _part(talk, "任务", "Tasks", [(each.due, who(each.staff), each.title) for each in one.tasks])
    _part(
        talk, "未决事项", "Open questions", [(when(each.at), talk.either(each.zh, each.en)) for each in one.questions]
    )
    _part(
        talk, "拜访", "Visits",
        [
            (when(each.at), who(each.staff), each.purpose, each.result, each.notes, each.state, _codes(each.reasons))
            for each in one.visits
        ],
    )  # fmt: skip
    _part(
        talk, "往来", "Deals",
        [
            (each.kind, each.day or when(each.at), who(each.staff), _money(each.amount), each.state)
            for each in one.deals
        ],
    )  # fmt: skip
    _part(
        talk, "核实", "Verifications",
        [(each.quarter, who(each.staff), each.means, each.answer, each.state) for each in one.verifications],
    )  # fmt: skip
    _part(
        talk, "重要变更", "Important changes",
        [(when(each.at), who(each.staff), each.field, each.was, each.now) for each in one.history],
    )  # fmt: skip


_FACTS = (
    "code", "outlet_class", "grade", "status", "review", "address", "phone", "opening_hours", "visit_days", "notes",
)  # fmt: skip


class _Names:
    """People by name."""

    def __init__(self, people: dict[UUID, str]) -> None:
        self._people = people

    def __call__(self, one: UUID | None) -> str:
        return self._people.get(one, str(one)) if one is not None else ""

    def all(self, several: Iterable[UUID]) -> str:
        """Several of them."""
        return "、".join(map(self, several))


def _part(talk: Talk, zh: str, en: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        talk.table([(zh, en), *[("", "")] * (len(rows[0]) - 1)], rows)


def _codes(reasons: Iterable[object]) -> str:
    return ", ".join(str(getattr(one, "code", "")) for one in reasons)


def _money(minor: int) -> str:
    return f"{minor / 100:.2f}"
