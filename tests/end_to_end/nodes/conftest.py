"""A database of its own for each test, and three nodes over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.end_to_end.nodes.nodes import Nodes
from tests.server.conftest import _for_asyncpg, _in_a_loop_of_its_own, _run, postgres

__all__ = ["postgres"]


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of an empty database, as a setting names it."""
    name = f"nodes_{uuid4().hex}"
    _in_a_loop_of_its_own(_run(_for_asyncpg(postgres, "postgres"), f"CREATE DATABASE {name}"))
    yield _for_asyncpg(postgres, name)
    _in_a_loop_of_its_own(_run(_for_asyncpg(postgres, "postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def nodes(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Nodes]:
    """Three nodes that run, of a company with a rep in a territory of their own. A parameter says how many seconds of
    silence the balancer takes from a node.
    """
    folder = tmp_path / "nodes"
    folder.mkdir()
    three = Nodes(folder, 3, database, silence_s=getattr(request, "param", 15.0)).found()
    three.command("territory", "add", "城东片区")
    three.command("staff", "add", "周海波", "--role", "rep", "--territory", "城东片区")
    yield three.start()
    three.close()
