"""Taking a picture: the platform's own picker, which on a phone offers the camera."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

__all__ = ["take_picture"]


def take_picture(page: ft.Page, taken: Callable[[bytes], object]) -> None:
    """Ask for a picture; `taken` gets its bytes on the page's loop, unless the person thought better of it."""

    async def ask() -> None:
        files = await ft.FilePicker().pick_files(file_type=ft.FilePickerFileType.IMAGE, with_data=True)
        for one in files[:1]:
            if one.bytes is not None:
                taken(one.bytes)

    page.run_task(ask)
