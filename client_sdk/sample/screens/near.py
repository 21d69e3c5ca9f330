"""Near me: a small map that needs no network, and the same as a list; from here one registers what is missing."""

from __future__ import annotations

from math import cos, radians
from typing import Any

import flet as ft
import flet.canvas as cv

from client_sdk import Bounds, Nearby, Position
from client_sdk.sample import look
from client_sdk.sample.screens.register import Register
from client_sdk.sample.screens.rows import Shown, classes, outlet_row
from client_sdk.sample.screens.tab import Tab

__all__ = ["Near"]

_METRES = 400
_WIDE, _HIGH = 358, 260
_PER_DEGREE = 111_320


class Near(Tab):
    """Outlets within 400 metres."""

    zh, en, icon = "附近", "Near me", ft.Icons.NEAR_ME

    def look(self) -> tuple[list[Nearby], dict[str, Any], Shown]:
        """What is near, and how the map shows it."""
        here = self.app.phone.here
        if here is None:
            return [], {"features": []}, {}
        tall = _METRES / _PER_DEGREE
        wide = tall * _WIDE / _HIGH / cos(radians(here.lat))
        bounds = Bounds(here.lat - tall, here.lon - wide, here.lat + tall, here.lon + wide)
        return self.replica.outlets.near(here, within=_METRES), self.replica.map(bounds), classes(self.replica)

    def draw(self, seen: tuple[list[Nearby], dict[str, Any], Shown]) -> list[ft.Control]:
        """The map, the way to register, the list."""
        found, drawn, known = seen
        here = self.app.phone.here
        if here is None:
            return [
                look.line(self.t("不知道您在哪里，请打开定位。", "Where you are is not known: switch location on."))
            ]
        add = look.button(self.t("登记新终端", "Register an outlet"), self._register, icon=ft.Icons.ADD_BUSINESS)
        rows = [outlet_row(self, one.outlet, known, f"{one.metres:.0f} m") for one in found[:30]]
        return [self._map(here, drawn), add, *rows]

    def _register(self) -> None:
        self.app.open(Register(self.app))

    def _map(self, here: Position, drawn: dict[str, Any]) -> ft.Control:
        """Dots in the colours of the classes; who holds the phone is the ring in the middle."""
        scale = _HIGH / 2 / _METRES
        shapes: list[cv.Shape] = [
            cv.Circle(_WIDE / 2, _HIGH / 2, 200 * scale, _stroke("#d4d9d6")),
            *(self._dot(here, one, scale) for one in drawn["features"]),
            cv.Circle(_WIDE / 2, _HIGH / 2, 9, _stroke("#0b5cd6", 4)),
        ]
        return ft.GestureDetector(
            ft.Container(cv.Canvas(shapes, width=_WIDE, height=_HIGH), bgcolor="#f2f6f4", border_radius=12),
            on_tap_down=lambda event: self._walk(here, event, scale),
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
        self.app.phone.here = Position(here.lat + north, here.lon + east)
        self.app.home(Near(self.app))


def _stroke(colour: str, width: int = 1) -> ft.Paint:
    return ft.Paint(color=colour, style=ft.PaintingStyle.STROKE, stroke_width=width)
