"""Taking outlets out of the store as a list that can be imported again. Every export is in the journal before a line
of it leaves.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import Row, select

from server.identity.staff import PersonStatus, lock
from server.identity.territories import all_pools, all_territories
from server.master.journal import Note, note
from server.master.scoping import numbers
from server.master.store import Store, Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["HEADINGS", "export_outlets", "write_list"]

HEADINGS = (
    "客户编码", "店名", "终端类型", "等级", "合作状态", "地址", "纬度", "经度", "坐标系", "联系电话", "联系人",
    "联系人电话", "营业时间", "合作起始", "合作级别", "结算方式", "账期(天)", "信用额度(元)", "片区", "备注",
)  # fmt: skip
_MINOR = 100

Line = tuple[str, ...]


async def export_outlets(
    store: Store, sources: Sources, territories: Sequence[UUID] = (), staff: UUID | None = None,
    receiver: UUID | None = None,
) -> list[Line]:  # fmt: skip
    """The outlets of these territories (all outlets where none is named), each a line in the order of HEADINGS.

    `staff` exports, for `receiver` where it is for somebody else. Raises Refusal, journalled, where either is leaving
    or has left.
    """
    people = [one for one in (staff, receiver) if one is not None]

    async def work(tx: Tx) -> list[Line] | None:
        leaving = await _leaving(tx, people)
        if leaving:
            body: dict[str, object] = {"what": "outlets", "territories": list(territories), "by": staff}
            refused = Note(scopes.COMPANY, "export_refused", body | {"for": receiver, "leaving": leaving})
            await note(tx, [refused], sources.now(), sources.random)
            return None
        places = await _places(tx, territories)
        lines = await _lines(tx, places)
        body = {"what": "outlets", "lines": len(lines), "territories": list(territories), "by": staff}
        body |= {} if receiver is None else {"for": receiver}
        await note(tx, [Note(scopes.COMPANY, "exported", body)], sources.now(), sources.random)
        return lines

    lines = await store.transact(work)
    if lines is None:
        raise Refusal("not_yours", "no list goes to somebody who is leaving or has left")
    return lines


async def _leaving(tx: Tx, people: Sequence[UUID]) -> list[UUID]:
    """Those of these people who are under notice or have left; their rows are locked, so that none is given notice
    meanwhile.
    """
    found = [await lock(tx, one) for one in sorted(people)]
    return [one.id for one in found if one is not None and one.status is not PersonStatus.ACTIVE]


async def _places(tx: Tx, wanted: Sequence[UUID]) -> dict[int, str]:
    """Names of territories and pools by the number of their scope."""
    named = {scopes.territory(one.id): one.name for one in await all_territories(tx) if not wanted or one.id in wanted}
    if not wanted:
        named |= {scopes.pool(one.id): one.name for one in await all_pools(tx)}
    return {number: named[scope] for scope, number in (await numbers(tx, named)).items()}


async def _lines(tx: Tx, places: dict[int, str]) -> list[Line]:
    outlets, contacts = TYPED["outlet"], TYPED["contact"]
    joined = outlets.outerjoin(contacts, contacts.c.id == outlets.c.main_contact)
    columns = (contacts.c.name.label("contact_name"), contacts.c.phone.label("contact_phone"))
    wanted = (
        select(outlets, *columns)
        .select_from(joined)
        .where(outlets.c.scope.in_(places), outlets.c.merged_into.is_(None))
    )
    rows = await tx.execute(wanted.order_by(outlets.c.scope, outlets.c.name, outlets.c.id))
    return [_line(row, places[row.scope]) for row in rows]


def _line(row: Row[tuple[object, ...]], place: str) -> Line:
    position, cooperation, credit = row.position or {}, row.cooperation or {}, row.credit or {}
    limit = credit.get("limit")
    values = (
        row.code, row.name, row.outlet_class, row.grade, row.status, row.address,
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
    """Write lines under their headings: .csv as UTF-8 with byte order mark, otherwise a workbook. Raises OSError."""
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADINGS, *(tuple(map(_plain, line)) for line in lines)])
        return
    book = Workbook(write_only=True)
    page = book.create_sheet("客户")
    for line in (HEADINGS, *lines):
        cells = [WriteOnlyCell(page, value="".join(char for char in text if char.isprintable())) for text in line]
        for cell in cells:
            cell.data_type = "s"
        page.append(cells)
    book.save(path)
