"""`saojie import --kind deliveries|payments`: the dealer's books come in."""

from __future__ import annotations

from pathlib import Path

import msgspec

from server.cli.deployment import Deployment
from server.cli.talk import Talk
from server.field.arrivals import look
from server.field.books import Booked, import_book, map_book
from server.field.intake.book_headings import BOOKS
from server.field.intake.mapping import Mapping
from server.field.intake.rejects import reason_text, write_rejects
from server.field.intake.table import Table, read_table
from server.field.layouts import recall, remember

__all__ = ["BookWanted", "bring_books_in"]

_SHOWN = 5


class BookWanted(msgspec.Struct, frozen=True):
    """An import of the books that somebody asked for."""

    file: Path
    kind: str
    overrides: tuple[tuple[str, str], ...] = ()
    sheet: str | None = None
    rejects: Path | None = None
    dry_run: bool = False


async def bring_books_in(deployment: Deployment, wanted: BookWanted) -> dict[str, object]:
    """Import deliveries or payments and say what came of it. Raises IntakeError."""
    settings = deployment.settings
    ground = deployment.ground
    table = read_table(wanted.file, wanted.sheet, BOOKS[wanted.kind])
    remembered = await recall(deployment.store, wanted.kind, table.header)
    mapping = map_book(table, wanted.kind, wanted.overrides, remembered)
    _show_mapping(deployment.talk, mapping, wanted.kind)
    done = await import_book(deployment.store, ground, wanted.kind, table, mapping, dry_run=wanted.dry_run)
    if not wanted.dry_run:
        now = deployment.sources.now()
        await remember(deployment.store, wanted.kind, table.header, wanted.overrides, now)
    changed = done.changed if wanted.dry_run else done.changed | await look(deployment.store, ground)
    deployment.means.announcer.announce(changed)
    path = None
    if done.rejected and not wanted.dry_run:
        ending = ".xlsx" if table.kind == "xlsx" else ".csv"
        named = f"{wanted.file.stem}-{deployment.sources.now()}{ending}"
        path = _write(table, done, wanted.rejects or settings.home / "rejects" / named)
    _show(deployment.talk, done, path, dry_run=wanted.dry_run)
    counts = {"imported": done.imported, "amended": done.amended, "duplicates": done.duplicates}
    more = {
        "credit_beyond": done.beyond,
        "rejected": len(done.rejected),
        "rows": len(table.rows),
        "dry_run": wanted.dry_run,
    }
    return counts | more | {"rejects_file": str(path) if path else None}


def _show_mapping(talk: Talk, mapping: Mapping, kind: str) -> None:
    fields = BOOKS[kind].fields
    rows = [
        (one.heading, talk.either(fields[one.field].zh, fields[one.field].en) if one.field else "", one.how)
        for one in mapping.columns
    ]
    talk.table([("列", "Column"), ("字段", "Field"), ("依据", "Known by")], rows)


def _write(table: Table, done: Booked, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rejects(table, done.rejected, path)
    return path


def _show(talk: Talk, done: Booked, path: Path | None, *, dry_run: bool) -> None:
    zh, en = ("试运行，未写入：", "nothing is written: ") if dry_run else ("", "")
    talk.say(
        f"{zh}导入 {done.imported} 行，更正 {done.amended}，重复 {done.duplicates}，退回 {len(done.rejected)}",
        f"{en}{done.imported} rows imported, {done.amended} corrected, {done.duplicates} known, "
        f"{len(done.rejected)} come back",
    )
    if done.beyond:
        talk.say(
            f"账期超过约定：{done.beyond} 笔，见 saojie inbox list",
            f"credit that runs longer than agreed: {done.beyond} deliveries, see saojie inbox list",
        )
    for one in done.rejected[:_SHOWN]:
        talk.say(f"  第 {one.row} 行：{reason_text(one.reasons)}", f"  row {one.row}: {reason_text(one.reasons)}")
    if path is not None:
        talk.say(f"退回的行及原因：{path}", f"The rejected rows with their reasons: {path}")
