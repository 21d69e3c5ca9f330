"""`saojie stock`: the figures between counts, the questions that stock asks by outlet and by rep, and their answers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting, is_meant
from server.cli.talk import Failure
from server.departure.leaving.plan_file import outlet_named
from server.field.owners import shops
from server.field.stock import questions as desk
from server.field.stock.figures import figures
from server.field.stock.found import said
from server.field.stock.questions import Asked
from server.identity import staff

__all__ = ["stock"]


@click.group()
def stock() -> None:
    """进销存：数字；私单、串单、串货的疑问 · Stock: figures, and questions about what they hide."""


@stock.command("questions")
@click.option("--outlet", help="只看此终端 · Of one outlet.")
@click.option("--staff", "person", metavar="STAFF", help="只看此人 · Of one person.")
@click.option("--territory", help="只看此片区 · Of one territory.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="只看此日 · About one day.")
@click.option("--all", "everything", is_flag=True, help="包括已答复和已撤回的 · Answered and explained ones as well.")
@acting
async def list_questions(
    deployment: Deployment, outlet: str | None, person: str | None, territory: str | None, day: date | None,
    everything: bool,
) -> None:  # fmt: skip
    """列出疑问及数字 · List the questions with their figures."""
    async with deployment.store.read() as tx:
        found = await desk.listed(
            tx,
            everything=everything,
            outlet=await outlet_named(tx, outlet) if outlet else None,
            person=(await deployment.person(tx, person)).id if person else None,
            territory=(await deployment.territory(tx, territory)).id if territory else None,
            day=date(day.year, day.month, day.day) if day else None,
        )
        people = {one.id: one.name for one in await staff.everybody(tx)}
        known = {one.id: one.name for one in (await shops(tx)).values()}
    _show(deployment, found, people | known)


def _show(deployment: Deployment, found: list[Asked], names: dict[UUID, str]) -> None:
    talk = deployment.talk
    headings = [
        ("日期", "Day"), ("终端", "Outlet"), ("人员", "Whose"), ("疑问", "Question"), ("状态", "State"), ("编号", "Id"),
    ]  # fmt: skip
    rows = []
    for one in found:
        what = one.question
        whose = "、".join(names.get(person, str(person)) for person in what.people)
        text = talk.either(*said(what, names))
        rows.append((what.day, names.get(what.outlet, what.outlet), whose, text, one.answer or one.state, one.id))
    talk.table(headings, rows)
    talk.result({"questions": found})


@stock.command("figures")
@click.option("--outlet", help="只看此终端 · Of one outlet.")
@click.option("--territory", help="只看此片区 · Of one territory.")
@acting
async def show_figures(deployment: Deployment, outlet: str | None, territory: str | None) -> None:
    """两次盘点之间：上次 + 送货 − 销售，与实有对照 · Between counts: before + delivered - sold, and found."""
    async with deployment.store.read() as tx:
        known = await shops(tx)
        wanted = [await outlet_named(tx, outlet)] if outlet else None
        if territory:
            there = (await deployment.territory(tx, territory)).id
            inside = {one.id for one in known.values() if one.territory == there}
            wanted = [*inside] if wanted is None else [one for one in wanted if one in inside]
        found = await figures(tx, await deployment.ruled(tx), wanted)
    headings = [
        ("终端", "Outlet"), ("产品", "Product"), ("自", "Since"), ("至", "Day"), ("上次", "Before"),
        ("送货", "Delivered"), ("销售", "Sold"), ("应有", "Expected"), ("实有", "Found"), ("差", "Over"),
    ]  # fmt: skip
    rows = [
        (
            known[of.outlet].name if of.outlet in known else of.outlet, of.product, each.since, each.day, each.before,
            each.delivered, each.sold, each.expected, each.found, each.over,
        )
        for of in found
        for each in of.steps
    ]  # fmt: skip
    deployment.talk.table(headings, rows)
    deployment.talk.result({"figures": found})


@stock.command("ask")
@acting
async def ask(deployment: Deployment) -> None:
    """现在就查一遍（平时每夜自动进行） · Look now; it is done every night by itself."""
    async with deployment.store.write() as tx:
        await desk.ask(tx, await deployment.ruled(tx))
        found = await desk.listed(tx)
    deployment.talk.say(f"未答复的疑问 {len(found)} 个", f"{len(found)} questions are open")
    deployment.talk.result({"open": len(found)})


@stock.command("answer")
@click.argument("question")
@click.argument("text")
@click.option("--by", "manager", metavar="STAFF", required=True, help="答复人 · Who answers.")
@acting
async def answer(deployment: Deployment, question: str, text: str, manager: str) -> None:
    """答复一个疑问 · Answer a question with a word."""
    async with deployment.store.write() as tx:
        by = (await deployment.person(tx, manager)).id
        wanted = question.lower().replace("-", "")
        meant = [one.id for one in await desk.listed(tx) if is_meant(one.id, wanted)]
        if len(meant) != 1:
            raise Failure(
                "not_found", f"no single open question is {question}; see `saojie stock questions`",
                f"找不到唯一的未答复疑问“{question}”，请查看 saojie stock questions",
            )  # fmt: skip
        await desk.answer(tx, meant[0], text, await deployment.ruled(tx), by=by)
    deployment.talk.say("已答复。", "Answered.")
    deployment.talk.result({"answered": meant[0]})
