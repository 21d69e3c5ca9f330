"""`saojie personal`: what the company has of one person at an outlet, and removing it on request."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.departure.evidence.access import note_access
from server.field.personal.report import PersonalReport, found_by, report_on
from server.master.erasing import HeldError
from server.master.removing import carry_out

__all__ = ["personal"]


@click.group()
def personal() -> None:
    """个人信息：查阅与删除 · Personal data: access and deletion."""


@personal.command("report")
@click.argument("who", metavar="CONTACT|PHONE")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="写入网页或 .json · Write a page or .json.")
@click.option("--by", "manager", metavar="STAFF", help="经办人 · Who asks for it.")
@acting
async def report(deployment: Deployment, who: str, to: Path | None, manager: str | None) -> None:
    """公司保存的某人全部信息；查阅记入日志 · Everything that is held of one person; the access is journalled."""
    async with deployment.store.write() as tx:
        by = await deployment.person(tx, manager) if manager else None
        contacts = await found_by(tx, who, deployment.settings.phone_region)
        found = await report_on(tx, contacts)
        await note_access(
            tx, "personal_report", by.id if by else None, len(found.held), deployment.sources, contacts=contacts
        )
    if to is not None:
        text = _json(found) if to.suffix.lower() == ".json" else _page(found)
        await asyncio.to_thread(to.write_text, text, "utf-8")
    rows = [(name, count) for name, count in found.counts.items()]
    deployment.talk.table([("记录", "Records"), ("条数", "How many")], rows)
    deployment.talk.say(f"日志中另有 {found.entries} 条历史。", f"The journal has {found.entries} entries besides.")
    facts = {"contacts": found.contacts, "counts": found.counts, "held": found.held, "entries": found.entries}
    deployment.talk.result(facts)


def _json(found: PersonalReport) -> str:
    return msgspec.json.format(msgspec.json.encode(found, enc_hook=str)).decode()


def _page(found: PersonalReport) -> str:
    """A page that needs no network and carries no script."""
    parts = [
        f"<h2>{html.escape(one.collection)} {one.record}</h2><table>{''.join(map(_row, one.fields.items()))}</table>"
        for one in found.held
    ]
    head = '<!doctype html><html lang="zh"><meta charset="utf-8"><title>个人信息 · Personal data</title>'
    style = "<style>body{font-family:sans-serif;margin:2em}td{padding:.2em 1em;border-bottom:1px solid #ddd}</style>"
    return f"{head}{style}<h1>个人信息 · Personal data</h1>{''.join(parts)}</html>"


def _row(field: tuple[str, Any]) -> str:
    name, value = field
    return f"<tr><td>{html.escape(name)}</td><td>{html.escape('' if value is None else str(value))}</td></tr>"


@personal.command("delete")
@click.argument("who", metavar="CONTACT|PHONE")
@click.option("--reason", required=True, help="原因，记入日志 · Why; it is journalled.")
@click.option("--by", "manager", required=True, metavar="STAFF", help="下令的经理 · The manager whose order it is.")
@click.option("--yes", is_flag=True, help="不再询问 · Do not ask.")
@acting
async def delete(deployment: Deployment, who: str, reason: str, manager: str, yes: bool) -> None:
    """从档案、手机和历史中删除某人 · Take a person out of the archive, the phones and the history."""
    store, talk = deployment.store, deployment.talk
    async with store.read() as tx:
        by = await deployment.person(tx, manager)
        contacts = await found_by(tx, who, deployment.settings.phone_region)
        before = await report_on(tx, contacts)
    people = "、".join(str(one.fields["name"]) for one in before.held if one.collection == "contact")
    if not yes:
        talk.confirm(
            f"将删除 {people} 的 {len(before.held)} 条记录，无法恢复。继续吗？",
            f"{len(before.held)} records of {people} go, and cannot be brought back. Go on?",
        )
    removed = [await _removed(deployment, one, reason, by.id) for one in contacts]
    is_clear = await store.scrub()
    async with store.read() as tx:
        left = await report_on(tx, contacts)
    talk.say(
        f"已删除。仍保留 {len(left.held)} 条：{_said(left)}（公司自己的业务记录）。备份请按期限处理。",
        f"Removed. {len(left.held)} records stay: {_said(left)} (the company's own business). "
        "See to backups as they expire.",
    )
    facts = {"contacts": contacts, "removed": removed, "before": before.counts, "left": left.counts}
    talk.result(facts | {"files_clear": is_clear})


async def _removed(deployment: Deployment, contact: UUID, reason: str, by: UUID) -> object:
    means = deployment.means
    try:
        done, changed = await carry_out(deployment.store, means.photos, contact, reason, by, means.sources, keep=False)
    except HeldError as error:
        raise Failure(
            "held",
            f"{error}; nothing was removed. See `saojie journal hold list`",
            f"有 {len(error.holds)} 项保全，未删除任何内容；请查看 saojie journal hold list",
        ) from error
    means.announcer.announce(changed)
    return done


def _said(found: PersonalReport) -> str:
    return "、".join(f"{name} {count}" for name, count in found.counts.items()) or "0"
