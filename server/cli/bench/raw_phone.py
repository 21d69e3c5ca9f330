"""The least that a phone's own work could take on this machine: plain `sqlite3` over narrow rows, nothing encrypted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from server.cli.bench.records import Maker

__all__ = ["raw_phone"]

_NEAR = "SELECT id FROM find WHERE lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?"
_SEARCH = "SELECT id FROM find WHERE instr(text, ?) > 0 LIMIT 50"
_HALF_DEGREE = 0.45
_VISIT = bytes(300)


def raw_phone(folder: Path, outlets: int, times: int) -> dict[str, list[float]]:
    """Milliseconds of each: a query for what is `near`, a `search` for text, one durable insert (`log`), and opening
    such a file up to a first row (`open`).
    """
    maker = Maker()
    with TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "raw.db"
        with closing(_made(path, maker, outlets)) as file:
            took: dict[str, list[float]] = {"near": [], "search": [], "log": []}
            for _ in range(times):
                here, word = maker.position(), maker.outlet_fields()["name"][2:4]
                box = (
                    here.lat - _HALF_DEGREE,
                    here.lat + _HALF_DEGREE,
                    here.lon - _HALF_DEGREE,
                    here.lon + _HALF_DEGREE,
                )
                took["near"].append(_timed(partial(_asked, file, _NEAR, box)))
                took["search"].append(_timed(partial(_asked, file, _SEARCH, (word,))))
                took["log"].append(_timed(partial(_asked, file, "INSERT INTO visit(body) VALUES(?)", (_VISIT,))))
        return took | {"open": [_timed(partial(_opened, path)) for _ in range(times)]}


def _made(path: Path, maker: Maker, outlets: int) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    file.execute("CREATE TABLE find(id INTEGER PRIMARY KEY, text TEXT, lat REAL, lon REAL)")
    file.execute("CREATE TABLE visit(id INTEGER PRIMARY KEY, body BLOB)")
    rows = (maker.outlet_fields() for _ in range(outlets))
    texts = ((f"{one['name']}\n{one['address']}\n{one['phone']}", one["position"]) for one in rows)
    file.execute("BEGIN")
    file.executemany("INSERT INTO find(text, lat, lon) VALUES(?, ?, ?)", ((text, at.lat, at.lon) for text, at in texts))
    file.execute("COMMIT")
    return file


def _asked(file: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    file.execute(statement, values).fetchall()


def _opened(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("SELECT id FROM find LIMIT 1").fetchone()


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
