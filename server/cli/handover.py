"""`saojie handover`: the sheet that whoever follows gets, on the screen or to print."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.departure.leaving.handover import handover_of
from server.departure.leaving.handover_page import page_of, text_of

__all__ = ["handover"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def handover() -> None:
    """客户移交清单 · The handover list of somebody who leaves."""


@handover.command("show")
@click.argument("person", metavar="STAFF")
@click.option(
    "--html",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="另存为可打印的网页 · Write it as a page to print.",
)
@click.option("--by", "manager", metavar="STAFF", help="查看人 · Who looks.")
@acting
async def show(deployment: Deployment, person: str, file: Path | None, manager: str | None) -> None:
    """查看移交清单，重点终端在前，记入日志 · Show the list, key outlets first; it is journalled."""
    async with deployment.store.write() as tx:
        who = await deployment.person(tx, person)
        by = await deployment.person(tx, manager) if manager else None
        found = await handover_of(tx, who.id, deployment.sources, by.id if by else None)
    zone = deployment.settings.time_zone
    if file is not None:
        _write(file, page_of(found, zone))
        deployment.talk.say(f"已写入 {file}", f"It is in {file}")
    else:
        deployment.talk.raw(text_of(found, zone))
    entries = [{"outlet": one.known.outlet, "successor": one.successor, "known": one.shown} for one in found.entries]
    deployment.talk.result({"staff": who.id, "at": found.at, "outlets": entries, "file": str(file) if file else None})


def _write(file: Path, page: str) -> None:
    file.write_text(page, "utf-8")
