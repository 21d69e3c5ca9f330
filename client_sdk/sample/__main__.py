"""`python -m client_sdk.sample`: the sample app, in a browser on this desk or, packed by Flet, on a phone."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from pathlib import Path

import flet as ft

from client_sdk import Position
from client_sdk.sample import look
from client_sdk.sample.app import App
from client_sdk.sample.fonts import chinese_font
from client_sdk.sample.phone import Phone
from client_sdk.sandbox import SandboxClock

_FONT = "Chinese"


def main() -> None:
    """Read the options and run until it is stopped."""
    os.umask(0o077)
    options = _options()
    if not _is_free(options.port):
        sys.exit(
            f"端口 {options.port} 已被占用，请用 --port 另选 · Port {options.port} is taken: choose another with --port"
        )
    folder = Path(options.folder)
    clock = SandboxClock(options.sandbox, folder.with_suffix(".clock")) if options.sandbox else None
    phone = Phone(folder, clock=clock, here=_position(options.here))
    phone.open()
    font = chinese_font()
    opened = [False]

    def begin(page: ft.Page) -> None:
        page.title = "扫街 Saojie"
        page.fonts = {_FONT: font.name} if font else {}
        page.theme = look.theme(_FONT if font else None)
        page.theme_mode = ft.ThemeMode.LIGHT
        App(page, phone, options.language, "" if opened[0] else options.code).start()
        opened[0] = True

    logging.getLogger("flet_web").setLevel(logging.WARNING)
    print(f"http://127.0.0.1:{options.port}", flush=True)  # noqa: T201 - the address to open
    ft.run(
        begin,
        view=ft.AppView.WEB_BROWSER if options.open else None,
        host="127.0.0.1",
        port=options.port,
        assets_dir=str(font.parent) if font else None,
        no_cdn=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m client_sdk.sample", description=__doc__)
    parser.add_argument("folder", nargs="?", default=os.environ.get("FLET_APP_STORAGE_DATA", "saojie-phone"))
    parser.add_argument("--code", default="", help="what an enrolment's QR code holds, to begin with")
    parser.add_argument("--sandbox", default="", help="the address of a sandbox whose clock the phone follows")
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.add_argument("--here", default="", help="where the phone stands: LATITUDE,LONGITUDE")
    parser.add_argument("--port", type=int, default=8550)
    parser.add_argument("--open", action="store_true", help="open a browser")
    return parser.parse_args()


def _is_free(port: int) -> bool:
    """Whether the app can answer there."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _position(text: str) -> Position | None:
    latitude, _, longitude = text.partition(",")
    return Position(float(latitude), float(longitude)) if longitude else None


if __name__ == "__main__":
    main()
