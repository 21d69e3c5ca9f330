"""`saojie care`, `saojie staff-care`, `saojie practices`: days that matter, gifts, one's own people, good practice."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, when
from server.field import practices as sharing
from server.field.care import staff as own
from server.field.care.days import ahead
from server.field.care.gifts import spent_on
from server.field.care.staff import CareKind, Said
from server.field.owners import shops
from server.identity import staff
from sync.ids import parse_id
from sync.records import Birthday, Calendar, Review

__all__ = ["care", "practices", "staff_care"]


@click.group()
def care() -> None:
    """感情联络：生日、节日、红白喜事、礼品 · Care: birthdays, festivals, occasions, gifts."""


@care.command("ahead")
@click.option("--days", default=30, show_default=True, help="今后几天 · So many days ahead.")
@acting
async def ahead_(deployment: Deployment, days: int) -> None:
    """今后的日子；联系人姓名不列出 · The days that are coming; names of contacts are left out."""
    async with deployment.store.read() as tx:
        found = await ahead(tx, await deployment.ruled(tx), days)
        known = await shops(tx, {one.outlet for one in found})
        names = {one.id: one.name for one in await staff.everybody(tx)}
    zh = deployment.talk.language == "zh"
    rows = [
        (str(one.day), one.zh if zh else one.en, shop.name, names.get(shop.owner) if shop.owner else None)
        for one in found
        if (shop := known.get(one.outlet)) is not None
    ]
    deployment.talk.table([("日期", "Day"), ("事由", "What"), ("终端", "Outlet"), ("负责人", "Owner")], rows)
    facts = [{"day": str(one.day), "kind": one.kind, "outlet": one.outlet, "about": one.about} for one in found]
    deployment.talk.result({"ahead": facts})


@care.command("gifts")
@acting
async def gifts(deployment: Deployment) -> None:
    """每家终端收到的礼品及花费 · What each outlet was given, and what it cost."""
    async with deployment.store.read() as tx:
        spent, known = await spent_on(tx), await shops(tx)
    shown = sorted(((known[one], each) for one, each in spent.items() if one in known), key=lambda each: -each[1].cost)
    deployment.talk.table(
        [("终端", "Outlet"), ("次数", "Times"), ("花费（分）", "Cost")],
        [(shop.name, each.times, each.cost) for shop, each in shown],
    )
    facts = [{"outlet": shop.id, "times": each.times, "cost": each.cost} for shop, each in shown]
    deployment.talk.result({"gifts": facts, "cost": sum(each.cost for _, each in shown)})


@click.group("staff-care")
def staff_care() -> None:
    """多关心员工，仅供经理 · Care for staff, for managers' eyes."""


@staff_care.command("add")
@click.argument("person", metavar="STAFF")
@click.argument("kind", type=click.Choice([one.value for one in CareKind]))
@click.option("--on", "day", metavar="MM-DD", help="生日；农历写 lunar:05-03 · The birthday; lunar:05-03.")
@click.option("--text", default="", help="内容 · In words.")
@click.option("--consent", is_flag=True, help="本人已同意 · The person has agreed.")
@click.option("--by", "manager", metavar="STAFF", help="记录人 · Who notes it.")
@acting
async def add(
    deployment: Deployment,
    person: str,
    kind: str,
    day: str | None,
    text: str,
    consent: bool,
    manager: str | None,
) -> None:
    """记一条，须本人同意 · Note something, with the person's consent."""
    said = Said(CareKind(kind), _birthday(day), text, consent)
    async with deployment.store.write() as tx:
        who, by = await deployment.person(tx, person), await deployment.person(tx, manager) if manager else None
        made = await own.keep(tx, who.id, said, deployment.sources, by.id if by else None)
    deployment.talk.say("已记录，只在服务器上。", "Noted, on the server alone.")
    deployment.talk.result({"id": made.id})


