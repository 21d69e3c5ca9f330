"""Where scripts are played: on a SQLite file, and on a PostgreSQL where one can be had."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from tests.server.conftest import _for_asyncpg, postgres
from tests.simulation.disks import PostgresDisk, sessions_die_too
from tests.simulation.play import Ground

__all__ = ["postgres"]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A ground with SQLite."""
    with TemporaryDirectory() as place:
        yield Ground(Path(place) / "ground")


@pytest.fixture(scope="module")
def postgres_ground(postgres: str) -> Iterator[Ground]:
    """A ground whose worlds have a database each."""
    disk = PostgresDisk(_for_asyncpg(postgres, "postgres"), f"world_{uuid4().hex[:8]}")
    disk.create()
    with TemporaryDirectory() as place, sessions_die_too():
        yield Ground(Path(place) / "ground", disk)
    disk.remove()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
