"""`saojie sheets`: a territory on paper, a copy for the company and one to carry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.field.sheets.printing import COPIES, sheets_of, sheets_page
from sync.errors import Refusal

__all__ = ["sheets"]


@click.command()
@click.argument("territory")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="存放目录 · Where."
)
@click.option("--by", "person", metavar="STAFF", help="打印人 · Who prints.")
@click.option("--for", "receiver", metavar="STAFF", help="由谁携带 · Who carries the copy.")
@acting
async def sheets(
    deployment: Deployment, territory: str, folder: Path, person: str | None, receiver: str | None
) -> None:
    """打印片区地图与档案（公司存档、个人携带两份），记入日志 · A territory's sheets for print; it is journalled."""
    async with deployment.store.read() as tx:
        place = await deployment.territory(tx, territory)
        by = await deployment.person(tx, person) if person else None
        whom = await deployment.person(tx, receiver) if receiver else None
    try:
        found = await sheets_of(
            deployment.store, deployment.sources, place,
            staff=by.id if by else None, receiver=whom.id if whom else None,
        )  # fmt: skip
    except Refusal as refusal:
        raise Failure(
            "export_refused", refusal.detail, "通知期或已离职人员不得导出，也不得为其导出；已记入日志"
        ) from None
    carrier = whom or by
    zone, name = deployment.settings.time_zone, carrier.name if carrier else ""
    copies = {copy: sheets_page(found, copy, zone=zone, carrier=name) for copy in COPIES}
    files = _write(folder, {f"sheets-{place.id.hex[-8:]}-{copy}.html": said for copy, said in copies.items()})
    deployment.talk.say(
        f"{len(found.shops)} 家，已记入日志：{'、'.join(files)}",
        f"{len(found.shops)} outlets are in {', '.join(files)}; it is journalled",
    )
    deployment.talk.result({"outlets": len(found.shops), "files": files})


def _write(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Write what only the person at this machine may read; the files' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        path = folder / name
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return [str(folder / name) for name in pages]
