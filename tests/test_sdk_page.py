"""`docs/sdk.md` walks through a rep's day: its code runs as it stands, against a real server."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from client_sdk.map import Bounds
from client_sdk.replica import Replica
from sync.positions import Position
from sync.records import OrderLine, Stock
from tests.source import ROOT
from tests.test_readme import server

__all__ = ["server"]


def code_of_the_day() -> str:
    """The blocks of the section, in order."""
    page = (ROOT / "docs" / "sdk.md").read_text("utf-8")
    section = page.split("## A rep's day", 1)[1].split("\n## ", 1)[0]
    return "\n".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))


def a_picture() -> bytes:
    """A small photo."""
    from PIL import Image  # noqa: PLC0415  # what the SDK itself reads photos with

    held = io.BytesIO()
    Image.new("RGB", (64, 48), "#8e44ad").save(held, "JPEG")
    return held.getvalue()


def test_a_reps_day_runs_as_it_is_written(server: tuple[str, str], tmp_path: Path) -> None:
    """From the first sync to the last: everything reaches the company, and nothing is refused."""
    url, code = server
    with Replica.enrol(url, code=code, directory=tmp_path / "replica") as replica:
        replica.sync()
        place = next(one.position for one in replica.outlets.list() if one.position is not None)
        here = Position(place.lat, place.lon, 8.0)
        names = {"replica": replica, "here": here, "front": a_picture(), "Bounds": Bounds}
        names |= {"Stock": Stock, "OrderLine": OrderLine}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            exec(compile(code_of_the_day(), "docs/sdk.md", "exec"), names)  # noqa: S102  # the page's own lines
        assert replica.status().pending == 0
        assert replica.refusals.list() == []
        assert replica.reports.sent()[0].notes == "新店 1 家"
        assert replica.sweeps.current() is None
        assert "0 " in told.getvalue()
