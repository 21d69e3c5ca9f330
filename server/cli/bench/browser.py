"""A headless Chromium that is spoken to over two pipes in its own protocol (DevTools), with nothing between.

It is whatever Chromium is on the path: no package of ours, and no part of what is measured.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

import msgspec

from server.cli.talk import Failure

__all__ = ["Browser", "Tab", "chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1280,800",
)  # fmt: skip
_ENDS_WITHIN_S = 10


def chromium() -> str | None:
    """Where a Chromium is on this machine; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Browser:
    """One Chromium, gone with all its files when the block ends."""

    def __init__(self, program: str, folder: Path) -> None:
        self._profile = Path(mkdtemp(prefix="browser-", dir=folder))
        # It reads from file 3 and writes to file 4.
        line = ["sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1', "sh", program]
        self._child = subprocess.Popen(  # noqa: S603  # a browser, with arguments of ours
            [*line, *_ARGUMENTS, f"--user-data-dir={self._profile}", "about:blank"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # The name of its socket stands in the folder for temporary files, and may not be long.
            env={name: value for name, value in os.environ.items() if name != "TMPDIR"},
            start_new_session=True,
        )
        self._numbers = itertools.count(1)
        self._rest = b""

    def ask(self, method: str, tab: str | None = None, **params: Any) -> dict[str, Any]:
        """Ask for one thing and wait for it. Raises Failure."""
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": params} | ({"sessionId": tab} if tab else {})
        assert self._child.stdin is not None  # noqa: S101  # it was asked for as a pipe
        self._child.stdin.write(msgspec.json.encode(asked) + b"\0")
        self._child.stdin.flush()
        while True:
            said = msgspec.json.decode(self._heard())
            if said.get("id") == number:
                if "error" in said:
                    raise Failure("browser_refused", f"{method}: {said['error']}", f"浏览器拒绝：{method}")
                result: dict[str, Any] = said["result"]
                return result

    def _heard(self) -> bytes:
        assert self._child.stdout is not None  # noqa: S101  # it was asked for as a pipe
        while b"\0" not in self._rest:
            more = os.read(self._child.stdout.fileno(), 1 << 16)
            if not more:
                raise Failure("browser_ended", "the browser ended early", "浏览器意外结束")
            self._rest += more
        one, _, self._rest = self._rest.partition(b"\0")
        return one

    def tab(self, url: str, cookies: dict[str, str]) -> Tab:
        """A tab of a browser that has seen nothing, with these cookies for a server."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        tab = str(self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for name, value in cookies.items():
            self.ask("Network.setCookie", tab, name=name, value=value, url=url)
        return Tab(self, tab, str(context))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Failure, OSError):
            self.ask("Browser.close")
        try:
            self._child.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self._profile, ignore_errors=True)


class Tab:
    """One page of a browser."""

    def __init__(self, browser: Browser, tab: str, context: str) -> None:
        self._browser, self._tab, self._context = browser, tab, context

    def open(self, url: str) -> None:
        """Go to a page."""
        self._browser.ask("Page.navigate", self._tab, url=url)

    def run(self, script: str) -> Any:
        """What an expression comes to; a promise is waited for. Raises Failure."""
        said = self._browser.ask(
            "Runtime.evaluate", self._tab, expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in said:
            raise Failure("browser_script", f"the page failed: {said['exceptionDetails']}", "页面脚本出错")
        return said["result"].get("value")

    def close(self) -> None:
        """Forget the page and all that it kept."""
        self._browser.ask("Target.disposeBrowserContext", browserContextId=self._context)
