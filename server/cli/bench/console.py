"""The console's pages on a large master: how long a list of it takes to answer, and a tile of its map.

One client, signed in, one request after another over a connection that is kept. A page is rendered, the look at it is
journalled and stored durably before it is answered. The reference is the framework's hello under the same runner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, at_most, percentile
from server.cli.bench.load import fire, request_of
from server.cli.bench.raw_hello import Hello
from server.cli.talk import Failure
from server.identity import browser_sessions, invitations, staff
from server.identity.invitations import Wish
from server.identity.staff import Role
from server.master.spots import on_map

__all__ = ["OUTLETS", "console", "in_one_city", "signed_in"]

OUTLETS = 100_000
_PAGES = {
    "today": "/", "outlets": "/outlets", "outlets_searched": "/outlets?q=lujiefang",
    "outlets_narrowed": "/outlets?grade=A&status=lapsed&seen=90", "map_page": "/map", "inbox": "/inbox",
    "people": "/people", "departures": "/departures", "pool": "/pool", "reports": "/reports", "settings": "/settings",
}  # fmt: skip
_TILE_ZOOMS = (10, 12, 13, 14, 15, 16)
_MIDDLE = (28.68, 115.86)
_MOST_MS = 50.0


def in_one_city(bench: Bench) -> Shape:
    """A master of 100,000 outlets in one city."""
    size = bench.pick(60, OUTLETS)
    return Shape(size, size // bench.pick(20, 500), visits=(2, 1), is_copied=True, is_one_city=True)


async def signed_in(stand: Stand) -> dict[str, str]:
    """The cookies of a manager who has signed in."""
    means = stand.means
    async with means.store.write() as tx:
        person = await staff.add(tx, "测量主管", Role.MANAGER, means.sources)
        code = (await invitations.invite(tx, person.id, means.sources)).code.shown
    await invitations.redeem(means.store, Wish(code, "bench", "measured with care"), means.sources)
    async with means.store.write() as tx:
        return {"saojie": await browser_sessions.begin(tx, person.id, "bench", means.sources)}


def console(bench: Bench) -> list[Measured]:
    """Measure each page, and tiles of several zooms."""
    runs = [asyncio.run(_run(bench)) for _ in range(bench.few)]
    with Hello(bench.folder) as hello:
        said = [request_of(hello.url, "GET", "/", {})] * bench.pick(3, 40)
        raws = tuple(percentile([one.ms for one in fire(hello.url, [said]).answers], 0.95) for _ in runs)
    size = in_one_city(bench).outlets
    en, zh = f"{bench.store}, one client, 95th percentile", f"{bench.store}，单客户端，第 95 百分位"
    return [
        Measured(f"console.{name}", "ms", tuple(one[name] for one in runs), raws, at_most(_MOST_MS), en, zh, size)
        for name in runs[0]
    ]


async def _run(bench: Bench) -> dict[str, float]:
    async with bench.stand(in_one_city(bench)) as stand:
        cookies = await signed_in(stand)
        with ExitStack() as running:
            url = running.enter_context(stand.server()).url
            rounds = bench.pick(2, 40)
            found = {name: await _p95(url, [path] * rounds, cookies) for name, path in _PAGES.items()}
            found["tiles"] = await _p95(url, _tiles(bench.pick(1, 3)), cookies)
            return found


def _tiles(around: int) -> list[str]:
    """Tiles of each zoom around the middle of the city, so many to each side."""
    east, south = on_map(*_MIDDLE)
    return [
        f"/map/tiles/{zoom}/{int(east * (1 << zoom)) + column}/{int(south * (1 << zoom)) + row}"
        for zoom in _TILE_ZOOMS
        for column in range(-around, around + 1)
        for row in range(-around, around + 1)
    ]


async def _p95(url: str, paths: Sequence[str], cookies: dict[str, str]) -> float:
    """Milliseconds within which 95 of 100 of these are answered, after one that is not counted. Raises Failure."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept": "text/html"}
    asked = [request_of(url, "GET", path, headers) for path in [paths[0], *paths]]
    answers = (await asyncio.to_thread(fire, url, [asked])).answers
    if bad := [one.status for one in answers if one.status != 200]:
        raise Failure("bench_refused", f"{paths[0]}: {bad[0]}", f"{paths[0]}：{bad[0]}")
    return percentile([one.ms for one in answers[1:]], 0.95)
