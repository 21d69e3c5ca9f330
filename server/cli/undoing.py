"""`saojie undo`: what somebody changed, field by field, and taking it back in one act."""

from __future__ import annotations

from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, Talk, when
from server.cli.times import moment_of
from server.departure.evidence.access import note_access
from server.field import proposals
from server.field.undo.acting import Shown, Undone, show
from server.field.undo.acting import undo as take_back
from server.field.undo.acts import acts
from server.field.undo.history import Meant, Verdict
from server.field.undo.words import VERDICTS, field_of
from server.identity import staff
from sync.codec import plain
from sync.ids import parse_id
from sync.records import COLLECTIONS

__all__ = ["undo"]


@click.command()
@click.option("--staff", "person", metavar="STAFF", help="谁的修改 · Whose changes.")
@click.option("--since", help="从何时起：2026-11-20、36h、7d · Since when.")
@click.option("--until", help="到何时为止 · Until when.")
@click.option("--act", metavar="ID", help="撤销一次撤销 · Take back an act of taking back.")
@click.option(
    "--collection",
    "collections",
    multiple=True,
    type=click.Choice(sorted(COLLECTIONS)),
    help="只看这类；默认除任务外全部 · Only these; all but tasks where none is named.",
)
@click.option("--registered", is_flag=True, help="关闭其登记的终端 · Close the outlets that the person registered.")
@click.option("--by", "manager", metavar="STAFF", help="决定人 · Who decides.")
@click.option("--list", "only_acts", is_flag=True, help="列出以往的撤销 · List earlier acts of taking back.")
@click.option("--all", "everything", is_flag=True, help="列出每一项 · List every field.")
@click.option("--yes", is_flag=True, help="不再询问，立即执行 · Do not ask, do it.")
@acting
async def undo(
    deployment: Deployment,
    *,
    person: str | None,
    since: str | None,
    until: str | None,
    act: str | None,
    collections: tuple[str, ...],
    registered: bool,
    manager: str | None,
    only_acts: bool,
    everything: bool,
    yes: bool,
) -> None:
    """撤销某人的修改：先逐项列出，确认后恢复 · Take back what somebody changed: first it is shown, field by field.

    同事之后改过或确认过的不动。What others changed or confirmed since stays as it is.
    """
    if only_acts:
        await _list(deployment)
        return
    meant, by = await _meant(deployment, person, since, until, act, manager)
    shown = await show(deployment.store, meant, collections)
    if shown.findings:
        async with deployment.store.write() as tx:
            await note_access(tx, "undo", by, len(shown.findings), deployment.sources, staff=meant.staff)
    _tell(deployment.talk, shown, everything)
    await _tell_proposed(deployment, meant)
    todo = len(shown.of(Verdict.RESTORE)) + (len(shown.of(Verdict.REGISTERED)) if registered else 0)
    if not yes and (not todo or not deployment.talk.is_interactive):
        deployment.talk.say("以上仅为预览；加 --yes 执行。", "This only shows what would be done; say --yes to do it.")
        deployment.talk.result({"dry_run": True} | _facts(shown))
        return
    if not yes:
        deployment.talk.confirm(f"恢复以上 {todo} 项？", f"Restore these {todo} fields?")
    with deployment.talk.progress("撤销", "Taking back", len({one.record for one in shown.findings})) as steps:
        done = await take_back(
            deployment.store, deployment.sources, shown, by=by, close_registered=registered, progress=steps
        )
    deployment.means.announcer.announce(done.changed)
    _told(deployment.talk, done)
    counted = {name: getattr(done, name) for name in ("act", "restored", "records", "closed", "refused")}
    deployment.talk.result({"dry_run": False} | counted | _facts(shown))


