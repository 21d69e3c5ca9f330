"""The sheets of a territory as pages: the map with its list, then the file of each outlet; a copy for the company and
one to carry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from uuid import UUID

import msgspec

from server.field.outgoing import hand_out
from server.field.pages import page
from server.field.sheets.drawing import drawn
from server.field.sheets.gathering import Kind, Shop, kinds_of, shops_of
from server.identity.territories import Territory
from server.master.store import Store, Tx
from server.ports import Sources
from server.times import day_of
from sync.words import REVIEWS, STATUSES, label

__all__ = ["COPIES", "Sheets", "sheets_of", "sheets_page"]

COPIES = {
    "company": ("公司存档", "Company copy"),
    "personal": ("个人携带", "To carry"),
}
"""The two copies, by the word in their files' names."""


class Sheets(msgspec.Struct, frozen=True):
    """All that the sheets of a territory show, as of a server time."""

    territory: str
    at: int
    shops: tuple[Shop, ...]
    kinds: dict[str, Kind]


async def sheets_of(
    store: Store, sources: Sources, territory: Territory, *, staff: UUID | None = None, receiver: UUID | None = None
) -> Sheets:
    """The sheets of a territory, printed by `staff`, for `receiver` where somebody else carries them. Journalled like
    any export. Raises Refusal where either is leaving or has left.
    """
    kinds: dict[str, Kind] = {}

    async def gather(tx: Tx) -> list[Shop]:
        kinds.update(await kinds_of(tx))
        return await shops_of(tx, territory.id)

    about = {"what": "sheets", "territories": [territory.id]}
    shops = await hand_out(store, sources, gather, about, staff=staff, receiver=receiver)
    return Sheets(territory.name, sources.now(), tuple(shops), kinds)


def sheets_page(sheets: Sheets, copy: str, *, zone: str, carrier: str = "") -> str:
    """One copy as a page for print. `carrier` is who carries it."""
    zh, en = COPIES[copy]
    title = f"{sheets.territory} · {zh} · {en}"
    head = (
        f"<h1>{escape(title)}</h1>"
        f'<p class="note">{escape(carrier)} {day_of(sheets.at, zone)} · {len(sheets.shops)} 家 outlets · '
        "内含客户资料，妥善保管，离职时交回 · Customer data: keep it safe, hand it back on leaving.</p>"
    )
    map_sheet = f'<section class="sheet">{head}{_legend(sheets.kinds)}{drawn(sheets.shops, sheets.kinds)}</section>'
    list_sheet = f'<section class="sheet"><h2>目录 · List</h2>{_list(sheets.shops, sheets.kinds)}</section>'
    files = "\n".join(_file(one, sheets.kinds, zone) for one in sheets.shops)
    return page(title, f"{map_sheet}\n{list_sheet}\n<section><h2>终端客户档案 · Archive</h2>\n{files}</section>")


def _legend(kinds: Mapping[str, Kind]) -> str:
    items = ['<span class="key">● A 重点终端 key outlet</span>']
    items += [
        f'<span style="color:{escape(one.colour)}">● {escape(one.zh)} {escape(one.en)}</span>' for one in kinds.values()
    ]
    return f'<p class="note">{" ".join(items)}</p>'


def _list(shops: Sequence[Shop], kinds: Mapping[str, Kind]) -> str:
    rows = "\n".join(_row(one, kinds) for one in shops)
    heads = ("号 No.", "店名 Name", "类别 Class", "等级 Grade", "地址 Address", "电话 Phone")
    head = "".join(f"<th>{one}</th>" for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(shop: Shop, kinds: Mapping[str, Kind]) -> str:
    said = shop.fields
    cells = (str(shop.number), said["name"], _class(shop, kinds), said["grade"], said["address"], said["phone"])
    key = ' class="key"' if shop.is_key else ""
    return f"<tr{key}>{''.join(f'<td>{escape(one)}</td>' for one in cells)}</tr>"


def _called(field: str) -> str:
    return " ".join(label("outlet", field))


def _class(shop: Shop, kinds: Mapping[str, Kind]) -> str:
    kind = kinds.get(shop.fields["outlet_class"])
    return f"{kind.zh} {kind.en}" if kind is not None else str(shop.fields["outlet_class"])


def _file(shop: Shop, kinds: Mapping[str, Kind], zone: str) -> str:
    """The file of one outlet with its contacts."""
    said = shop.fields
    together, credit = said["cooperation"] or {}, said["credit"] or {}
    lines = (
        (_called("code"), said["code"]),
        (_called("outlet_class"), _class(shop, kinds)),
        (_called("grade"), said["grade"]),
        (_called("status"), " ".join(STATUSES[said["status"]])),
        (_called("review"), " ".join(REVIEWS[said["review"]])),
        (_called("address"), said["address"]),
        (_called("phone"), said["phone"]),
        (_called("opening_hours"), said["opening_hours"]),
        ("合作 Cooperation", " ".join(str(one) for one in (together.get("since"), together.get("terms")) if one)),
        ("账期（天） Credit days", str(credit.get("days") or "")),
        (_called("last_visit_at"), day_of(said["last_visit_at"], zone) if said["last_visit_at"] else ""),
        (_called("notes"), said["notes"]),
        *((f"联系人 Contact {role}", f"{name} {phone}") for name, role, phone in shop.contacts),
    )
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in lines if value)
    key = ' class="key"' if shop.is_key else ""
    return f'<div class="card"><h2{key}>{shop.number}. {escape(said["name"])}</h2><table>{rows}</table></div>'