def _birthday(typed: str | None) -> Birthday | None:
    if typed is None:
        return None
    lunar = typed.startswith("lunar:")
    month, _, day = typed.removeprefix("lunar:").partition("-")
    if not (month.isdigit() and day.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        raise Failure("bad_value", f"a birthday is written as 05-03, not {typed}", f"生日写作 05-03，不是 {typed}")
    return Birthday(int(month), int(day), Calendar.LUNAR if lunar else Calendar.SOLAR)


@staff_care.command("list")
@click.argument("person", metavar="STAFF", required=False)
@acting
async def list_care(deployment: Deployment, person: str | None) -> None:
    """已记录的内容 · What is noted."""
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person) if person else None
        found = await own.listed(tx, who.id if who else None)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    rows = [
        (names.get(one.staff), one.kind, f"{day.month:02}-{day.day:02}" if (day := one.birthday) else "", one.note)
        for one in found
    ]
    deployment.talk.table([("员工", "Who"), ("种类", "Kind"), ("日期", "Day"), ("内容", "Words")], rows)
    deployment.talk.result({"noted": found})


@staff_care.command("forget")
@click.argument("person", metavar="STAFF")
@click.option("--by", "manager", metavar="STAFF", help="经办人 · Who does it.")
@acting
async def forget(deployment: Deployment, person: str, manager: str | None) -> None:
    """应本人要求全部删除 · Remove all of it, as the person asks."""
    async with deployment.store.write() as tx:
        who, by = await deployment.person(tx, person), await deployment.person(tx, manager) if manager else None
        count = await own.forget(tx, who.id, deployment.sources, by.id if by else None)
    deployment.talk.say(f"已删除 {count} 条。", f"{count} removed.")
    deployment.talk.result({"removed": count})


@click.group()
def practices() -> None:
    """好做法：审核、分享、成为步骤 · Good practice: review it, share it, make it a step."""


@practices.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已处理的 · Decided ones too.")
@acting
async def list_practices(deployment: Deployment, everything: bool) -> None:
    """待审核的好做法 · Practices that wait for review."""
    async with deployment.store.read() as tx:
        found = await sharing.listed(tx, None if everything else Review.PENDING)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    rows = [
        (str(one.id), names.get(one.staff or one.id), one.title, one.purpose, one.review, when(one.at)) for one in found
    ]
    headings = [("编号", "Id"), ("作者", "By"), ("标题", "Title"), ("用于", "For"), ("审核", "Review"), ("时间", "At")]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"practices": found})


@practices.command("approve")
@click.argument("practice")
@click.option("--by", "manager", metavar="STAFF", required=True, help="决定人 · Who decides.")
@acting
async def approve(deployment: Deployment, practice: str, manager: str) -> None:
    """批准并作为通知分享 · Approve it, and share it as a notice."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        changed = await sharing.approve(tx, _id(practice), deployment.sources, by=by.id)
    deployment.means.announcer.announce(changed)
    deployment.talk.say("已分享。", "Shared.")
    deployment.talk.result({"practice": practice, "review": "approved"})


@practices.command("refuse")
@click.argument("practice")
@click.option("--reason", required=True, help="理由，作者会看到 · Why; the author reads it.")
@click.option("--by", "manager", metavar="STAFF", required=True, help="决定人 · Who decides.")
@acting
async def refuse(deployment: Deployment, practice: str, reason: str, manager: str) -> None:
    """不采用，并说明理由 · Refuse it with a reason."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager)
        changed = await sharing.refuse(tx, _id(practice), reason, deployment.sources, by=by.id)
    deployment.means.announcer.announce(changed)
    deployment.talk.say("已答复作者。", "The author hears of it.")
    deployment.talk.result({"practice": practice, "review": "refused"})


@practices.command("step")
@click.argument("purpose")
@click.argument("step")
@acting
async def step_(deployment: Deployment, purpose: str, step: str) -> None:
    """把一个步骤加入某类拜访 · Add a step to the visits of a purpose."""
    async with deployment.store.write() as tx:
        changed = await sharing.add_step(tx, purpose, step, deployment.sources)
    deployment.means.announcer.announce(changed)
    deployment.talk.say("已加入，下次同步到达手机。", "Added; phones have it with their next sync.")
    deployment.talk.result({"purpose": purpose, "step": step})


def _id(typed: str) -> UUID:
    found = parse_id(typed)
    if found is None:
        raise Failure("bad_value", f"{typed} is no id of a practice", f"{typed} 不是编号")
    return found