async def _meant(
    deployment: Deployment,
    person: str | None,
    since: str | None,
    until: str | None,
    act: str | None,
    manager: str | None,
) -> tuple[Meant, UUID | None]:
    """Whose changes of which time are meant, and who decides. Raises Failure."""
    now = deployment.sources.now()
    origin = parse_id(act) if act else None
    async with deployment.store.read() as tx:
        by = (await deployment.person(tx, manager)).id if manager else None
        if origin is not None and person is None:
            return Meant(origin=origin.bytes), by
        if person is None or since is None or act is not None:
            raise Failure("undo_unclear", "say --staff and --since, or --act", "请指定 --staff 和 --since，或 --act")
        staff = (await deployment.person(tx, person)).id
    return Meant(moment_of(since, now), moment_of(until, now) if until else None, staff), by


async def _list(deployment: Deployment) -> None:
    async with deployment.store.read() as tx:
        found = await acts(tx)
        names = {one.id: one.name for one in await staff.everybody(tx)}
    headings = [
        ("时间", "When"),
        ("谁的修改", "Whose changes"),
        ("起始", "Since"),
        ("恢复", "Restored"),
        ("档案", "Records"),
        ("决定人", "By"),
        ("编号", "Id"),
    ]
    rows = [
        (
            when(one.at),
            names.get(one.staff) if one.staff else one.of,
            when(one.since) if one.staff else None,
            one.restored if one.restored is not None else deployment.talk.either("已中断", "interrupted"),
            one.records,
            names.get(one.by) if one.by else None,
            one.id,
        )
        for one in found
    ]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"acts": found})


def _tell(talk: Talk, shown: Shown, everything: bool) -> None:
    headings = [
        ("档案", "Record"),
        ("内容", "Field"),
        ("现在", "Now"),
        ("恢复为", "Back to"),
        ("结果", "What becomes of it"),
    ]
    most = None if everything else 40
    rows = [
        (
            one.label,
            talk.either(*field_of(one)),
            _value(one.now),
            _value(one.back_to),
            talk.either(*VERDICTS[one.verdict]),
        )
        for one in shown.findings[:most]
    ]
    talk.table(headings, rows)
    if len(rows) < len(shown.findings):
        rest = len(shown.findings) - len(rows)
        talk.say(f"……另有 {rest} 项，加 --all 全部列出。", f"... and {rest} more; --all lists them.")
    for verdict, (zh, en) in VERDICTS.items():
        count = len(shown.of(verdict))
        if count:
            talk.say(f"{zh}：{count}", f"{en}: {count}")
    if shown.dark:
        talk.say(
            f"该时段有 {shown.dark} 条日志的内容已按令移除，无法查看。",
            f"{shown.dark} journal entries of that time have had their content removed, and could not be looked at.",
        )


async def _tell_proposed(deployment: Deployment, meant: Meant) -> None:
    async with deployment.store.read() as tx:
        waiting = len(await proposals.listed(tx, staff=meant.staff)) if meant.staff is not None else 0
    if waiting:
        deployment.talk.say(
            f"此人另有 {waiting} 项修改待审批，见 saojie proposals list。",
            f"{waiting} changes that this person only proposed still wait; see `saojie proposals list`.",
        )


def _value(value: object) -> str:
    shown = plain(value)
    text = "" if shown is None else str(shown)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _facts(shown: Shown) -> dict[str, object]:
    meant = shown.meant
    named = ("record", "collection", "label", "field", "key", "now", "back_to", "verdict")
    return {
        "since": when(meant.since),
        "counts": {one.value: len(shown.of(one)) for one in Verdict},
        "dark": shown.dark,
        "fields": [{name: getattr(one, name) for name in named} for one in shown.findings],
    }


def _told(talk: Talk, done: Undone) -> None:
    talk.say(
        f"已恢复 {done.restored} 项，涉及 {done.records} 个档案；关闭 {done.closed} 个。撤销编号 {done.act}。",
        f"Restored {done.restored} fields of {done.records} records, closed {done.closed}. This act is {done.act}.",
    )
    for reason, count in done.refused.items():
        talk.say(
            f"{count} 项未被接受：{reason}（见 saojie refused）", f"{count} were refused: {reason} (saojie refused)"
        )
