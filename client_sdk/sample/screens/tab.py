"""A screen that has its place at the foot of the phone."""

from __future__ import annotations

import flet as ft

from client_sdk.sample.screen import Screen

__all__ = ["Tab"]


class Tab(Screen):
    """`icon` is what stands at the foot."""

    icon: ft.IconData
