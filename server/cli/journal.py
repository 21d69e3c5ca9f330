"""`saojie journal` and `saojie audit`: whether the journal is as it was written, and the store as the journal says."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from uuid import UUID

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, Talk, when
from server.master.actors import Authority
from server.master.flaws import Flaw
from server.master.holds import Hold
from server.master.store import Tx
from sync.ids import parse_id

__all__ = ["audit", "journal"]


@click.group()
def journal() -> None:
    """日志：校验、保全、删除个人信息 · The journal: verify it, hold it, remove personal data."""


@journal.command("verify")
@acting
async def verify_journal(deployment: Deployment) -> None:
    """校验整个日志；有问题时退出码为 1 · Verify the whole journal; exit code 1 where anything is found."""
    from server.master.timestamps import anchor_of
    from server.master.verify import verify

    async with deployment.store.read() as tx:
        pinned = deployment.means.keys.signing_public
        found = await verify(tx, pinned, anchor=anchor_of(deployment.settings))
    talk = deployment.talk
    talk.say(
        f"{found.scopes} 个范围、{found.entries} 条日志；按令删除 {found.erased} 条；"
        f"{found.checkpoints} 个检查点、{found.anchors} 个时间戳。",
        f"{found.scopes} scopes, {found.entries} entries, of which orders removed {found.erased} bodies; "
        f"{found.checkpoints} checkpoints, {found.anchors} time stamps.",
    )
    if found.is_sound:
        talk.say("日志完好。", "The journal is sound.")
    else:
        talk.say(f"发现 {found.found} 处问题：", f"{found.found} findings:")
        _show(talk, found.flaws)
    talk.result(
        {
            "sound": found.is_sound,
            "scopes": found.scopes,
            "entries": found.entries,
            "erased": found.erased,
            "checkpoints": found.checkpoints,
            "anchors": found.anchors,
            "found": found.found,
            "flaws": [_plain(one) for one in found.flaws],
        }
    )
    if not found.is_sound:
        sys.exit(1)


def _show(talk: Talk, flaws: tuple[Flaw, ...]) -> None:
    headings = [("范围", "Scope"), ("位置", "Position"), ("问题", "Finding"), ("细节", "Detail")]
    rows = [(one.scope, one.position, talk.either(one.zh, one.en), one.detail) for one in flaws]
    talk.table(headings, rows)


def _plain(one: Flaw) -> dict[str, object]:
    return {
        "code": one.code, "scope": one.scope, "position": one.position, "detail": one.detail, "en": one.en, "zh": one.zh
    }  # fmt: skip


@click.command()
@acting
async def audit(deployment: Deployment) -> None:
    """检查数据库自身是否一致，有问题时退出码为 1 · Hold the store against itself; exit code 1 on findings."""
    from server.master.audit import audit as found_in

    async with deployment.store.read() as tx:
        found = await found_in(tx)
    talk = deployment.talk
    if not found:
        talk.say("数据库一致。", "The store is as it was written.")
    else:
        rows = [(one.scope, talk.either(one.zh, one.what)) for one in found]
        talk.table([("范围", "Scope"), ("问题", "Finding")], rows)
    talk.result({"sound": not found, "faults": found})
    if found:
        sys.exit(1)


@journal.command("erase")
@click.option(
    "--record", "typed", required=True, metavar="ID", help="终端或联系人编号 · A contact's or an outlet's id."
)
@click.option("--reason", required=True, help="原因，记入日志 · Why; it is journalled.")
@click.option("--by", "manager", required=True, metavar="STAFF", help="下令的经理 · The manager whose order it is.")
@click.option(
    "--keep", is_flag=True, help="只删除历史，保留现有档案 · Remove the history; what the archive says now stays."
)
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@acting
async def erase_record(deployment: Deployment, typed: str, reason: str, manager: str, keep: bool, yes: bool) -> None:
    """按令删除个人信息；日志仍可校验 · Remove personal data by order; the journal still verifies."""
    from server.master.erasing import HeldError
    from server.master.removing import carry_out

    store, talk, means = deployment.store, deployment.talk, deployment.means
    record = _record(typed)
    async with store.read() as tx:
        by = await _manager(deployment, tx, manager)
    if not yes:
        talk.confirm("删除后无法恢复。继续吗？", "What is removed cannot be brought back. Go on?")
    try:
        done, changed = await carry_out(store, means.photos, record, reason, by, means.sources, keep=keep)
    except HeldError as error:
        raise _held(error.holds) from error
    means.announcer.announce(changed)
    is_clear = await store.scrub()
    others = done.dead_letters + done.quarantine + done.conflicts
    talk.say(
        f"已从 {done.entries} 条日志及其他 {others} 处删除；删除令已记入日志。",
        f"Removed from {done.entries} entries of the journal and {others} other places; the order is in the journal.",
    )
    if not is_clear:
        talk.say(
            "数据库文件中可能仍有旧数据页：SQLite 请在没有读取时重试，PostgreSQL 请运行 VACUUM FULL。",
            "The database's files may still hold old pages: on SQLite run it again when nobody reads; "
            "on PostgreSQL run VACUUM FULL.",
        )
    talk.say("备份中仍有旧数据，请按备份期限处理。", "Backups still hold it; see to them as they expire.")
    talk.result({"record": record, "removed": done, "files_clear": is_clear})


@journal.group("hold")
def hold() -> None:
    """依法保全：期间不得删除 · Legal holds: while one stands, nothing that it concerns is removed."""


@hold.command("add")
@click.option("--record", "typed", metavar="ID", help="终端或联系人编号 · A contact's or an outlet's id.")
@click.option("--staff", "person", metavar="STAFF", help="该人员所写的内容 · What this person wrote.")
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--by", "manager", required=True, metavar="STAFF", help="下令的经理 · The manager who places it.")
@acting
async def add_hold(deployment: Deployment, typed: str | None, person: str | None, reason: str, manager: str) -> None:
    """设置保全 · Place a hold on a record, or on what a person wrote."""
    from server.master import holds

    async with deployment.store.write() as tx:
        by = await _manager(deployment, tx, manager)
        staff = (await deployment.person(tx, person)).id if person else None
        record = _record(typed) if typed else None
        made = await holds.place(tx, reason, by, deployment.sources, record=record, staff=staff)
    deployment.talk.say("已设置保全。", "The hold stands.")
    deployment.talk.result(made)


@hold.command("list")
@click.option("--all", "everything", is_flag=True, help="包括已解除的 · Those that were lifted as well.")
@acting
async def list_holds(deployment: Deployment, everything: bool) -> None:
    """列出保全 · List the holds."""
    from server.master import holds

    async with deployment.store.read() as tx:
        found = await holds.listed(tx, everything=everything)
    headings = [
        ("记录", "Record"),
        ("人员", "Person"),
        ("原因", "Reason"),
        ("始于", "Since"),
        ("解除", "Lifted"),
        ("编号", "Id"),
    ]
    rows = [(one.record, one.staff, one.reason, when(one.placed_at), one.lifted_reason, one.id) for one in found]
    deployment.talk.table(headings, rows)
    deployment.talk.result({"holds": found})


@hold.command("lift")
@click.argument("typed", metavar="HOLD")
@click.option("--reason", required=True, help="原因 · Why.")
@click.option("--by", "manager", required=True, metavar="STAFF", help="下令的经理 · The manager who lifts it.")
@acting
async def lift_hold(deployment: Deployment, typed: str, reason: str, manager: str) -> None:
    """解除保全 · Lift a hold."""
    from server.master import holds

    async with deployment.store.write() as tx:
        by = await _manager(deployment, tx, manager)
        await holds.lift(tx, _record(typed), reason, by, deployment.sources)
    deployment.talk.say("已解除保全。", "The hold is lifted.")
    deployment.talk.result({"hold": typed, "lifted": True})


def _record(typed: str) -> UUID:
    found = parse_id(typed)
    if found is None:
        raise Failure("bad_value", f"{typed} is no id", f"“{typed}”不是编号")
    return found


async def _manager(deployment: Deployment, tx: Tx, typed: str) -> UUID:
    person = await deployment.person(tx, typed)
    if person.role.authority is not Authority.MANAGER or not person.is_active:
        raise Failure(
            "not_yours", f"{person.name} is no manager; only a manager orders this", f"{person.name}不是经理，无权下令"
        )
    return person.id


def _held(holds: Sequence[Hold]) -> Failure:
    why = "; ".join(f"{one.reason} ({one.id})" for one in holds)
    return Failure(
        "legal_hold",
        f"a legal hold stands: {why}; nothing was removed. See `saojie journal hold list`",
        f"处于依法保全中：{why}；未删除任何内容。请查看 saojie journal hold list",
    )
