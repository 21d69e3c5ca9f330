"""The sample app in a process of its own, and a thumb on it: what a person reads is what a screen reader is told."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self

from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as NotThere

from client_sdk import Replica
from client_sdk.sandbox import SandboxClock

__all__ = ["Sample", "Thumb"]

_WAIT_S = 20
_SCROLLS = 4
_PAUSE_MS = 700
_TAP_MS = 3000
"""A page that draws does not answer meanwhile: a tap that arrived is not to be given up."""
_STILL_MS = 250
_KEY_MS = 20
_TAPPED: tuple[Literal["checkbox", "switch"], ...] = ("checkbox", "switch")
_TREE = "flt-semantics-host"


class Sample:
    """`python -m client_sdk.sample` on a folder, by the clock of a sandbox, to be killed and started again."""

    def __init__(self, folder: Path, sandbox: str, *words: str) -> None:
        self._folder, self._sandbox = folder, sandbox
        self._words = ["--sandbox", sandbox, *words]
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Where the app is shown."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self, *words: str) -> Self:
        """Start it, and wait until it is shown."""
        command = [sys.executable, "-m", "client_sdk.sample", str(self._folder), "--port", str(self.port)]
        with self._folder.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen([*command, *self._words, *words], stdout=log, stderr=log)
        ends_at = time.monotonic() + _WAIT_S
        while not self._answers():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < ends_at, self.said()
            time.sleep(0.1)
        return self

    def kill(self) -> None:
        """SIGKILL, as a phone that runs out of memory does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(30)
            self._process = None

    def has_draft(self, name: str, values: Mapping[str, object]) -> None:
        """Wait until the phone's storage has a draft with these values: what is still in the air dies with a kill."""
        ends_at = time.monotonic() + _WAIT_S
        clock = SandboxClock(self._sandbox, self._folder.with_suffix(".clock"))
        with Replica.open(self._folder, clock=clock) as replica:
            while (kept := {one.name: one.values for one in replica.drafts.list()}.get(name)) != values:
                assert time.monotonic() < ends_at, kept
                time.sleep(0.05)

    def said(self) -> str:
        """What it wrote on its terminal."""
        return self._folder.with_suffix(".log").read_text()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=2) as reply:  # noqa: S310
                return bool(reply.status == 200)
        except OSError:
            return False


class Thumb:
    """One person on the app, at the width of a phone. Whatever is looked for is waited for."""

    def __init__(self, browser: Browser, sample: Sample) -> None:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        self.page: Page = context.new_page()
        self._url = sample.url

    def open(self) -> Self:
        """Open the app, and ask it for what it tells a screen reader."""
        self.page.goto(self._url)
        self.page.wait_for_selector("flt-semantics-placeholder", state="attached", timeout=_WAIT_S * 1000)
        self.page.evaluate("document.querySelector('flt-semantics-placeholder').click()")
        return self

    def sees(self, text: str) -> Locator:
        """Text somewhere on the screen."""
        return self._found(self._tree.get_by_text(re.compile(re.escape(text))))

    def taps(self, text: str) -> None:
        """A button, a line of a list, a choice."""
        pattern = re.compile(re.escape(text))
        found = self._tree.get_by_role("button", name=pattern)
        for role in _TAPPED:
            found = found.or_(self._tree.get_by_role(role, name=pattern))
        self._tap(found)

    def opens(self, text: str, screen: str) -> None:
        """What leads to another screen, until it is there: a person whose tap is lost taps again."""
        ends_at = time.monotonic() + _WAIT_S
        while self.title() != screen:
            assert time.monotonic() < ends_at, f"{text} does not lead to {screen}:\n{self.reads()}"
            self.taps(text)
            self._scroll(0)

    def goes_to(self, tab: str) -> None:
        """One of those at the foot of the screen."""
        self._tap(self._tree.get_by_role("tab", name=re.compile(re.escape(tab))))
        self.is_at(tab)

    def is_at(self, screen: str) -> None:
        """The screen of that title."""
        ends_at = time.monotonic() + _WAIT_S
        while self.title() != screen:
            assert time.monotonic() < ends_at, self.reads()
            self._scroll(0)

    def title(self) -> str:
        """What stands at the top."""
        lines = [one for one in self.reads().splitlines() if one not in {"返回", "Back"}]
        return lines[0] if lines else ""

    def types(self, label: str, text: str) -> None:
        """Into the field of that label, in place of what is there."""
        ends_at = time.monotonic() + _WAIT_S
        while (field := self._field(label)).input_value() != text:
            assert time.monotonic() < ends_at, f"{label}: {field.input_value()}"
            field.focus()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text, delay=_KEY_MS)

    def has_in(self, label: str, text: str) -> None:
        """What stands in the field of that label."""
        ends_at = time.monotonic() + _WAIT_S
        while (found := self._field(label).input_value()) != text:
            assert time.monotonic() < ends_at, f"{label}: {found}"
            self._field(label).focus()

    def takes_picture(self, text: str, file: Path) -> None:
        """A button that asks for a picture, and the picture."""
        with self.page.expect_file_chooser(timeout=_WAIT_S * 1000) as chooser:
            self.taps(text)
        chooser.value.set_files(file)

    def reads(self) -> str:
        """All that is on the screen."""
        return str(self.page.evaluate(f"document.querySelector('{_TREE}').innerText"))

    def heights(self) -> list[float]:
        """How high each thing is that can be tapped, in points; what is half scrolled away counts as it shows."""
        tapped = self._tree.locator("[flt-tappable], [role=switch], [role=checkbox], [role=tab]")
        return [box["height"] for one in tapped.all() if (box := one.bounding_box()) is not None]

    def picture(self, path: Path) -> None:
        """What it looks like."""
        self.page.screenshot(path=path)

    @property
    def _tree(self) -> Locator:
        return self.page.locator(_TREE)

    def _field(self, label: str) -> Locator:
        return self._found(self.page.get_by_label(re.compile(re.escape(label))))

    def _found(self, wanted: Locator) -> Locator:
        """What is on the screen, or comes there, or lies further down."""
        ends_at = time.monotonic() + _WAIT_S
        self.page.mouse.move(195, 500)
        while time.monotonic() < ends_at:
            for _ in range(_SCROLLS):
                with suppress(NotThere):
                    wanted.first.wait_for(state="attached", timeout=_PAUSE_MS)
                    return wanted.first
                self._scroll(500)
            self._scroll(-10_000)
        raise AssertionError(f"{wanted} is not on the screen:\n{self.reads()}")

    def _tap(self, wanted: Locator) -> None:
        """What is drawn anew under the thumb is tapped again."""
        while True:
            with suppress(NotThere):
                return self._found(wanted).dispatch_event("click", timeout=_TAP_MS)

    def _scroll(self, by: int) -> None:
        """What is scrolled away is told to be there until the list stands still."""
        self.page.mouse.wheel(0, by)
        self.page.wait_for_timeout(_STILL_MS)

    def close(self) -> None:
        """Put the phone down."""
        self.page.context.close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
