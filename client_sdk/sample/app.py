"""One window onto the phone: the screens that are open, the strip that says how the sync stands, what halts it all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import flet as ft

from client_sdk import NotEnrolled, NotFound, Replica, SaojieError, State, Status, SyncReport, Watch
from client_sdk.sample import look
from client_sdk.sample.phone import Phone
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens import TABS
from client_sdk.sample.screens.enrol import Enrol
from client_sdk.sample.screens.halted import Halted
from client_sdk.sample.screens.standing import Standing
from client_sdk.sample.screens.tab import Tab

__all__ = ["App"]

T = TypeVar("T")
_NOTHING = object()
"""Nothing was read yet."""


class App:
    """The screens on one page. Everything here runs on the page's own loop, but for what `apart` is given."""

    def __init__(self, page: ft.Page, phone: Phone, language: str, code: str = "") -> None:
        self.page, self.phone, self.language, self.code = page, phone, language, code
        self._stack: list[Screen] = []
        self._status: Status | None = None
        self._seen: Any = _NOTHING
        self._watches: list[Watch] = []
        self._body = ft.ListView(expand=True, spacing=10, padding=16)
        self._strip = ft.Container(padding=ft.Padding.symmetric(horizontal=16, vertical=14), ink=True)
        self._strip.on_click = lambda _: self.open(Standing(self))
        page.on_disconnect = lambda _: self._stop()
        page.on_connect = lambda _: self._show()
        page.on_view_pop = lambda _: self.back()

    # ---- for the screens --------------------------------------------------------

    @property
    def replica(self) -> Replica:
        """The phone's replica. Raises NotEnrolled before somebody enrolled, and once another window let go of it."""
        if self.phone.replica is None:
            raise NotEnrolled
        return self.phone.replica

    def t(self, zh: str, en: str) -> str:
        """One of both, in the person's language."""
        return zh if self.language == "zh" else en

    def start(self) -> None:
        """Begin where the phone is: with the day, or with enrolling."""
        self.home(TABS[0](self))

    def home(self, screen: Screen) -> None:
        """Show a screen with nothing below it."""
        self._stack = [screen]
        self._show()

    def open(self, screen: Screen) -> None:
        """Show a screen on top of the one that is there."""
        self._stack.append(screen)
        self._show()

    def back(self) -> None:
        """Close the screen on top."""
        if len(self._stack) > 1:
            self._stack.pop()
            self._show()

    def do(self, act: Callable[[], T], zh: str = "", en: str = "") -> T | None:
        """Do something on the replica and say that it is done; what was refused is said in the error's own words."""
        try:
            done = act()
        except SaojieError as error:
            self._warn(error)
            return None
        if zh:
            self.say(self.t(zh, en))
        return done

    def say(self, text: str, *, alert: bool = False) -> None:
        """A sentence at the foot of the screen for a few seconds."""
        self.page.show_dialog(ft.SnackBar(ft.Text(text, size=16), bgcolor=look.ALERT if alert else None))

    def copy(self, text: str) -> None:
        """Put a text where another app can paste it."""
        self.page.run_task(ft.Clipboard().set, text)

    def apart(self, act: Callable[[], T], then: Callable[[T | None], object]) -> None:
        """Do something that waits for the network on a thread of its own. What came of it is for `then`, on the page's
        own loop: None where it was refused, which is said.
        """

        def work() -> None:
            try:
                done = act()
            except SaojieError as error:
                self.later(partial(self._warn, error))
                self.later(partial(then, None))
            else:
                self.later(partial(then, done))

        self.page.run_thread(work)

    def sync(self) -> None:
        """Sync now, and say how it ended."""

        def run() -> SyncReport:
            return self.replica.sync()

        def told(report: SyncReport | None) -> None:
            if report is not None:
                self.say(self.t(report.zh, report.en), alert=report.ended != "done")

        self.apart(run, told)

    def later(self, act: Callable[[], object]) -> None:
        """Do something on the page's own loop, from wherever this is called."""

        async def run() -> None:
            act()

        self.page.run_task(run)

    def _warn(self, error: SaojieError) -> None:
        self.say(self.t(f"{error.zh} {error.todo_zh}", f"{error.en} {error.todo}"), alert=True)

    # ---- showing --------------------------------------------------------

    def _show(self) -> None:
        """The screen on top, and what it shows from now on; where nobody enrolled, that is to be done first."""
        self._stop()
        if isinstance(self._stack[0], Enrol) is not (self.phone.replica is None):
            self._stack = [Enrol(self) if self.phone.replica is None else TABS[0](self)]
        self._body.controls = []
        self._status = None
        self._seen = _NOTHING
        self._lay_out(is_shut=False)
        if self.phone.replica is None:
            self._draw(None)
            return
        screen = self._stack[-1]
        self._watches = [
            self.replica.watch(self.replica.status, self._told, through=self.later),
            self.replica.watch(screen.look, self._draw, failed=self._failed, through=self.later),
        ]

    def _stop(self) -> None:
        for one in self._watches:
            one.stop()
        self._watches = []

    @property
    def _is_shut(self) -> bool:
        status = self._status
        return status is not None and (status.state is not State.OPEN or bool(status.unread))

    def _told(self, status: Status) -> None:
        """How the sync stands, on every screen; where the phone is shut, that alone is shown."""
        was_shut = self._is_shut
        self._status = status
        is_reopened = was_shut and not self._is_shut
        self._strip.content = look.note(self.t(status.zh, status.en), alert=bool(status.refused))
        if self._is_shut:
            if not was_shut:
                self._seen = _NOTHING
            self._body.controls = self.do(lambda: Halted(self).draw(status)) or []
        if was_shut is not self._is_shut:
            self._lay_out(is_shut=self._is_shut)
        self.page.update()
        if is_reopened and self._seen is not _NOTHING:
            # What the screen reads may have come first.
            self._draw(self._seen)

    def _draw(self, seen: Any) -> None:
        """Draw what was read; where the phone is shut, that waits for word that it is open."""
        self._seen = seen
        if self._is_shut:
            return
        try:
            self._body.controls = self._stack[-1].draw(seen)
        except NotFound as error:
            self._failed(error)
        except SaojieError as error:
            self._warn(error)
        else:
            self.page.update()

    def _failed(self, error: SaojieError) -> None:
        """What the screen shows left this phone; any other halt the status tells."""
        if isinstance(error, NotFound):
            self._warn(error)
            self.back()

    def _lay_out(self, *, is_shut: bool) -> None:
        """The frame around what is shown: made once for a screen, so that nothing moves under a thumb."""
        screen = self._stack[-1]
        is_open = self.phone.replica is not None and not is_shut
        self.page.views = [
            ft.View(
                route="/",
                padding=0,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                bgcolor="#ffffff",
                appbar=ft.AppBar(
                    title=ft.Text("扫街 Saojie" if is_shut else self.t(screen.zh, screen.en), size=22),
                    leading=self._leading() if len(self._stack) > 1 and not is_shut else None,
                    bgcolor=look.ACCENT,
                    color="#ffffff",
                    toolbar_height=60,
                ),
                controls=[self._strip, self._body] if is_open else [self._body],
                navigation_bar=self._tabs(screen) if isinstance(screen, Tab) and is_open else None,
            )
        ]
        self.page.update()

    def _leading(self) -> ft.Control:
        icon = ft.IconButton(ft.Icons.ARROW_BACK, icon_color="#ffffff", icon_size=28, on_click=lambda _: self.back())
        return look.named(self.t("返回", "Back"), icon)

    def _tabs(self, screen: Tab) -> ft.NavigationBar:
        return ft.NavigationBar(
            destinations=[ft.NavigationBarDestination(icon=one.icon, label=self.t(one.zh, one.en)) for one in TABS],
            selected_index=TABS.index(type(screen)),
            on_change=lambda event: self.home(TABS[int(event.data)](self)),
        )
