"""Taking outlets out of the store as a list that can be imported again. Every export is in the journal before a line
of it leaves.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import Row, select

from server.field.outgoing import hand_out
from server.field.pages import list_page
from server.field.workbooks import Sheet, workbook
from server.identity.rosters import teams
from server.identity.territories import all_pools, all_territories
from server.master.scoping import numbers
from server.master.store import Store, Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.records import Grade, OutletStatus, Review
from sync.words import STATUSES

__all__ = ["HEADINGS", "Chosen", "export_outlets", "list_book", "write_list"]

HEADINGS = (
    "客户编码", "店名", "终端类型", "等级", "合作状态", "地址", "纬度", "经度", "坐标系", "联系电话", "联系人",
    "联系人电话", "营业时间", "合作起始", "合作级别", "结算方式", "账期(天)", "信用额度(元)", "片区", "备注",
)  # fmt: skip
_MINOR = 100

Line = tuple[str, ...]


class Chosen(msgspec.Struct, frozen=True):
    """Which outlets: all of them where nothing is said. `owner` is the rep who owns their territory; `outlets` are the
    only ones, which were found as the journal is `said`.
    """

    territories: tuple[UUID, ...] = ()
    owner: UUID | None = None
    outlet_class: str | None = None
    grade: Grade | None = None
    status: OutletStatus | None = None
    review: Review | None = None
    outlets: frozenset[UUID] | None = None
    said: dict[str, str] | None = None


async def export_outlets(
    store: Store,
    sources: Sources,
    chosen: Chosen | None = None,
    staff: UUID | None = None,
    receiver: UUID | None = None,
) -> list[Line]:
    """These outlets, each a line in the order of HEADINGS; those that were merged into others are left out.

    `staff` exports, for `receiver` where it is for somebody else. Raises Refusal, journalled, where either is leaving
    or has left.
    """
    chosen = chosen or Chosen()
    async with store.read() as tx:  # which takes a while: nothing that others write waits for it
        lines = await _lines(tx, await _places(tx, chosen), chosen)

    async def gather(_: Tx) -> list[Line]:
        return lines

    about: dict[str, object] = {"what": "outlets", "territories": list(chosen.territories)}
    filters = {"owner": chosen.owner, "class": chosen.outlet_class, "grade": chosen.grade, "status": chosen.status}
    about |= {
        name: value
        for name, value in (filters | {"review": chosen.review, "filters": chosen.said}).items()
        if value is not None
    }
    return list(await hand_out(store, sources, gather, about, staff=staff, receiver=receiver))


async def _places(tx: Tx, chosen: Chosen) -> dict[int, str]:
    """Names of territories and pools by the number of their scope."""
    found = [one for one in await all_territories(tx) if not chosen.territories or one.id in chosen.territories]
    if chosen.owner is not None:
        owned = {of for of, team in (await teams(tx)).items() if team.owner == chosen.owner}
        found = [one for one in found if one.id in owned]
    named = {scopes.territory(one.id): one.name for one in found}
    if not chosen.territories and chosen.owner is None:
        named |= {scopes.pool(one.id): one.name for one in await all_pools(tx)}
    return {number: named[scope] for scope, number in (await numbers(tx, named)).items()}


async def _lines(tx: Tx, places: dict[int, str], chosen: Chosen) -> list[Line]:
    outlets, contacts = TYPED["outlet"], TYPED["contact"]
    joined = outlets.outerjoin(contacts, contacts.c.id == outlets.c.main_contact)
    columns = (contacts.c.name.label("contact_name"), contacts.c.phone.label("contact_phone"))
    wanted = (
        select(outlets, *columns)
        .select_from(joined)
        .where(outlets.c.scope.in_(places), outlets.c.merged_into.is_(None))
    )
    for column in (outlets.c.outlet_class, outlets.c.grade, outlets.c.status, outlets.c.review):
        if (value := getattr(chosen, column.name)) is not None:
            wanted = wanted.where(column == value)
    rows = await tx.execute(wanted.order_by(outlets.c.scope, outlets.c.name, outlets.c.id))
    return [_line(row, places[row.scope]) for row in rows if chosen.outlets is None or row.id in chosen.outlets]


def _line(row: Row[tuple[object, ...]], place: str) -> Line:
    position, cooperation, credit = row.position or {}, row.cooperation or {}, row.credit or {}
    limit = credit.get("limit")
    values = (
        row.code, row.name, row.outlet_class, row.grade, STATUSES[row.status][0], row.address,
        position.get("lat"), position.get("lon"), "WGS84" if position else "",
        row.phone, row.contact_name, row.contact_phone, row.opening_hours,
        cooperation.get("since"), cooperation.get("level"), cooperation.get("terms"), credit.get("days"),
        None if limit is None else f"{limit / _MINOR:.2f}", place, row.notes,
    )  # fmt: skip
    return tuple("" if value is None else str(value) for value in values)


def _plain(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula; phones and numbers stay as they are."""
    is_formula = text.startswith(("=", "@", "\t", "\r")) or (text[:1] in {"+", "-"} and not text[1:2].isdigit())
    return f"'{text}" if is_formula and len(text) > 1 else text


def write_list(lines: Sequence[Line], path: Path) -> None:
    """Write lines under their headings: .csv as UTF-8 with byte order mark, .html as a page that needs no network,
    otherwise a workbook. Raises OSError.
    """
    if path.suffix.lower() in {".html", ".htm"}:
        path.write_text(list_page("客户一览表 · Customer list", HEADINGS, lines), "utf-8")
        return
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADINGS, *(tuple(map(_plain, line)) for line in lines)])
        return
    path.write_bytes(list_book(lines))


def list_book(lines: Sequence[Line]) -> bytes:
    """Lines under their headings as a workbook."""
    return workbook([Sheet("客户", HEADINGS, lines)])
