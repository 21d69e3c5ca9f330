"""Where a sandbox lives, and how its commands find it: by its home, by its address, or because it is the only one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from server.cli.talk import Failure

__all__ = ["PREFIX", "Address", "Places", "found"]

PREFIX = "saojie-sandbox-"


class Address(msgspec.Struct, frozen=True):
    """Where a sandbox answers phones, where it is told what to do, with which token, and whose process it is."""

    url: str
    control: str
    token: str
    process: int


class Places:
    """The sandbox's own files, in a folder of the deployment's home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "sandbox"

    @property
    def address(self) -> Path:
        """Where it answers, while it runs; closed to other users."""
        return self.folder / "address.json"

    @property
    def time(self) -> Path:
        """How its clock is set."""
        return self.folder / "time.json"

    @property
    def marks(self) -> Path:
        """The copies to come back to, each a folder."""
        return self.folder / "marks"

    def make(self, home: Path) -> None:
        """Make the folder in a home that is empty or a sandbox's. Raises Failure for any other, which is somebody's,
        and for one whose sandbox runs.
        """
        if (running := _address(home)) is not None:
            raise Failure("sandbox_running", f"it runs already, at {running.url}", f"该沙盒已在运行：{running.url}")
        if not self.folder.is_dir() and home.is_dir() and any(home.iterdir()):
            raise Failure(
                "not_a_sandbox", f"{home} is not empty and no sandbox's; name another with --home",
                f"{home} 不是空文件夹，也不是沙盒，请用 --home 指定其他文件夹",
            )  # fmt: skip
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, address: Address) -> None:
        """Leave the address, for this user alone."""
        self.address.unlink(missing_ok=True)
        with os.fdopen(os.open(self.address, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(address))


def found(home: Path | None, url: str | None) -> Address:
    """The sandbox of this home, or at this address, or the only one that runs here. Raises Failure."""
    homes = [home] if home is not None else _homes()
    running = [one for one in map(_address, homes) if one is not None and url in {None, one.url, one.control}]
    if len(running) == 1:
        return running[0]
    if not running:
        raise Failure(
            "no_sandbox", "no sandbox runs there; start one with `saojie serve --sandbox`",
            "没有运行中的沙盒，请先运行 saojie serve --sandbox",
        )  # fmt: skip
    urls = ", ".join(one.url for one in running)
    raise Failure(
        "sandbox_ambiguous", f"several run: say which with --url ({urls})", f"有多个沙盒，请用 --url 指定（{urls}）"
    )


def _homes() -> list[Path]:
    """The home that the environment names, and those that were made for a while, of this user alone."""
    named = os.environ.get("SAOJIE_HOME", "").strip()
    made = [one for one in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if one.stat().st_uid == os.getuid()]
    return [*([Path(named)] if named else []), *made]


def _address(home: Path) -> Address | None:
    """The address of a sandbox that still runs."""
    try:
        kept = msgspec.json.decode(Places(home).address.read_bytes(), type=Address)
        os.kill(kept.process, 0)
    except (OSError, msgspec.DecodeError):
        return None
    return kept
