"""A world whose phones talk to the real server, in the process and at the world's time: bad days are compared on it.

Whatever happens in the company in memory happens to the real one too, by the functions that a manager's acts go
through; phones are answered by the real one alone.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from client_sdk.ports import Reply, Request
from client_sdk.testing import District, World, furnish
from client_sdk.testing.company import Company, Staff
from client_sdk.testing.server import Server
from server.cli.founding import establish
from server.cli.saving import load, save
from server.cli.talk import Talk
from server.departure.cutoff import offboard
from server.departure.means import Means, means_of
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.redrawing import redraw
from server.identity import enrolment, staff, territories
from server.master import meta
from server.master.actors import Authority
from server.ports import Sources
from server.settings import Settings
from sync import scopes
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Record, Task
from sync.rules import Merge
from tests.past.harness import Line, served

__all__ = ["Founded", "RealWorld", "found"]

T = TypeVar("T")
_LIFETIME = 600_000


class Founded(msgspec.Struct, frozen=True):
    """A company that was founded and furnished once, in a home to be copied; ids are the real ones."""

    home: Path
    company: UUID
    manager: UUID
    rep: UUID
    west: UUID
    east: UUID


class _Behind(Server):
    """The real server, where there is one by now; `said` is every request that reached it, with its reply."""

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.line: Line | None = None
        self.said: list[tuple[Request, Reply]] = []

    def answered(self, request: Request) -> Reply:
        """The real server's reply."""
        assert self.line is not None
        reply = self.line.send(request)
        self.said.append((request, reply))
        return reply


class RealWorld(World):
    """The world of a copy of the founded company; `start` and `close` its server."""

    def __init__(self, directory: Path, founded: Founded) -> None:
        super().__init__(directory)
        self.founded = founded
        self.settings = Settings(directory / "home")
        random = Random(20261127)
        self.sources = Sources(lambda: self.time.now, random.randbytes)
        self.server = self.behind = _Behind(self.company)
        self._stack = ExitStack()

    def start(self) -> District:
        """Serve the company, which has its district already; what stands in it."""
        shutil.copytree(self.founded.home, self.settings.home)
        district = furnish(_Quiet(self))
        self.behind.line = self._stack.enter_context(served(self))
        return district

    def close(self) -> None:
        """Close the phones, and end the server."""
        super().close()
        self._stack.close()

    def act(self, work: Callable[[Means], Awaitable[T]]) -> T:
        """Do something to the company beside its server, as a command does."""
        return asyncio.run(_whole(self.settings, self.sources, work))

    # ---- what the office does --------------------------------------------------------

    def put(self, *records: Record, territory: UUID | None = None) -> None:
        """Write records into a territory."""
        super().put(*records, territory=territory)
        self._carry_out(_made(one, scopes.territory(self._real(territory or self.west))) for one in records)

    def publish(self, *records: Record) -> None:
        """Write records that everybody sees."""
        super().publish(*records)
        self._carry_out(_made(one, scopes.COMPANY) for one in records)

    def task(self, person: Staff, title: str = "送海报", due: str | None = None) -> Task:
        """A new task of the rep's."""
        made = super().task(person, title, due)
        self._carry_out([_made(made, scopes.staff(self.founded.rep))])
        return made

    def edit(self, record: UUID, **fields: Any) -> None:
        """Change fields of a record."""
        super().edit(record, **fields)
        name = self.company.master.records[record].collection.name
        self._carry_out([Asked(name, fields, record, Act.EDIT)])

    def move(self, outlet: UUID, territory: UUID) -> None:
        """Move an outlet."""
        super().move(outlet, territory)

        async def work(means: Means) -> None:
            async with means.store.write() as tx:
                into = self._real(territory)
                moved = await redraw(tx, [outlet], into, Ground(means.sources), by=self.founded.manager)
                assert not moved.refused

        self.act(work)

    def cut_off(self, person: Staff) -> None:
        """Somebody departs."""
        super().cut_off(person)

        async def work(means: Means) -> None:
            await offboard(means, self.founded.rep, "resigned")

        self.act(work)

    def code(self, person: Staff, *, confirm: bool = False) -> str:
        """A code for the rep."""
        super().code(person, confirm=confirm)

        async def work(means: Means) -> str:
            async with means.store.write() as tx:
                issued = await enrolment.issue(tx, self.founded.rep, means.sources, lifetime=_LIFETIME, confirm=confirm)
            return issued.code.shown

        return self.act(work)

    def back_up(self) -> Company:
        """A copy of both companies."""
        save(self.settings, self._copy_of(), self.founded.company, self.time.now)
        return super().back_up()

    def restore(self, backup: Company) -> None:
        """Both come back from their newest copy."""
        super().restore(backup)
        self._stack.close()
        load(self.settings, self._copy_of())
        self.behind.line = self._stack.enter_context(served(self))

    def _copy_of(self) -> Path:
        return self.directory / "saved"

    def _real(self, territory: UUID) -> UUID:
        return {self.west: self.founded.west, self.east: self.founded.east}[territory]

    def _carry_out(self, asked: Iterable[Asked]) -> None:
        self.act(lambda means: _carried_out(means, list(asked), self.founded.manager))


