"""`/import`: a customer list becomes outlets."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.imports.drafts import MOST_BYTES, Grid, Standing, begin, drop, find, gridded, keep, listed
from server.console.imports.looking import (
    Looked,
    as_imported,
    columns_said,
    look,
    mended_cells,
    sentence,
    unfit,
)
from server.console.outlets.editing import DATUMS
from server.console.rights import ARCHIVE
from server.departure.evidence.access import note_access
from server.field.intake.headings import FIELDS
from server.field.intake.reasons import IntakeError, Reason
from server.identity import staff
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.values import Unfit
from sync.ids import parse_id

__all__ = ["ROUTES"]

_CELL = re.compile(r"c-(\d{1,7})-(\d{1,3})")
_COLUMN = re.compile(r"column-(\d{1,3})")
_SET_UP = {"yes": True, "no": False}


@get("/import", opt=opened_to(ARCHIVE))
async def imports(request: AnyRequest) -> ASGIApp:
    """Where a list is uploaded, and which lists are on their way."""
    return await shown(request, _imports)


async def _imports(view: View) -> Page:
    async with view.store.read() as tx:
        found = await listed(tx)
        people = {one.id: one.name for one in await staff.everybody(tx)}
    return Page("imports.html", {"lists": found, "people": people, "most": MOST_BYTES >> 20})


@post("/import", opt=opened_to(ARCHIVE), request_max_body_size=MOST_BYTES + (1 << 20))
async def upload(request: AnyRequest) -> ASGIApp:
    """A file comes in; nothing is imported yet."""
    return await acted(request, _upload, _imports)


async def _upload(view: View) -> Done:
    file = view.form.upload("file")
    if file is None:
        raise Unfit("choose a file first (.xlsx or .csv)", "请先选择文件（.xlsx 或 .csv）")
    data = await file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unfit(
            f"the file is larger than {MOST_BYTES >> 20} MiB: split it", f"文件超过 {MOST_BYTES >> 20} MiB，请拆分"
        )
    try:
        grid = await asyncio.to_thread(gridded, data)
    except IntakeError as error:
        raise unfit(error) from error
    async with view.store.write() as tx:
        made = await begin(tx, view.sources, view.viewer.person, file.filename, data, grid)
    return Done(f"/import/{made}", "文件已读入，尚未导入任何内容。", "The file was read; nothing is imported yet.")


@get("/import/{record:uuid}", opt=opened_to(ARCHIVE))
async def one(request: AnyRequest, record: FromPath[UUID]) -> ASGIApp:
    """A list as it stands, and what importing it would come to."""
    return await shown(request, partial(_one, record=record))


async def _one(view: View, record: UUID) -> Page:
    page = view.query.get("page", "0")
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
    found = await look(
        view.store, ground, record, int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 0
    )
    async with view.store.write() as tx:
        who = view.viewer.person.id
        await note_access(tx, "import_preview", who, len(found.bad) + len(found.new), view.sources, list=record)
    return Page("import.html", {"found": found} | _words(view, found))


def _words(view: View, found: Looked) -> dict[str, Any]:
    def said(reason: Reason) -> str:
        return view.viewer.say(*sentence(reason))

    fields = [(name, view.viewer.say(field.zh, field.en)) for name, field in FIELDS.items() if name != "ignored"]
    wrong = view.viewer.say(*found.wrong) if found.wrong is not None else None
    return {"said_of": said, "fields": fields, "datums": list(DATUMS.items()), "wrong": wrong}


@post("/import/{record:uuid}/columns", opt=opened_to(ARCHIVE))
async def columns(request: AnyRequest, record: FromPath[UUID]) -> ASGIApp:
    """What a column means, where rows go, in which datum positions are."""
    return await acted(request, partial(_columns, record=record), partial(_one, record=record))


async def _columns(view: View, record: UUID) -> Done:
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
    found = await look(view.store, ground, record)
    typed = {int(at[1]): view.form.text(at[0]) for name in view.form.names() if (at := _COLUMN.fullmatch(name))}
    datum, sheet = view.form.text("datum"), view.form.text("sheet") or found.standing.said.sheet
    changes = {
        "columns": columns_said(found, typed),
        "sheet": sheet,
        "datum": datum if datum in DATUMS else found.standing.said.datum,
        "territory": parse_id(view.form.text("territory")),
        "is_set_up": _SET_UP.get(view.form.text("set_up")),
    }
    await _keep(view, record, changes, await _other_sheet(found.standing, sheet))
    return Done(f"/import/{record}", "已按新的设置重新检查。", "Checked again as you said.")


async def _other_sheet(standing: Standing, sheet: str) -> Grid | None:
    """The sheet that was chosen in place of the one that is there. Raises Unfit."""
    if sheet == standing.said.sheet:
        return None
    try:
        return await asyncio.to_thread(gridded, standing.file, sheet or None)
    except IntakeError as error:
        raise unfit(error) from error


async def _keep(view: View, record: UUID, changes: dict[str, Any], grid: Grid | None = None) -> None:
    async with view.store.write() as tx:
        await keep(tx, view.sources, record, view.form.revision(), changes, grid)


@post("/import/{record:uuid}/rows", opt=opened_to(ARCHIVE))
async def rows(request: AnyRequest, record: FromPath[UUID]) -> ASGIApp:
    """Rows that were mended in the page are checked again."""
    return await acted(request, partial(_rows, record=record), partial(_one, record=record))


async def _rows(view: View, record: UUID) -> Done:
    async with view.store.read() as tx:
        standing: Standing = await find(tx, record)
    typed = {
        (int(at[1]), int(at[2])): view.form.text(at[0]) for name in view.form.names() if (at := _CELL.fullmatch(name))
    }
    before = len(standing.said.mended)
    mended = mended_cells(standing, typed)
    await _keep(view, record, {"mended": mended})
    count = len(mended) - before
    return Done(
        f"/import/{record}#bad", f"已重新检查，新改了 {count} 行。", f"Checked again; {count} more rows were mended."
    )


@post("/import/{record:uuid}/import", opt=opened_to(ARCHIVE))
async def bring(request: AnyRequest, record: FromPath[UUID]) -> ASGIApp:
    """Import the list: what is good is in, what is not stays to be mended."""
    return await acted(request, partial(_bring, record=record), partial(_one, record=record))


async def _bring(view: View, record: UUID) -> Done:
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
    brought = await as_imported(view.store, ground, view.viewer.person, record, view.form.revision())
    view.announce(brought.changed)
    told = brought.imported.tally
    return Done(
        f"/import/{record}",
        f"导入 {told.imported} 家，更新 {told.updated} 家，重复 {told.duplicates} 行，退回 {told.rejected} 行。",
        f"Imported {told.imported}, updated {told.updated}, {told.duplicates} duplicates, {told.rejected} came back.",
    )


@post("/import/{record:uuid}/discard", opt=opened_to(ARCHIVE))
async def discard(request: AnyRequest, record: FromPath[UUID]) -> ASGIApp:
    """Put a list aside; what was imported of it stays."""
    return await acted(request, partial(_discard, record=record), partial(_one, record=record))


async def _discard(view: View, record: UUID) -> Done:
    async with view.store.write() as tx:
        await drop(tx, view.sources, view.viewer.person.id, record, view.form.revision())
    return Done("/import", "名单已移出；已导入的内容保留。", "The list was put aside; what was imported stays.")


ROUTES: tuple[HTTPRouteHandler, ...] = (imports, upload, one, columns, rows, bring, discard)
