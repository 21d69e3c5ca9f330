"""The map in a browser, over 100,000 outlets of one city: from opening it until it can be used, and frames while it is
panned.

`usable` is from the navigation of a browser that has seen nothing until everything in sight is drawn; `frames` are the
times between frames while the map is moved without a pause, at a zoom with groups and at one with points. A machine
without a graphics card draws on its processor, which the server shares. The reference of frames is an empty page's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from server.cli.bench.bench import Bench
from server.cli.bench.browser import Browser, Tab, chromium
from server.cli.bench.console import in_one_city, signed_in
from server.cli.bench.lines import Measured, at_most, percentile
from server.console.map.page import is_there

__all__ = ["map_in_browser"]

_MOST_USABLE_MS, _MOST_FRAME_MS = 2_000.0, 50.0
_ZOOMS = {"groups": 10.5, "points": 14.0}
_USABLE = """new Promise(resolve => {
    const look = () => {
        const [mark] = performance.getEntriesByName("map-ready");
        mark ? resolve(mark.startTime) : setTimeout(look, 5);
    };
    look();
})"""
_FRAMES = """new Promise(resolve => {
    const map = document.getElementById("map")?.map, times = [], ends = performance.now() + %d;
    if (map) map.jumpTo({zoom: %f});
    let turn = 0, last = 0;
    const move = () => map && map.panBy([[300, 0], [0, 200], [-300, 0], [0, -200]][turn++ %% 4], {duration: 600});
    const frame = now => {
        if (last) times.push(now - last);
        last = now;
        if (now > ends) return resolve(times);
        if (map && !map.isMoving()) move();
        requestAnimationFrame(frame);
    };
    setTimeout(() => requestAnimationFrame(frame), map ? 1500 : 0);
})"""


class _Run(msgspec.Struct, frozen=True):
    """Milliseconds until the map could be used, between frames at each zoom, and between frames of an empty page."""

    usable: float
    frames: dict[str, Sequence[float]]
    empty: Sequence[float]


def map_in_browser(bench: Bench) -> list[Measured]:
    """Measure in a browser; without one, or without what draws the map, it is said and nothing is measured."""
    program = chromium()
    if program is None or not is_there():
        bench.talk.say(
            "没有 Chromium 或未取得地图组件（make services、make map），未测量地图。",
            "There is no Chromium, or what draws the map was not fetched (make services, make map): not measured.",
        )
        return []
    runs = asyncio.run(_runs(bench, program))
    size = in_one_city(bench).outlets
    en = f"{bench.store}, headless Chromium on the same machine, 1280 × 800"
    zh = f"{bench.store}，同一台机器上的无界面 Chromium，1280 × 800"
    usable = tuple(one.usable for one in runs)
    lines = [Measured("map.usable", "ms", usable, (), at_most(_MOST_USABLE_MS), en, zh, size)]
    for name in _ZOOMS:
        for label, share, limit in (("p50", 0.5, None), ("p95", 0.95, at_most(_MOST_FRAME_MS))):
            values = tuple(percentile(one.frames[name], share) for one in runs)
            empty = tuple(percentile(one.empty, share) for one in runs)
            lines.append(Measured(f"map.frames.{name}.{label}", "ms", values, empty, limit, en, zh, size))
    return lines


async def _runs(bench: Bench, program: str) -> list[_Run]:
    async with bench.stand(in_one_city(bench)) as stand:
        cookies = await signed_in(stand)
        with ExitStack() as running:
            url = running.enter_context(stand.server()).url
            browser = running.enter_context(Browser(program, bench.folder))
            return [await asyncio.to_thread(_run, bench, browser, url, cookies) for _ in range(bench.repetitions)]


def _run(bench: Bench, browser: Browser, url: str, cookies: dict[str, str]) -> _Run:
    lasts = bench.pick(500, 5_000)
    tab = browser.tab(url, cookies)
    empty = _frames(tab, lasts, 0)
    tab.open(f"{url}/map")
    usable = float(tab.run(_USABLE))
    frames = {name: _frames(tab, lasts + 1_500, zoom) for name, zoom in _ZOOMS.items()}
    tab.close()
    return _Run(usable, frames, empty)


def _frames(tab: Tab, lasts_ms: int, zoom: float) -> Sequence[float]:
    found: list[float] = tab.run(_FRAMES % (lasts_ms, zoom))
    return found
