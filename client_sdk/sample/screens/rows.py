"""An outlet as one line of a list: its name, what it is, how far, and the colour of its class."""

from __future__ import annotations

import flet as ft

from client_sdk import Grade, Outlet, Replica
from client_sdk.sample import look
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens.outlet import OutletScreen

__all__ = ["Shown", "classes", "outlet_row"]

_KEY = "#d0021b"
Shown = dict[str, tuple[str, str, str]]
"""Names in Chinese and English, and the colour, of each class by its code."""


def classes(replica: Replica) -> Shown:
    """The company's classes of outlets, as lists show them."""
    return {one.code: (one.zh, one.en, one.colour) for one in replica.company.classes()}


def outlet_row(screen: Screen, one: Outlet, known: Shown, *beside: str) -> ft.Control:
    """An outlet to be tapped; a key outlet is red, as on the map."""
    zh, en, colour = known.get(one.outlet_class, (one.outlet_class, one.outlet_class, "#7f8c8d"))
    words = (one.grade.value, screen.t(zh, en), *beside)
    return look.row(
        one.name,
        " · ".join(filter(None, words)),
        lambda: screen.app.open(OutletScreen(screen.app, one.id)),
        colour=_KEY if one.grade is Grade.A else colour,
    )
