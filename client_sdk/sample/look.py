"""What everything looks like: large targets for a thumb, dark on white for bright light, one accent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

__all__ = [
    "ACCENT",
    "ALERT",
    "SIZE",
    "button",
    "card",
    "choice",
    "key",
    "line",
    "note",
    "row",
    "switch",
    "theme",
    "title",
]

ACCENT = "#00513b"
ALERT = "#a3140f"
_INK, _PALE, _FAINT = "#111111", "#444444", "#d4d9d6"
_TALL = 56
SIZE = 18
"""Of what is typed."""

Act = Callable[[], object]


def theme(family: str | None) -> ft.Theme:
    """Dark on white; `family` is a font that was registered for Chinese, where the screen brings none."""
    scheme = ft.ColorScheme(
        primary=ACCENT,
        on_primary="#ffffff",
        secondary=ACCENT,
        surface="#ffffff",
        on_surface=_INK,
        on_surface_variant=_PALE,
        secondary_container="#cfe8dd",
        outline="#5f6b66",
        error=ALERT,
    )
    return ft.Theme(color_scheme=scheme, font_family=family, visual_density=ft.VisualDensity.STANDARD)


def title(text: str) -> ft.Control:
    """The heading of a part of a screen."""
    return ft.Text(text, size=18, weight=ft.FontWeight.BOLD, color=_INK)


def line(text: str, *, strong: bool = False) -> ft.Control:
    """A sentence."""
    return ft.Text(text, size=16, weight=ft.FontWeight.BOLD if strong else None, color=_INK)


def note(text: str, *, alert: bool = False) -> ft.Text:
    """What stands beside a sentence, or warns."""
    return ft.Text(text, size=14, color=ALERT if alert else _PALE)


def button(text: str, act: Act, *, quiet: bool = False, icon: ft.IconData | None = None) -> ft.Control:
    """A button as wide as the screen; a quiet one has only an outline."""

    def clicked(_: Any) -> None:
        act()

    kind = ft.OutlinedButton if quiet else ft.FilledButton
    style = ft.ButtonStyle(shape=ft.RoundedRectangleBorder(radius=12))
    return kind(ft.Text(text, size=17), icon=icon, height=_TALL, style=style, on_click=clicked)


def card(*controls: ft.Control) -> ft.Control:
    """Things that belong together."""
    return ft.Container(
        ft.Column(list(controls), spacing=6, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        padding=14,
        border=ft.Border.all(1, _FAINT),
        border_radius=12,
        bgcolor="#ffffff",
    )


def row(text: str, beside: str, act: Act, *, colour: str | None = None, icon: ft.IconData | None = None) -> ft.Control:
    """One line of a list, to be tapped; a dot of a `colour`, or an icon, stands in front of it."""

    def clicked(_: Any) -> None:
        act()

    return ft.ListTile(
        title=ft.Text(text, size=17, color=_INK),
        subtitle=ft.Text(beside, size=14, color=_PALE) if beside else None,
        leading=ft.Container(width=18, height=18, border_radius=9, bgcolor=colour) if colour else icon,
        min_height=_TALL,
        content_padding=ft.Padding.symmetric(horizontal=6),
        shape=ft.RoundedRectangleBorder(radius=12),
        on_click=clicked,
    )


def key(text: str, means: str, act: Act) -> ft.Control:
    """A large square key; `means` is what a screen reader says."""

    def clicked(_: Any) -> None:
        act()

    face = ft.Text(text, size=24, weight=ft.FontWeight.BOLD)
    style = ft.ButtonStyle(padding=ft.Padding.all(0))
    return named(means, ft.OutlinedButton(face, width=_TALL, height=_TALL, style=style, on_click=clicked))


def named(means: str, control: ft.Control) -> ft.Control:
    """A control without words of its own, with the words for who does not see it."""
    return ft.MergeSemantics(ft.Semantics(label=means, content=control))


def switch(text: str, is_on: bool, turned: Callable[[bool], object]) -> ft.Control:
    """Something to be switched on and off."""
    style, padding = ft.TextStyle(size=16, color=_INK), ft.Padding.symmetric(horizontal=4, vertical=8)
    drawn = ft.Switch(label=text, value=is_on, label_text_style=style, padding=padding)
    drawn.on_change = lambda _: turned(bool(drawn.value))
    return drawn


def choice(text: str, is_chosen: bool, act: Act) -> ft.Control:
    """One of several that lie side by side."""

    def clicked(_: Any) -> None:
        act()

    padding = ft.Padding.symmetric(horizontal=8, vertical=12)
    return ft.Chip(label=ft.Text(text, size=16, color=_INK), selected=is_chosen, on_select=clicked, padding=padding)
