"""A world for one test: a company with two territories, its server, the time, and phones in a directory."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar
from uuid import UUID

from client_sdk.ports import Clock, Random, Surroundings, Transport
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.testing.clocks import PhoneClock, Time
from client_sdk.testing.company import Company, PhoneOfStaff, Staff
from client_sdk.testing.seeded import Seeded
from client_sdk.testing.server import Server
from client_sdk.testing.surroundings import PhoneSurroundings
from sync import scopes
from sync.messages import Standing
from sync.positions import Position
from sync.records import Contact, Outlet, Product, Record, Task

__all__ = ["HERE", "URL", "World"]

R = TypeVar("R", bound=Record)
HERE = Position(39.9042, 116.4074)
"""Where an outlet stands unless a test says otherwise (WGS-84)."""
URL = "https://sync.example"
"""The server's address. Nothing is ever sent there."""


class Given(TypedDict):
    """Everything impure that a phone is given: what `Replica.enrol` and `Replica.open` take by name."""

    transport: Transport
    clock: Clock
    random: Random
    surroundings: Surroundings


class World:
    """A company, its server, and phones.

    `time.now` is the server's time (ms), and phones' clocks go with it: `world.time.now += DAY`. `server` is the way to
    the company, which a test may cut, slow down or fail. `rep` answers for the territory `west`; nobody does for
    `east`. `directory` holds one directory for each phone. The same `seed` gives the same ids, codes and keys.
    """

    def __init__(self, directory: Path, seed: int = 1) -> None:
        self.directory = directory
        self.time = Time()
        self.server = Server(Company(seed, self.time))
        self.west, self.east = self.company.new_id(), self.company.new_id()
        self.rep = self.company.hire("小王", self.west)
        self.clocks: dict[Path, PhoneClock] = {}
        self._surroundings: dict[Path, PhoneSurroundings] = {}
        self._replicas: list[Replica] = []
        self._seeds = 0

    def close(self) -> None:
        """Close every phone that this world made or opened."""
        for replica in self._replicas:
            replica.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def company(self) -> Company:
        """The company behind the server."""
        return self.server.company

    # ---- what the company has --------------------------------------------------------

    def put(self, *records: Record, territory: UUID | None = None) -> None:
        """Write records into a territory, as a manager's console would. Phones have them after their next sync."""
        for record in records:
            self.company.master.put(record, scopes.territory(territory or self.west))

    def outlet(self, name: str = "老张烟酒", territory: UUID | None = None, **fields: Any) -> Outlet:
        """A new outlet of the company, with these fields of `Outlet` besides."""
        made = Outlet(self.company.new_id(), name, **({"position": HERE} | fields))
        self.put(made, territory=territory)
        return made

    def contact(self, outlet: Outlet, name: str = "张三", phone: str = "13900000001", role: str = "") -> Contact:
        """A new contact at an outlet."""
        made = Contact(self.company.new_id(), outlet.id, name, role, phone)
        self.put(made)
        return made

    def publish(self, *records: Record) -> None:
        """Write records that everybody sees: products, prices, classes, policies, notices."""
        for record in records:
            self.company.master.put(record, scopes.COMPANY)

    def product(self, code: str = "SKU-1", name: str = "", unit: str = "") -> Product:
        """A new product, which everybody sees; its name is its code unless one is given."""
        made = Product(self.company.new_id(), code, name or code, unit)
        self.publish(made)
        return made

    def task(self, person: Staff, title: str = "送海报", due: str | None = None) -> Task:
        """A new task of a person's, due on a day (YYYY-MM-DD)."""
        made = Task(self.company.new_id(), title, due=due)
        self.company.master.put(made, scopes.staff(person.id))
        return made

    def move(self, outlet: UUID, territory: UUID) -> None:
        """An outlet goes to another territory, with everything that hangs on it."""
        self.company.master.move(outlet, scopes.territory(territory))

    def cut_off(self, person: Staff) -> None:
        """A person departs: nothing more is given to their phones, and each has a signed order to destroy its copy."""
        self.company.cut_off(person)

    def in_master(self, kind: type[R]) -> list[R]:
        """Every record of a kind that the company has, in the order in which they came."""
        return [one.record for one in self.company.master.records.values() if isinstance(one.record, kind)]

    def edit(self, record: UUID, **fields: Any) -> None:
        """Change fields of a record as somebody in the office does, now. Raises KeyError for one that there is not."""
        self.company.master.edit(record, fields, self.time.now)

    # ---- phones --------------------------------------------------------

    def enrolled(self, person: Staff | None = None, *, name: str = "phone", confirm: bool = False) -> Replica:
        """A freshly enrolled phone in the directory `name`, of `rep` unless a person is given. With `confirm` it awaits
        that somebody compares the six digits (`company.confirm`).
        """
        path = self.directory / name
        code = self.code(person or self.rep, confirm=confirm)
        return self._kept(Replica.enrol(URL, code=code, directory=path, **self.ports(path)))

    def code(self, person: Staff, *, confirm: bool = False) -> str:
        """A new enrolment code for a person, as it is shown; good once."""
        return self.company.code_for(person, confirm=confirm)

    def phone(self, person: Staff | None = None, *, name: str = "phone") -> Replica:
        """An enrolled phone after its first sync."""
        replica = self.enrolled(person, name=name)
        replica.sync()
        return replica

    def opened(self, name: str = "phone", disk: Disk | None = None, screen: int | None = None) -> Replica:
        """The phone in this directory, opened as by a fresh process; `screen` is its drawing thread, as for
        `Replica.open`. Raises NotEnrolled.
        """
        path = self.directory / name
        return self._kept(Replica.open(path, disk=disk, screen=screen, **self.ports(path)))

    def device(self, replica: Replica) -> PhoneOfStaff:
        """The server's side of a phone. Raises KeyError for one of another world."""
        return self.company.devices[replica.device]

    def is_active(self, replica: Replica) -> bool:
        """Whether the server still answers this phone with records."""
        return self.device(replica).standing is Standing.ACTIVE

    def clock(self, name: str = "phone") -> PhoneClock:
        """The clock of the phone in this directory. Raises KeyError for one that there is not."""
        return self.clocks[self.directory / name]

    def surroundings(self, name: str = "phone") -> PhoneSurroundings:
        """Where the phone in this directory is: `surroundings().metered = True` takes it off Wi-Fi."""
        return self._surroundings.setdefault(self.directory / name, PhoneSurroundings())

    def ports(self, path: Path) -> Given:
        """What the phone in a directory is given from outside: the way to this server, its clock and surroundings, new
        randomness.
        """
        clock = self.clocks.setdefault(path, PhoneClock(self.time))
        self._seeds += 1
        around = self._surroundings.setdefault(path, PhoneSurroundings())
        return {"transport": self.server, "clock": clock, "random": Seeded(self._seeds), "surroundings": around}

    def _kept(self, replica: Replica) -> Replica:
        self._replicas.append(replica)
        return replica

    # ---- what befalls server and phones --------------------------------------------------------

    def back_up(self) -> Company:
        """A copy of the company as it is now, for `restore`."""
        return self.company.copied()

    def restore(self, backup: Company) -> None:
        """The server comes back from a backup, in a new epoch; devices and departures stand."""
        backup.devices = self.company.devices
        backup.time = self.time
        backup.master.epoch = self.company.random.randbytes(8)
        self.server.company = backup

    def copy_phone(self, name: str = "phone") -> None:
        """Copy the directory of a phone that is closed, as a backup of the phone does."""
        shutil.copytree(self.directory / name, self._copy(name))

    def put_phone_back(self, name: str = "phone") -> Replica:
        """The phone as it was when it was copied: its directory is put back (the phone has to be closed), and opened.
        Raises FileNotFoundError where it was never copied.
        """
        shutil.rmtree(self.directory / name)
        shutil.move(self._copy(name), self.directory / name)
        return self.opened(name)

    def _copy(self, name: str) -> Path:
        return self.directory / f"{name}.copy"
