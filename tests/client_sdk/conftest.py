"""A world with one company and room for phones, and a process that tests may kill."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from client_sdk.testing.world import World
from tests.client_sdk.killing import Killer

_MEMORY = Path("/dev/shm")


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory, in memory where there is a file system for that: a killed process leaves the same there."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def world(place: Path) -> World:
    """A company, a rep in the western territory, a directory for phones."""
    return World(place)


@pytest.fixture(scope="session")
def killer() -> Iterator[Killer]:
    """Runs acts of a phone in processes that end in the middle."""
    with Killer() as killer:
        yield killer
