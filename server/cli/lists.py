"""`saojie import` and `saojie export`: a dealer's list comes in, and the outlets go out as one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec
import rich_click as click

from server.cli.books import BookWanted, bring_books_in
from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure, Talk
from server.field.bringing_in import OUTLETS, Placing, Wish
from server.field.bringing_in import bring_in as into_store
from server.field.imports import Imported
from server.field.intake.companions import Companions, read_companions
from server.field.intake.headings import FIELDS
from server.field.intake.mapping import parse_override
from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import Prepared, prepare_table
from server.field.intake.rejects import reason_text, write_rejects
from server.field.intake.table import read_table
from server.field.layouts import recall
from server.field.set_up import SetUp
from sync.errors import Refusal
from sync.positions import Datum
from sync.records import Grade, OutletStatus, Review

__all__ = ["Wanted", "bring_in", "export", "import_"]

_SHOWN = 5


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([OUTLETS, "deliveries", "payments"]),
    default=OUTLETS,
    show_default=True,
    help="客户、送货、收款 · What the file lists.",
)
@click.option("--dry-run", is_flag=True, help="送货、收款：只看结果不写入 · Deliveries, payments: write nothing.")
@click.option("--territory", help="未注明片区的行归入 · For rows that name no territory.")
@click.option("--region", help="号码所在国家，如 CN、FI · The phones' country, such as CN or FI.")
@click.option(
    "--map",
    "overrides",
    multiple=True,
    metavar="列名=字段",
    help="指定某列的含义，同样表头的文件下次不必再指定 · HEADING=FIELD, what a column means; remembered.",
)
@click.option("--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), default="wgs84", show_default=True)
@click.option("--sheet", help="工作表名 · The sheet with the customers.")
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="退回行另存为 · Where rejected rows go."
)
@click.option(
    "--set-up/--outlets-only",
    "is_set_up",
    default=None,
    help="新增表中的片区、人员、产品 · Add the file's territories, people, products (default at first).",
)
@acting
async def import_(
    deployment: Deployment,
    *,
    file: Path,
    kind: str,
    dry_run: bool,
    territory: str | None,
    region: str | None,
    overrides: tuple[str, ...],
    datum: Datum,
    sheet: str | None,
    rejects: Path | None,
    is_set_up: bool | None,
) -> None:
    """导入客户表（.xlsx、.csv） · Import a customer list (.xlsx, .csv)."""
    if kind != OUTLETS:
        book = BookWanted(file, kind, tuple(map(parse_override, overrides)), sheet, rejects, dry_run)
        deployment.talk.result(await bring_books_in(deployment, book))
        return
    wanted = Wanted(file, region, datum, tuple(map(parse_override, overrides)), sheet, territory, rejects, is_set_up)
    deployment.talk.result(await bring_in(deployment, wanted))


class Wanted(msgspec.Struct, frozen=True):
    """An import that somebody asked for: which file, how it is read, where its rows and its rejects go."""

    file: Path
    region: str | None = None
    datum: Datum = "wgs84"
    overrides: tuple[tuple[str, str], ...] = ()
    sheet: str | None = None
    territory: str | None = None
    rejects: Path | None = None
    is_set_up: bool | None = None


async def bring_in(deployment: Deployment, wanted: Wanted) -> dict[str, object]:
    """Import a list and say what came of it: the object that the command ends with. Raises IntakeError, Failure."""
    talk = deployment.talk
    settings = ListSettings(region=wanted.region or deployment.settings.phone_region, datum=wanted.datum)
    with talk.progress("读取", "Reading", None) as steps:
        table = read_table(wanted.file, wanted.sheet)
        remembered = await recall(deployment.store, OUTLETS, table.header)
        prepared = prepare_table(table, settings, wanted.overrides, remembered, steps)
    _show_mapping(talk, prepared)
    listed = read_companions(wanted.file, settings.region) if table.kind == "xlsx" else Companions()
    place = await _place(deployment, wanted.territory)
    with talk.progress("写入", "Writing", len(prepared.harvest.drafts)) as steps:
        wish = Wish(wanted.file.name, None, place, wanted.is_set_up, wanted.overrides)
        tell = partial(_tell_rest, talk)
        brought = await into_store(deployment.store, deployment.ground, prepared, listed, wish, steps, tell)
    added, done = brought.added, brought.imported
    deployment.means.announcer.announce(brought.changed)
    path = _write_rejects(prepared, done, wanted.rejects or _rejects_of(deployment, wanted.file))
    _show(talk, done, added, path)
    rows = {"rows": len(prepared.table.rows), "questions": done.questions, "remarks": len(prepared.harvest.remarks)}
    rows |= {"credit_beyond": done.beyond}
    new = {"territories": added.territories, "pools": added.pools, "staff": added.staff, "products": added.products}
    told = {"added": new, "rejects_file": str(path) if path else None}
    return rows | told | msgspec.structs.asdict(done.tally)


def _show_mapping(talk: Talk, prepared: Prepared) -> None:
    rows = [
        (
            column.heading,
            talk.either(FIELDS[column.field].zh, FIELDS[column.field].en) if column.field else "",
            column.how,
            " | ".join(column.samples),
        )
        for column in prepared.mapping.columns
    ]
    talk.table([("列", "Column"), ("字段", "Field"), ("依据", "Known by"), ("样例", "Samples")], rows)


async def _place(deployment: Deployment, territory: str | None) -> UUID | None:
    """The territory that somebody named for rows without one."""
    if territory is None:
        return None
    async with deployment.store.read() as tx:
        return (await deployment.territory(tx, territory)).id


def _tell_rest(talk: Talk, rest: Placing) -> None:
    if rest.pool:
        talk.say(
            f"未注明片区的行归入公海“{rest.pool}”（可用 --territory 指定片区）",
            f"Rows that name no territory go to the pool {rest.pool} (or name one with --territory)",
        )


def _rejects_of(deployment: Deployment, file: Path) -> Path:
    """Where the rows of a list go that come back, unless somebody names a file."""
    kind = ".xlsx" if file.suffix.lower() == ".xlsx" else ".csv"
    return deployment.settings.home / "rejects" / f"{file.stem}-{deployment.sources.now()}{kind}"


def _write_rejects(prepared: Prepared, done: Imported, path: Path) -> Path | None:
    if not done.rejected:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rejects(prepared.table, done.rejected, path)
    return path


def _show(talk: Talk, done: Imported, added: SetUp, path: Path | None) -> None:
    if added.territories or added.pools or added.staff or added.products:
        talk.say(
            f"新增片区 {len(added.territories)}，公海 {len(added.pools)}，"
            f"人员 {len(added.staff)}，产品 {added.products}",
            f"Added: {len(added.territories)} territories, {len(added.pools)} pools, {len(added.staff)} people, "
            f"{added.products} products",
        )
    tally = done.tally
    talk.say(
        f"导入 {tally.imported}，更新 {tally.updated}，重复 {tally.duplicates}，退回 {tally.rejected}；"
        f"待确认是否同一家店 {done.questions}",
        f"imported {tally.imported}, updated {tally.updated}, duplicates {tally.duplicates}, "
        f"rejected {tally.rejected}; {done.questions} questions whether two are one",
    )
    if done.beyond:
        talk.say(
            f"账期超过上限、已按上限导入：{done.beyond} 家，见 saojie inbox list",
            f"credit beyond what may be given, taken as that: {done.beyond} outlets, see saojie inbox list",
        )
    for one in done.rejected[:_SHOWN]:
        talk.say(f"  第 {one.row} 行：{reason_text(one.reasons)}", f"  row {one.row}: {reason_text(one.reasons)}")
    if path is not None:
        talk.say(f"退回的行及原因：{path}", f"The rejected rows with their reasons: {path}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--territory", "places", multiple=True, help="只导出此片区 · Only of this territory.")
@click.option("--rep", "owner", metavar="STAFF", help="只导出此人负责的片区 · Of the territories that this rep owns.")
@click.option("--class", "outlet_class", metavar="CODE", help="只导出此类别 · Of this class.")
@click.option("--grade", type=click.Choice([one.value for one in Grade]), help="只导出此等级 · Of this grade.")
@click.option(
    "--status", type=click.Choice([one.value for one in OutletStatus]), help="只导出此状态 · With this status."
)
@click.option("--review", type=click.Choice([one.value for one in Review]), help="只导出此审核结果 · With this review.")
@click.option("--by", "person", metavar="STAFF", help="导出人 · Who exports.")
@click.option("--for", "receiver", metavar="STAFF", help="为谁导出 · For whom.")
@acting
async def export(
    deployment: Deployment,
    *,
    file: Path,
    places: Sequence[str],
    owner: str | None,
    outlet_class: str | None,
    grade: str | None,
    status: str | None,
    review: str | None,
    person: str | None,
    receiver: str | None,
) -> None:
    """导出客户一览表（.xlsx、.csv、.html），记入日志 · Export the customer list; it is journalled."""
    from server.field.export import Chosen, export_outlets, write_list

    if file.suffix.lower() not in {".xlsx", ".csv", ".html"}:
        raise Failure(
            "format_unknown", "name a file that ends in .xlsx, .csv or .html", "文件名须以 .xlsx、.csv 或 .html 结尾"
        )
    async with deployment.store.read() as tx:
        wanted = Chosen(
            tuple([(await deployment.territory(tx, one)).id for one in places]),
            (await deployment.person(tx, owner)).id if owner else None,
            outlet_class,
            Grade(grade) if grade else None,
            OutletStatus(status) if status else None,
            Review(review) if review else None,
        )
        by = (await deployment.person(tx, person)).id if person else None
        whom = (await deployment.person(tx, receiver)).id if receiver else None
    try:
        lines = await export_outlets(deployment.store, deployment.sources, wanted, by, whom)
    except Refusal as refusal:
        raise Failure(
            "export_refused", refusal.detail, "通知期或已离职人员不得导出，也不得为其导出；已记入日志"
        ) from None
    write_list(lines, file)
    deployment.talk.say(
        f"已导出 {len(lines)} 家，已记入日志：{file}", f"{len(lines)} outlets are in {file}; it is journalled"
    )
    deployment.talk.result({"outlets": len(lines), "file": str(file)})
