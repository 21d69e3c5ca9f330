"""`/map`: where the outlets are, and areas that are drawn on it and handed over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import blake2b
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.map.drawing import corners_of, taken_in
from server.console.map.handing import HandOver, hand_over, seen_of
from server.console.map.page import KEY_COLOUR, card_of, extent, is_there, places_of, setup, sheet_of
from server.console.map.shapes import Shapes, sweeps, territories
from server.console.map.tiles import DEEPEST, tile
from server.console.outlets.filters import Filters, read_filters
from server.console.outlets.listing import NO_CHOICES, Choices, choices, listing, page_of, wanted_by
from server.console.outlets.options import options_of
from server.console.rights import MANAGERS, OFFICE
from server.departure.evidence.access import note_access
from server.master.store import Tx
from server.routes.bodies import pressed
from server.routes.calls import AnyRequest, plain
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.saying import POLICY
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["ROUTES"]

_TILE = "application/vnd.mapbox-vector-tile"
_SHORT, _LONGER = "private, max-age=15", "private, max-age=120"


@get("/map", opt=opened_to(OFFICE))
async def outlets_map(request: AnyRequest) -> ASGIApp:
    """The map, with the same outlets as a list."""
    return await shown(request, _map)


async def _map(view: View) -> Page:
    filters, sheet = read_filters(view.query), sheet_of(view.context.settings)
    asked = parse_id(view.query.get("outlet", ""))
    async with view.store.read() as tx:
        ground, known = await view.ruled(tx), await choices(tx)
        page = await listing(tx, filters, ground, known, **page_of(view.query))
        places = await places_of(tx, sheet, [one.id for one in page.lines])
        card = await card_of(tx, sheet, asked) if asked is not None else None
    async with view.store.write() as tx:
        await note_access(
            tx, "map", view.viewer.person.id, page.count or len(page.lines), view.sources, filters=filters.address()
        )
    told = setup(view.viewer, view.context.settings, known, filters, shown=card) if is_there() else None
    values = {
        "page": page,
        "filters": filters,
        "places_at": places,
        "known": known,
        "setup": told,
        "key_colour": KEY_COLOUR,
    }
    return Page("map.html", {**values, **options_of(view.viewer, known)}, policy=_policy(view))


def _policy(view: View) -> str:
    """What the page may load: the basemap's tiles too, where there is one."""
    address = urlsplit(view.context.settings.basemap_url)
    if not address.netloc:
        return POLICY
    origin = f"{address.scheme}://{address.netloc}"
    return POLICY.replace("img-src", f"img-src {origin}").replace("connect-src", f"connect-src {origin}")


@get("/map/tiles/{zoom:int}/{column:int}/{row:int}", opt=opened_to(OFFICE))
async def a_tile(request: AnyRequest, zoom: FromPath[int], column: FromPath[int], row: FromPath[int]) -> ASGIApp:
    """The outlets of one tile that pass the filters of the address."""
    if not (0 <= zoom <= DEEPEST and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
        return await shown(request, _nothing)
    return await shown(request, partial(_tile, zoom=zoom, column=column, row=row))


async def _nothing(_view: View) -> ASGIApp:
    raise Refusal("not_found")


async def _tile(view: View, zoom: int, column: int, row: int) -> ASGIApp:
    filters, sheet = read_filters(view.query), sheet_of(view.context.settings)
    async with view.store.read() as tx:
        known = await _needed(tx, filters)
        ground = await view.ruled(tx) if filters.missing else view.ground()
        body = await tile(tx, sheet, zoom, column, row, await wanted_by(tx, filters, ground, known))
    return _kept(view, body, _TILE, _SHORT)


@get("/map/extent", opt=opened_to(OFFICE))
async def bounds(request: AnyRequest) -> ASGIApp:
    """Where the outlets lie that pass the filters of the address: west, south, east, north; null for nowhere."""
    return await shown(request, _bounds)


async def _bounds(view: View) -> ASGIApp:
    filters, sheet = read_filters(view.query), sheet_of(view.context.settings)
    async with view.store.read() as tx:
        known, ground = await _needed(tx, filters), await view.ruled(tx)
        found = await extent(tx, sheet, await wanted_by(tx, filters, ground, known))
    return _kept(view, msgspec.json.encode(found), "application/json", _LONGER)


async def _needed(tx: Tx, filters: Filters) -> Choices:
    """What filters stand on: most ask for nothing of it."""
    is_asked = filters.place is not None or filters.rep is not None or filters.missing
    return await choices(tx) if is_asked else NO_CHOICES


def _kept(view: View, body: bytes, media_type: str, how: str) -> ASGIApp:
    """An answer that the browser keeps for a while, and asks for again by its mark."""
    mark = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"cache-control": how, "etag": mark}
    if view.request.headers.get("if-none-match") == mark:
        return plain(view.request, 304, b"", media_type, headers)
    small, form = pressed(body, {"accept-encoding": view.request.headers.get("accept-encoding", "")})
    return plain(view.request, 200, small, media_type, headers | form)


