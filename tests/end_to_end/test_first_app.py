"""`docs/first_app.py`: an app of less than 100 lines, typed to by a rep whose days are bad, against a sandbox."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from client_sdk import Position
from tests.client_sdk.acts import picture
from tests.end_to_end.sandbox import Sandbox
from tests.source import ROOT

APP = ROOT / "docs" / "first_app.py"
REP, COLLEAGUE = "周海波", "曹文俊"


class Terminal:
    """The app in a process of its own: what is typed into it, and what it shows."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, str(APP), *words]
        beside = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=beside)
        self._shown = ""
        self._came = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def asks(self, line: str) -> str:
        """Type a line; what the screen shows until it is done. Then comes a word that is none, which is answered so."""
        assert self.process.stdin is not None
        with self._came:
            self._shown = ""
        self.process.stdin.write(f"{line}\n.\n")
        self.process.stdin.flush()
        return self.shows(r"(?m)^\? today")

    def shows(self, pattern: str, within_s: float = 60) -> str:
        """Wait until the screen shows this; what it shows then. Fails after a minute."""
        with self._came:
            assert self._came.wait_for(lambda: re.search(pattern, self._shown), within_s), (pattern, self._shown)
            return self._shown

    def ends(self) -> int:
        """Ctrl-D; how the process ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(60)
        self._reader.join(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._came:
                self._shown += line
                self._came.notify_all()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox; it ends well."""
    made = Sandbox(tmp_path / "home")
    yield made
    assert made.end() == 0


def test_it_has_less_than_a_hundred_lines() -> None:
    """An afternoon's work."""
    assert APP.read_text("utf-8").count("\n") < 100


def where(sandbox: Sandbox, directory: Path) -> Position:
    """The place of an outlet of the rep's, as a phone of theirs has it."""
    with sandbox.phone(REP, directory) as phone:
        return next(one.position for one in phone.outlets.search("店") if one.position is not None)


def test_a_rep_works_with_it_from_the_first_code_to_the_wipe(sandbox: Sandbox, tmp_path: Path) -> None:
    """A new outlet with the near-by check, a visit with a photo, refused work mended, a lock, a wipe: all in words."""
    place = where(sandbox, tmp_path / "other")
    (tmp_path / "front.jpg").write_bytes(picture())
    app = Terminal(str(tmp_path / "phone"), sandbox("code", REP, "--no-confirm")["code"]["payload"])
    app.shows(r"(?m)^\d{6}$")
    app.shows("核对一致")
    app.shows(r"(?m)^今日 due [1-9]")
    assert re.search(r"(?m)^0 \S+ ", app.asks("today"))

    known = found(app.asks(f"near {place.lat} {place.lon}"), r"^0 (\S+)")
    assert "已有相似的终端" in app.asks(f"new {known}")
    assert f"0 {known}新店" in app.asks(f"new {known}新店 sure")
    app.asks(f"visit 0 补货两箱 {tmp_path / 'front.jpg'}")
    app.asks("today")

    number = found(app.asks(f"near {place.lat} {place.lon}"), rf"^(\d+) {known} ")
    sandbox("refuse", REP)
    app.asks(f"visit {number} 送样品")
    app.asks("today")  # which syncs
    assert "送样品" in app.asks("refused")
    app.asks(f"find {known}新店")
    assert "档案不存在或不在您的范围内" in app.asks("refused 0")
    assert "送样品" not in app.asks("refused")

    sandbox("lock", REP)
    app.asks("visit 0 锁定前")
    app.shows("锁定：公司已停用本机")
    app.asks("visit 0 锁定期间")
    assert "副本已锁定" in app.asks("find 店")
    sandbox("unlock", REP)
    app.asks("today")
    app.shows("核对一致")

    sandbox("wipe", REP, "--to", COLLEAGUE)
    app.shows("访问权限已于.*没有待交的工作")
    assert "访问权限已终止，本机副本已清除" in app.asks("today")
    assert app.ends() == 0
    with sandbox.phone(COLLEAGUE, tmp_path / "colleague") as phone:
        (shop,) = phone.outlets.search(f"{known}新店")
        arrived = phone.visits.of(shop.id)
        assert [one.notes for one in arrived] == ["锁定期间", "锁定前", "送样品", "补货两箱"]
        assert len(phone.photos.of(arrived[-1].id)) == 1


def found(shown: str, pattern: str) -> str:
    """What a pattern finds on the screen, once."""
    (one,) = re.findall(f"(?m){pattern}", shown)
    return str(one)
