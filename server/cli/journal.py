"""`saojie journal` and `saojie audit`: whether the journal is as it was written, and the store as the journal says."""

from __future__ import annotations

import sys

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Talk
from server.master.flaws import Flaw

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
