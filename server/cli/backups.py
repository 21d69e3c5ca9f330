"""`saojie backup` and `saojie restore`: one folder with all that a deployment is, taken while its server runs."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import rich_click as click

from server.cli.deployment import ADDRESS_FILE, Deployment, acting, speaking
from server.cli.talk import Failure, Talk

if TYPE_CHECKING:
    from server.cli.saving import Manifest
    from server.settings import Settings

__all__ = ["backup", "restore"]

_LOOK_S = 2.0


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@acting
async def backup(deployment: Deployment, folder: Path) -> None:
    """备份整个部署，服务器可照常运行 · Back the whole deployment up, while its server runs."""
    from server.cli.saving import save
    from server.master.journal import Note, note
    from sync.scopes import COMPANY

    company, talk, now = (await deployment.founded()).company, deployment.talk, deployment.sources.now()
    async with deployment.store.write() as tx:
        await note(tx, [Note(COMPANY, "backed_up", {"at": now})], now, deployment.sources.random)
    made = await asyncio.to_thread(save, deployment.settings, folder, company, now)
    talk.say(f"已备份 {len(made.files)} 个文件到 {folder}。", f"{len(made.files)} files are backed up to {folder}.")
    if not made.has_database:
        talk.say(
            "PostgreSQL 数据库请用其自带工具备份（pg_dump 等）。",
            "Back the PostgreSQL database up with its own tools (pg_dump, say).",
        )
    talk.say("备份含有公司密钥，请加密保管。", "It holds the company's keys: keep it encrypted.")
    talk.result(_facts(folder, made))


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@speaking
def restore(talk: Talk, folder: Path, *, yes: bool) -> None:
    """用备份恢复部署，须先停止服务器 · Put a backup back; the server has to be stopped."""
    from server.cli.saving import load
    from server.settings import read_settings

    settings = read_settings(os.environ)
    if _is_running(settings):
        raise Failure("server_running", "stop the server first", "请先停止服务器")
    if not yes:
        talk.confirm(
            f"{settings.home} 的数据库将换成备份中的数据库。继续？",
            f"The database in {settings.home} gives way to that of the backup. Go on?",
        )
    found, aside = load(settings, folder)
    talk.say(
        "已恢复。现有密钥和离职文件保持不变。", "It is back. Keys and departures file that were there are as they were."
    )
    if aside is not None:
        talk.say(f"原数据库在 {aside}。", f"The database that was there is in {aside}.")
    talk.say(
        "请启动服务器：离职会重新执行，手机会补传缺失的内容。",
        "Start the server: departures are applied again, and phones send again what the backup lacks.",
    )
    talk.result(_facts(folder, found) | {"replaced": None if aside is None else str(aside)})


def _facts(folder: Path, found: Manifest) -> dict[str, object]:
    return {"folder": str(folder), "at": found.at, "files": len(found.files), "database": found.has_database}


def _is_running(settings: Settings) -> bool:
    """Whether something answers where the server was last."""
    try:
        at = urlsplit((settings.home / ADDRESS_FILE).read_text("utf-8").strip())
        with socket.create_connection((at.hostname or "", at.port or 0), _LOOK_S):
            return True
    except (OSError, ValueError):
        return False
