"""Yesterday's database is put back under phones that went on since: by the command, and by PostgreSQL's programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import make_url

from client_sdk import Stock
from sync.machine import State
from tests.end_to_end.conftest import DISTRICT
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.nodes.conftest import database, postgres
from tests.end_to_end.nodes.nodes import Node
from tests.server.conftest import _for_asyncpg, _in_a_loop_of_its_own, _run
from tests.server.master.postgres.programs import dumped, restored

__all__ = ["database", "postgres"]

REP, PARTNER = "周海波", "曹文俊"


class Backups(Protocol):
    """A deployment that runs, and how its operator backs it up."""

    deployment: Deployment

    def back_up(self) -> None:
        """While its server runs."""
        ...

    def put_back(self) -> None:
        """In place of what there is now."""
        ...


class ByCommand:
    """`saojie backup` and `saojie restore`, which takes a server that is down."""

    def __init__(self, deployment: Deployment, copy: Path) -> None:
        self.deployment = deployment
        self._copy = str(copy)

    def back_up(self) -> None:
        """While its server runs."""
        assert self.deployment.command("backup", self._copy)["database"]

    def put_back(self) -> None:
        """In place of what there is now."""
        with pytest.raises(AssertionError, match="server_running"):
            self.deployment.command("restore", self._copy, "--yes")
        self.deployment.stop()
        self.deployment.command("restore", self._copy, "--yes")
        self.deployment.start()


class ByDump:
    """`pg_dump`, and `pg_restore` into a new database of the same name while all servers are stopped."""

    def __init__(self, deployment: Deployment, url: str, copy: Path) -> None:
        self.deployment = deployment
        self._url = url
        self._copy = copy

    def back_up(self) -> None:
        """While its server runs."""
        dumped(self._url, self._copy)

    def put_back(self) -> None:
        """In place of what there is now."""
        name = make_url(self._url).database
        self.deployment.stop()
        anew = (f"DROP DATABASE {name}", f"CREATE DATABASE {name}")
        _in_a_loop_of_its_own(_run(_for_asyncpg(self._url, "postgres"), *anew))
        restored(self._copy, self._url)
        self.deployment.command("init", "--company", "测试商贸")
        self.deployment.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def backups(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backups]:
    """The district on each of the two databases."""
    if request.param == "sqlite":
        yield ByCommand(request.getfixturevalue("deployment"), tmp_path / "copy")
        return
    url: str = request.getfixturevalue("database")
    node = Node(tmp_path / "node", url, {})
    node.command("init", "--company", "测试商贸", "--manager", "陈经理")
    node.command("import", str(DISTRICT))
    yield ByDump(node.start(), url, tmp_path / "saojie.dump")
    node.close()


def test_yesterdays_database_under_running_phones_gets_their_work_back_once(backups: Backups, tmp_path: Path) -> None:
    """What was acknowledged since the backup comes again, what is pending comes too, and both phones are verified."""
    deployment = backups.deployment
    one, two = deployment.phone(REP, tmp_path / "one"), deployment.phone(PARTNER, tmp_path / "two")
    shop = one.outlets.search("店")[0]
    one.visits.log(shop.id, notes="before", stock=[Stock("SKU-1", sold=1)])
    assert one.sync().verified
    backups.back_up()
    for number in range(5):
        one.visits.log(shop.id, notes=f"lost {number}", stock=[Stock("SKU-1", sold=1)])
    two.outlets.update(shop.id, address="东升大道 1 号")
    assert one.sync().verified
    assert two.sync().verified
    one.visits.log(shop.id, notes="pending", stock=[Stock("SKU-1", sold=1)])
    backups.put_back()
    reports = [phone.sync() for phone in (one, two, one, two)]
    assert [report.verified for report in reports[2:]] == [True, True]
    wanted = ["before", *(f"lost {number}" for number in range(5)), "pending"]
    for phone in (one, two):
        assert sorted(visit.notes for visit in phone.visits.of(shop.id)) == wanted
        held = phone.outlets.get(shop.id)
        assert (held.stock["SKU-1"].sold, held.address) == (7, "东升大道 1 号")
    assert deployment.faults() == []


def test_a_database_from_before_a_departure_brings_nobody_back(backups: Backups, tmp_path: Path) -> None:
    """The departure stands outside the database: the leaver's phone gets its order, and no record."""
    phone = backups.deployment.phone(REP, tmp_path / "phone")
    backups.back_up()
    backups.deployment.command("offboard", REP, "--yes")
    backups.put_back()
    report = phone.sync()
    assert (report.received, report.state) == (0, State.WIPED)
