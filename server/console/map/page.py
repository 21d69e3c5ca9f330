"""The map's page: where it opens, what it draws, and the same outlets as a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.console.map.drawing import corners_of
from server.console.map.sheet import Sheet
from server.console.map.tiles import Wanted
from server.console.outlets.filters import Filters
from server.console.outlets.listing import Choices
from server.console.render import STATIC, static_address
from server.console.viewer import Viewer
from server.master.decoys import no_decoys
from server.master.spots import DEPTH, Place, place_of, square_of
from server.master.store import Tx
from server.master.typed import TYPED
from server.settings import Settings
from sync.records import Grade

__all__ = ["KEY_COLOUR", "Card", "card_of", "extent", "is_there", "places_of", "setup", "sheet_of"]

KEY_COLOUR = "#d0021b"
"""Key outlets are red, whatever their class."""
_OUTLETS = TYPED["outlet"]
_SQUARE = 2 * (DEPTH - 16)
_OUTLYING = 0.01
"""So many of all may lie outside on each side when the map opens: a mistyped position shows nobody the whole earth."""
_LIBRARY = "vendor/maplibre-gl.mjs"


class Card(msgspec.Struct, frozen=True):
    """What is told of one outlet that was clicked on; `place` is the number of its scope."""

    id: UUID
    name: str
    outlet_class: str
    grade: str
    status: str
    address: str
    last_visit_at: int | None
    scope: int
    drawn: Place | None

    @property
    def is_key(self) -> bool:
        """Whether it is a key outlet."""
        return self.grade == Grade.A


def sheet_of(settings: Settings) -> Sheet:
    """The sheet that the settings name."""
    return Sheet("gcj02" if settings.basemap_url and settings.basemap_datum == "gcj02" else "wgs84")


def is_there() -> bool:
    """Whether what draws the map was fetched when this was installed."""
    return (STATIC / _LIBRARY).is_file()


async def extent(tx: Tx, sheet: Sheet, wanted: Wanted) -> list[float] | None:
    """West, south, east, north of nearly all of these outlets, in degrees of the sheet; None where none has a place."""
    square = square_of(_OUTLETS.c.spot, _SQUARE)
    rows = await tx.execute(select(square, func.count()).where(_OUTLETS.c.spot.is_not(None), *wanted).group_by(square))
    places = [
        (sheet.drawn(place_of((int(number) << _SQUARE) + (3 << (_SQUARE - 2)))), int(count)) for number, count in rows
    ]
    if not places:
        return None
    south, north = _most((lat, count) for (lat, _), count in places)
    west, east = _most((lon, count) for (_, lon), count in places)
    return [west, south, east, north]


def _most(values: Iterable[tuple[float, int]]) -> tuple[float, float]:
    """Between which two of these nearly all lie, each as often as is said."""
    ordered = sorted(values)
    left = sum(count for _, count in ordered) * _OUTLYING
    return _first(ordered, left), _first(ordered[::-1], left)


def _first(ordered: Sequence[tuple[float, int]], left: float) -> float:
    for value, count in ordered:
        left -= count
        if left < 0:
            return value
    return ordered[-1][0]


async def card_of(tx: Tx, sheet: Sheet, outlet: UUID) -> Card | None:
    """What is told of an outlet; None where there is none of that id."""
    columns = [_OUTLETS.c[name] for name in Card.__struct_fields__[:-1]]
    wanted = select(*columns, _OUTLETS.c.spot).where(_OUTLETS.c.id == outlet, no_decoys(_OUTLETS.c.scope))
    row = (await tx.execute(wanted)).one_or_none()
    if row is None:
        return None
    said = row._asdict()
    spot = said.pop("spot")
    return Card(**said, drawn=None if spot is None else sheet.drawn(place_of(spot)))


async def places_of(tx: Tx, sheet: Sheet, outlets: Iterable[UUID]) -> dict[UUID, Place]:
    """Where these outlets are drawn, those that have a place."""
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.spot).where(
        _OUTLETS.c.id.in_(list(outlets)), _OUTLETS.c.spot.is_not(None)
    )
    return {row.id: sheet.drawn(place_of(row.spot)) for row in await tx.execute(wanted)}


def setup(
    viewer: Viewer,
    settings: Settings,
    known: Choices,
    filters: Filters,
    *,
    corners: str = "",
    shown: Card | None = None,
) -> Mapping[str, Any]:
    """What the page tells the script that draws the map."""
    asked = filters.address()
    query = f"?{urlencode(asked)}" if asked else ""
    return {
        "worker": static_address("vendor/maplibre-gl-worker.mjs"),
        "pmtiles": static_address("vendor/pmtiles.js"),
        "library": static_address(_LIBRARY),
        "style": static_address("map-style.js"),
        "draw": static_address("map-draw.js"),
        "tiles": f"/map/tiles/{{z}}/{{x}}/{{y}}{query}",
        "territories": "/map/territories",
        "sweeps": f"/map/sweeps?place={filters.place}" if filters.place is not None else None,
        "extent": f"/map/extent{query}",
        "shown": None if shown is None or shown.drawn is None else {"id": str(shown.id), "at": shown.drawn[::-1]},
        "ring": [[lon, lat] for lat, lon in corners_of(corners)] if corners else None,
        "colours": {one.code: one.colour for one in known.classes},
        "key": KEY_COLOUR,
        "basemap": settings.basemap_url or None,
        "attribution": settings.basemap_attribution,
        "zone": viewer.zone,
        "words": _words(viewer),
    }


def _words(viewer: Viewer) -> dict[str, str]:
    """What the script says."""
    say = viewer.say
    return {
        "map": say("终端地图", "Map of the outlets"),
        "none": say(
            "这台设备的浏览器不能显示地图，请用下面的列表。", "This browser cannot draw the map: use the list below."
        ),
        "fewer": say("至少需要三个角点。", "An area needs three corners at least."),
        "corners": say("{n} 个角点", "{n} corners"),
        "walked": say("{who} 的扫街路线", "Sweep of {who}"),
        "blank": say("扫街未到：{n} 家终端", "No sweep has been here: {n} outlets"),
        "zoom_in": say("放大", "Zoom in"),
        "zoom_out": say("缩小", "Zoom out"),
        "close": say("关闭", "Close"),
    }
