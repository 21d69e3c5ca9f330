"""Near me: a small map that needs no network, and the same as a list; from here one registers what is missing."""

from __future__ import annotations

from math import cos, radians
from typing import Any, NamedTuple

import flet as ft
import flet.canvas as cv

from client_sdk import Bounds, Nearby, Position, SweepFigures
from client_sdk.sample import look
from client_sdk.sample.screens.register import Register
from client_sdk.sample.screens.rows import Shown, classes, outlet_row
from client_sdk.sample.screens.tab import Tab

__all__ = ["Near"]

_METRES = 400
_WIDE, _HIGH = 358, 260
_PER_DEGREE = 111_320


class Seen(NamedTuple):
    """What the screen shows; `walked` is what a sweep that goes on has come to."""

    here: Position
    near: list[Nearby]
    drawn: dict[str, Any]
    known: Shown
    walked: SweepFigures | None


class Near(Tab):
    """Outlets within 400 metres; in a sweep, those that are still to be seen."""

    zh, en, icon = "附近", "Near me", ft.Icons.NEAR_ME

    def look(self) -> Seen | None:
        """What is near, and how the map shows it; None where nobody knows where this is."""
        here, replica = self.app.phone.here, self.replica
        if here is None:
            return None
        walk = replica.sweeps.current()
        near = walk.near(here, within=_METRES) if walk else replica.outlets.near(here, within=_METRES, size=30)
        drawn = replica.map(_around(here))
        return Seen(here, near, drawn, classes(replica), walk.report() if walk else None)

    def draw(self, seen: Seen | None) -> list[ft.Control]:
        """The map, the sweep, the way to register, the list."""
        if seen is None:
            return [
                look.line(self.t("不知道您在哪里，请打开定位。", "It is not known where you are: switch location on."))
            ]
        add = look.button(self.t("登记新终端", "Register an outlet"), self._register, icon=ft.Icons.ADD_BUSINESS)
        rows = [outlet_row(self, one.outlet, seen.known, f"{one.metres:.0f} m") for one in seen.near]
        return [self._map(seen.here, seen.drawn), *self._sweep(seen.walked), add, *rows]

    def _register(self) -> None:
        self.app.open(Register(self.app))

    # ---- a sweep --------------------------------------------------------

    def _sweep(self, walked: SweepFigures | None) -> list[ft.Control]:
        """A street is swept from its beginning to its end; a kill in between loses nothing."""
        if walked is None:
            return [
                look.button(self.t("开始扫街", "Begin a sweep"), self._begin, quiet=True, icon=ft.Icons.DIRECTIONS_WALK)
            ]
        said = self.t(
            f"扫街中：见到 {walked.found} 家，新增 {walked.new} 家", f"Sweeping: {walked.found} seen, {walked.new} new"
        )
        return [
            look.line(said, strong=True),
            look.button(self.t("结束扫街", "Finish the sweep"), self._finish, quiet=True),
        ]

    def _begin(self) -> None:
        here = self.app.phone.here
        if here is not None:
            self.app.do(lambda: self.replica.sweeps.start().at(here))

    def _finish(self) -> None:
        self.app.do(self._end, "扫街已存在本机，会自动同步", "The sweep is safe on this phone; it syncs by itself")

    def _end(self) -> None:
        if walk := self.replica.sweeps.current():
            walk.finish()

    # ---- the map --------------------------------------------------------

    def _map(self, here: Position, drawn: dict[str, Any]) -> ft.Control:
        """Dots in the colours of the classes; who holds the phone is the ring in the middle."""
        scale = _HIGH / 2 / _METRES
        shapes: list[cv.Shape] = [
            cv.Circle(_WIDE / 2, _HIGH / 2, 200 * scale, _stroke("#d4d9d6")),
            *(self._dot(here, one, scale) for one in drawn["features"]),
            cv.Circle(_WIDE / 2, _HIGH / 2, 9, _stroke("#0b5cd6", 4)),
        ]
        drawing = ft.Container(cv.Canvas(shapes, width=_WIDE, height=_HIGH), bgcolor="#f2f6f4", border_radius=12)
        walked = ft.GestureDetector(drawing, on_tap_down=lambda event: self._walk(here, event, scale))
        return look.named(
            self.t("附近地图，下面是同样的列表", "Map of what is near; the list below says the same"), walked
        )

    def _dot(self, here: Position, feature: dict[str, Any], scale: float) -> cv.Shape:
        lon, lat = feature["geometry"]["coordinates"]
        x = (lon - here.lon) * cos(radians(here.lat)) * _PER_DEGREE * scale
        y = (lat - here.lat) * _PER_DEGREE * scale
        paint = ft.Paint(color=feature["properties"]["colour"])
        return cv.Circle(_WIDE / 2 + x, _HIGH / 2 - y, 8 if feature["properties"]["key"] else 6, paint)

    def _walk(self, here: Position, event: ft.TapEvent[ft.GestureDetector], scale: float) -> None:
        """A desk is where somebody taps; on a phone the platform says where it is."""
        if event.local_position is None:
            return
        east = (event.local_position.x - _WIDE / 2) / scale / _PER_DEGREE / cos(radians(here.lat))
        north = (_HIGH / 2 - event.local_position.y) / scale / _PER_DEGREE
        there = self.app.phone.here = Position(here.lat + north, here.lon + east)
        self.app.do(lambda: self._step(there))
        self.app.home(Near(self.app))

    def _step(self, there: Position) -> None:
        if walk := self.replica.sweeps.current():
            walk.at(there)


def _around(here: Position) -> Bounds:
    tall = _METRES / _PER_DEGREE
    wide = tall * _WIDE / _HIGH / cos(radians(here.lat))
    return Bounds(here.lat - tall, here.lon - wide, here.lat + tall, here.lon + wide)


def _stroke(colour: str, width: int = 1) -> ft.Paint:
    return ft.Paint(color=colour, style=ft.PaintingStyle.STROKE, stroke_width=width)