@get("/map/territories", opt=opened_to(OFFICE))
async def outlines(request: AnyRequest) -> ASGIApp:
    """The outlines of all territories."""
    return await shown(request, partial(_shapes, made=_territories))


@get("/map/sweeps", opt=opened_to(OFFICE))
async def tracks(request: AnyRequest) -> ASGIApp:
    """The sweeps of one territory, and where none has been."""
    return await shown(request, partial(_shapes, made=_sweeps))


async def _shapes(view: View, made: Callable[[View, Tx], Awaitable[Shapes]]) -> ASGIApp:
    async with view.store.read() as tx:
        found = await made(view, tx)
    return _kept(view, msgspec.json.encode(found), "application/geo+json", _LONGER)


async def _territories(view: View, tx: Tx) -> Shapes:
    return await territories(tx, sheet_of(view.context.settings))


async def _sweeps(view: View, tx: Tx) -> Shapes:
    place = parse_id(view.query.get("place", ""))
    if place is None:
        raise Refusal("not_found", "say which territory")
    return await sweeps(tx, sheet_of(view.context.settings), view.ground(), place)


@get("/map/outlets/{outlet:uuid}", opt=opened_to(OFFICE))
async def card(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """What is shown of an outlet that was clicked on."""
    return await shown(request, partial(_card, outlet=outlet))


async def _card(view: View, outlet: UUID) -> Page:
    async with view.store.read() as tx:
        known = await choices(tx)
        found = await card_of(tx, sheet_of(view.context.settings), outlet)
        if found is None:
            raise Refusal("not_found", f"there is no outlet {outlet}")
        place, owner = await known.standing(tx, found.scope)
    async with view.store.write() as tx:
        await note_access(tx, "map_outlet", view.viewer.person.id, 1, view.sources, outlet=outlet)
    values = {"one": found, "kind": known.kind(found.outlet_class), "place": place, "owner": owner}
    return Page("_map_outlet.html", values)


@get("/map/draw", opt=opened_to(MANAGERS))
async def draw(request: AnyRequest) -> ASGIApp:
    """What an area that was drawn takes in, before anything is handed over."""
    return await shown(request, _drawn)


async def _drawn(view: View) -> Page:
    """The area of the address, or of the form that is shown again."""
    corners = view.form.text("corners") or view.query.get("corners", "")
    settings, sheet = view.context.settings, sheet_of(view.context.settings)
    async with view.store.read() as tx:
        known = await choices(tx)
        found = await taken_in(tx, sheet, corners_of(corners)) if corners else None
    if found is not None and view.error is None:
        async with view.store.write() as tx:
            await note_access(tx, "area", view.viewer.person.id, len(found.outlets), view.sources)
    told = None
    if is_there() and corners:
        told = setup(view.viewer, settings, known, Filters(), corners=corners)
    places = [(str(one.id), one.name) for one in known.places if not one.is_pool]
    pools = [(str(one.id), one.name) for one in known.places if one.is_pool]
    values = {
        "corners": corners, "drawn": found, "setup": told, "seen": seen_of(found) if found else "",
        "territories": places, "pools": pools, "reps": [(str(one.id), one.name) for one in known.reps],
        "left": view.form.many("leave"),
    }  # fmt: skip
    return Page("map_draw.html", values, policy=_policy(view))


@post("/map/hand-over", opt=opened_to(MANAGERS))
async def hand_on(request: AnyRequest) -> ASGIApp:
    """Give the outlets of an area to a territory, or to a new one."""
    return await acted(request, _hand_over, again=_drawn)


async def _hand_over(view: View) -> Done:
    form = view.form
    wanted = HandOver(
        corners_of(form.text("corners")), form.text("seen"), frozenset(filter(None, map(parse_id, form.many("leave")))),
        parse_id(form.text("into")), form.text("name"), parse_id(form.text("pool")), parse_id(form.text("owner")),
    )  # fmt: skip
    async with view.store.write() as tx:
        ground = await view.ruled(tx)
        came = await hand_over(tx, sheet_of(view.context.settings), wanted, ground, by=view.viewer.person.id)
    view.announce(came.changed)
    count, name = len(came.moved), came.name
    stayed = len(came.refused)
    zh = f"已把 {count} 家终端划入 {name}。" + (f"另有 {stayed} 家原本就在其中或已关闭，未动。" if stayed else "")
    en = f"{count} outlets went to {name}." + (
        f" {stayed} were there already or are closed, and stayed." if stayed else ""
    )
    return Done(f"/map?{urlencode({'place': str(came.territory)})}", zh, en)


ROUTES: tuple[HTTPRouteHandler, ...] = (outlets_map, a_tile, bounds, outlines, tracks, card, draw, hand_on)
