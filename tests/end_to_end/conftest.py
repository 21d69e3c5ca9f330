"""A district that was imported once by the command, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.deployment import Deployment

DISTRICT = Path(__file__).parents[2] / "fixtures" / "district" / "district.xlsx"


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment's home with the whole district in it."""
    home = tmp_path_factory.mktemp("district")
    deployment = Deployment(home)
    deployment.command("init", "--company", "测试商贸", "--manager", "陈经理")
    deployment.command("import", str(DISTRICT))
    return home


@pytest.fixture
def deployment(district: Path, tmp_path: Path) -> Iterator[Deployment]:
    """The district's server, running."""
    home = tmp_path / "home"
    shutil.copytree(district, home)
    deployment = Deployment(home).start()
    yield deployment
    deployment.close()
