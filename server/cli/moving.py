"""`saojie migrate-store`: the master store moves to another database, with phones in the field."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import rich_click as click

from server.cli.deployment import speaking
from server.cli.talk import Failure, Talk

if TYPE_CHECKING:
    from server.departure.means import Means
    from server.departure.relocating import Moved

__all__ = ["migrate_store"]


@click.command("migrate-store")
@click.option("--to", "to", help="目标数据库，须为空 · The database to move to, which has to be empty.")
@click.option("--cancel", is_flag=True, help="取消尚未完成的迁移 · Call off a move that is not settled.")
@click.option("--despite-faults", is_flag=True, help="连同已知问题一起迁移 · Take known faults along.")
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@speaking
def migrate_store(talk: Talk, to: str | None, *, cancel: bool, despite_faults: bool, yes: bool) -> None:
    """把主库迁到另一个数据库，手机照常使用 · Move the master store to another database, with phones in the field."""
    if cancel is (to is not None):
        raise Failure("option_missing", "say either --to or --cancel", "请在 --to 与 --cancel 中选择一个")
    if to is None:
        asyncio.run(_cancel(talk))
        return
    if not yes:
        talk.confirm(
            "迁移期间服务器不应答手机（手机稍后自动重试）。开始吗？",
            "While it runs the server turns phones away, and they come again by themselves. Begin?",
        )
    asyncio.run(_move(talk, to, despite_faults=despite_faults))


async def _cancel(talk: Talk) -> None:
    from server.departure.relocating import call_off

    means = _means()
    try:
        await call_off(means)
    finally:
        await means.store.close()
    talk.say("迁移已取消，数据库照常使用。", "The move is called off; the store goes on as before.")
    talk.result({"cancelled": True})


def _means() -> Means:
    from server.departure.means import means_of
    from server.settings import read_settings

    return means_of(read_settings(os.environ))


async def _move(talk: Talk, to: str, *, despite_faults: bool) -> None:
    from server.departure.relocating import count_rows, move
    from server.master.schema import check_schema
    from server.master.store import Store

    means, target = _means(), Store(_url(to))
    begun = time.monotonic()
    try:
        await check_schema(means.store)
        total = await count_rows(means.store)
        with talk.progress("复制", "Copying", total) as steps:
            done = 0

            def told(rows: int) -> None:
                nonlocal done
                done += rows
                steps(done)

            moved = await move(means, target, told, despite_faults=despite_faults)
    finally:
        await means.store.close()
        await target.close()
    _tell(talk, moved, time.monotonic() - begun)


def _url(to: str) -> str:
    from server import values

    try:
        return values.database(to)
    except values.Unfit as unfit:
        raise Failure("bad_setting", f"--to {unfit.en}", f"--to {unfit.zh}") from None


def _tell(talk: Talk, moved: Moved, seconds: float) -> None:
    rows = sum(moved.tables.values())
    if moved.is_again:
        talk.say(f"此前已迁移到 {moved.to}。", f"It was moved to {moved.to} before.")
    else:
        talk.say(
            f"{len(moved.tables)} 张表、{rows} 行已迁到 {moved.to} 并逐行核对，用时 {seconds:.1f} 秒。",
            f"{len(moved.tables)} tables with {rows} rows are in {moved.to}, compared row by row, in {seconds:.1f} s.",
        )
    talk.say(
        f'请在 settings.toml 中写入 database_url = "{moved.to}"（补上密码）并重新启动；原库已封存，不再提供服务。',
        f'Write database_url = "{moved.to}" into settings.toml (with the password) and start the server again; '
        "the old store is sealed and is never served again.",
    )
    talk.result(
        {
            "to": moved.to,
            "epoch": moved.epoch,
            "rows": rows,
            "tables": moved.tables,
            "seconds": round(seconds, 3),
            "is_again": moved.is_again,
        }
    )