class _Quiet(World):
    """The same company in memory, without the real one: what was furnished before the copy was made."""

    def __init__(self, world: RealWorld) -> None:
        self.server, self.time = world.server, world.time
        self.west, self.east, self.rep = world.west, world.east, world.rep


def found(home: Path, directory: Path) -> Founded:
    """Found a company with a district in `home`."""
    world = World(directory)
    random = Random(20261126)
    settings, sources = Settings(home), Sources(lambda: world.time.now, random.randbytes)

    async def work() -> Founded:
        means, _ = await establish(Talk(is_quiet=True), settings, "京西烟酒", "刘经理", sources)
        try:
            return await _peopled(means, home)
        finally:
            await means.close()

    founded = asyncio.run(work())
    furnish(_Written(world, founded, settings, sources))
    return founded


class _Written(RealWorld):
    """The founded company while its district is written."""

    def __init__(self, world: World, founded: Founded, settings: Settings, sources: Sources) -> None:
        super().__init__(world.directory, founded)
        self.settings, self.sources = settings, sources


async def _peopled(means: Means, home: Path) -> Founded:
    async with means.store.write() as tx:
        (manager,) = await staff.everybody(tx)
        rep = await staff.add(tx, "小王", staff.Role.REP, means.sources)
        west, east = [await territories.add_territory(tx, name, None, means.sources) for name in ("西区", "东区")]
        await territories.assign(tx, west.id, rep.id, means.sources, private=True)
        company = (await meta.read_identity(tx)).company
    return Founded(home, company, manager.id, rep.id, west.id, east.id)


async def _whole(settings: Settings, sources: Sources, work: Callable[[Means], Awaitable[T]]) -> T:
    means = means_of(settings, sources)
    try:
        return await work(means)
    finally:
        await means.close()


async def _carried_out(means: Means, asked: list[Asked], manager: UUID) -> None:
    async with means.store.write() as tx:
        applied = await carry_out(tx, means.sources, asked, by=manager, authority=Authority.MANAGER)
    assert {one.code for one in applied.outcomes} <= {OutcomeCode.APPLIED}, applied.outcomes


def _made(record: Record, scope: str) -> Asked:
    """The record as somebody would enter it: with what is set, and nothing that the server derives."""
    one = next(each for each in COLLECTIONS.values() if each.type is type(record))
    given = {
        name: value
        for name, value in msgspec.structs.asdict(record).items()
        if name != "id" and one.rule(name).merge is not Merge.DERIVED and value not in (None, "", (), {})
    }
    return Asked(one.name, given, record.id, Act.CREATE, scope if "outlet" not in given else None)
