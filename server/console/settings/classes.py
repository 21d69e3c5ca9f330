"""Classes of outlets (终端类别) and the colours that the map draws them in.

A colour is held against the ground of the map, against red, which is kept for key outlets, and against the other
classes; a letter stands beside it for whoever does not see colours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.console.settings.changing import Hand, add, change, lock_company
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["Kind", "add_class", "change_class", "classes", "contrast", "ink_on", "one_class", "warnings"]

_CLASSES, _OUTLETS = TYPED["outlet_class"], TYPED["outlet"]
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_GROUND, _KEY = "#ffffff", "#d32f2f"
"""What a class is drawn on, and what key outlets are drawn in."""
_LEAST_CONTRAST = 3.0
_NEAR = 60.0
"""Colours whose red, green and blue lie nearer than this are hard to tell apart on a map."""


class Kind(msgspec.Struct, frozen=True):
    """One class as it stands, in its revision; `outlets` counts those that stand in it."""

    id: UUID
    revision: int
    code: str
    zh: str
    en: str
    colour: str
    active: bool
    outlets: int = 0

    @property
    def ink(self) -> str:
        """Black or white: what can be read on the colour."""
        return ink_on(self.colour)

    @property
    def letter(self) -> str:
        """What stands for the class beside its colour."""
        return self.zh[:1]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (#rrggbb), from 1 to 21."""
    lighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever can be read better on a colour."""
    return "#000000" if contrast(colour, "#000000") >= contrast(colour, "#ffffff") else "#ffffff"


def _light(colour: str) -> float:
    parts = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in _parts(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _parts(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _apart(one: str, other: str) -> float:
    return float(sum((255 * (a - b)) ** 2 for a, b in zip(_parts(one), _parts(other), strict=True)) ** 0.5)


def warnings(kind: Kind, others: Sequence[Kind]) -> list[tuple[str, str]]:
    """What speaks against a class's colour, (Chinese, English) each; nothing of it is forbidden."""
    found = []
    ratio = contrast(kind.colour, _GROUND)
    if ratio < _LEAST_CONTRAST:
        found.append((f"在浅色底图上不易看清（对比度 {ratio:.1f}，建议 3 以上）",
                      f"hard to see on a light map (contrast {ratio:.1f}, better 3 and more)"))  # fmt: skip
    if _apart(kind.colour, _KEY) < _NEAR:
        found.append(("接近红色，红色只用于重点终端", "close to red, which is kept for key outlets"))
    near = (one for one in others if one.id != kind.id and one.active and kind.active)
    found += [
        (f"与“{one.zh}”的颜色接近", f"close to the colour of {one.en}")
        for one in near
        if _apart(kind.colour, one.colour) < _NEAR / 2
    ]
    return found


async def classes(tx: Tx) -> list[Kind]:
    """All classes by their codes, with how many outlets stand in each."""
    counting = select(_OUTLETS.c.outlet_class, func.count().label("times")).where(stands())
    counted = {row.outlet_class: row.times for row in await tx.execute(counting.group_by(_OUTLETS.c.outlet_class))}
    rows = await tx.execute(select(_CLASSES).order_by(_CLASSES.c.code))
    return [_kind(row, counted.get(row.code, 0)) for row in rows]


async def one_class(tx: Tx, of: UUID) -> Kind:
    """One class. Raises Refusal where there is none of that id."""
    row = (await tx.execute(select(_CLASSES).where(_CLASSES.c.id == of))).first()
    if row is None:
        raise Refusal("not_found", f"there is no class {of}")
    return _kind(row)


def _kind(row: Any, outlets: int = 0) -> Kind:
    return Kind(row.id, row.revision, row.code, row.zh, row.en, row.colour, row.active, outlets)


async def add_class(hand: Hand, code: str, zh: str, en: str, colour: str) -> frozenset[str]:
    """Add a class; the scopes that changed. Raises Unfit."""
    if not _CODE.fullmatch(code):
        raise Unfit(
            "a code is a word of small letters, digits and _, and begins with a letter, such as noodle_shop",
            "代码由小写字母、数字和 _ 组成，以字母开头，如 noodle_shop",
        )
    await lock_company(hand.tx)
    if code in (await hand.tx.execute(select(_CLASSES.c.code))).scalars().all():
        raise Unfit(f"there is a class {code} already; change that one", f"已有代码 {code} 的类别，请修改该类别")
    return await add(hand, "outlet_class", {"code": code} | _checked(zh, en, colour))


async def change_class(
    hand: Hand, of: UUID, seen: int, zh: str, en: str, colour: str, *, active: bool
) -> frozenset[str]:
    """Change a class that was seen in the revision `seen`; the scopes that changed. Raises Unfit, Refusal."""
    return await change(hand, "outlet_class", of, seen, _checked(zh, en, colour) | {"active": active})


def _checked(zh: str, en: str, colour: str) -> dict[str, Any]:
    if not zh or not en:
        raise Unfit("a class has a name in each language", "类别须有中文名和英文名")
    if not _COLOUR.fullmatch(colour.lower()):
        raise Unfit(f"a colour is written as #1f4e9e, not {colour}", f"颜色写作 #1f4e9e，不是 {colour}")
    return {"zh": zh, "en": en, "colour": colour.lower()}
