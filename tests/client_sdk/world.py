"""Builders for the phone's tests: a company with two territories, phones with a clock and randomness of their own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypedDict
from uuid import UUID

from client_sdk.ports import Clock, Random, Transport
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from sync import scopes
from sync.messages import Standing
from sync.positions import Position
from sync.records import Contact, Outlet, Product, Record, Task
from tests.client_sdk.peer.company import Company, PhoneOfStaff, Staff, Time
from tests.client_sdk.peer.serving import Peer

HERE = Position(39.9042, 116.4074)
URL = "https://sync.example"


class PhoneClock:
    """A phone's clock, moved by tests; `ahead` is how wrong its date is."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._began = time.now
        self.ahead = 0
        self.run = "boot-1"

    def wall(self) -> int:
        """The phone's date."""
        return self._time.now + self.ahead

    def elapsed(self) -> int:
        """Since power-on."""
        return self._time.now - self._began

    def boot(self) -> str:
        """The phone's run."""
        return self.run

    def reboot(self) -> None:
        """Power off and on: the monotonic clock begins again."""
        self.run += "'"
        self._began = self._time.now

    def day_of(self, ms: int) -> str:
        """The day in Beijing."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(timezone(timedelta(hours=8))).date().isoformat()


class Seeded:
    """Randomness that a run can repeat."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bytes(self, count: int) -> bytes:
        """Random bytes."""
        return self._random.randbytes(count)


class Given(TypedDict):
    """Everything impure that a phone in a test is given."""

    transport: Transport
    clock: Clock
    random: Random


class World:
    """A company, its server, and a directory for phones."""

    def __init__(self, directory: Path, seed: int = 1) -> None:
        self.directory = directory
        self.time = Time()
        self.peer = Peer(Company(seed, self.time))
        self.west, self.east = self.company.new_id(), self.company.new_id()
        self.rep = self.company.hire("小王", self.west)
        self.clocks: dict[Path, PhoneClock] = {}
        self._seeds = 0

    @property
    def company(self) -> Company:
        """The company behind the peer."""
        return self.peer.company

    def put(self, *records: Record, territory: UUID | None = None) -> None:
        """Write records into a territory's scope, as the console would."""
        for record in records:
            self.company.master.put(record, scopes.territory(territory or self.west))

    def outlet(self, name: str = "老张烟酒", territory: UUID | None = None, **fields: Any) -> Outlet:
        """An outlet in the master store."""
        made = Outlet(self.company.new_id(), name, **({"position": HERE} | fields))
        self.put(made, territory=territory)
        return made

    def contact(self, outlet: Outlet, name: str = "张三", phone: str = "13900000001") -> Contact:
        """A contact in the master store."""
        made = Contact(self.company.new_id(), outlet.id, name, phone=phone)
        self.put(made)
        return made

    def product(self, code: str = "SKU-1") -> Product:
        """A product in the company's scope."""
        made = Product(self.company.new_id(), code, code)
        self.company.master.put(made, scopes.COMPANY)
        return made

    def task(self, person: Staff, title: str = "送海报", due: str | None = None) -> Task:
        """A task in a person's scope."""
        made = Task(self.company.new_id(), title, due=due)
        self.company.master.put(made, scopes.staff(person.id))
        return made

    def enrolled(self, person: Staff | None = None, *, name: str = "phone", confirm: bool = False) -> Replica:
        """A freshly enrolled phone."""
        path = self.directory / name
        code = self.company.code_for(person or self.rep, confirm=confirm)
        return Replica.enrol(URL, code=code, directory=path, **self.ports(path))

    def phone(self, person: Staff | None = None, *, name: str = "phone") -> Replica:
        """An enrolled phone after its first sync."""
        replica = self.enrolled(person, name=name)
        replica.sync()
        return replica

    def opened(self, name: str = "phone", disk: Disk | None = None) -> Replica:
        """The phone in this directory, opened as by a fresh process."""
        path = self.directory / name
        return Replica.open(path, disk=disk, **self.ports(path))

    def device(self, replica: Replica) -> PhoneOfStaff:
        """The server's side of a phone."""
        return self.company.devices[replica._device.enrolment.device]

    def clock(self, name: str = "phone") -> PhoneClock:
        """The clock of the phone in this directory."""
        return self.clocks[self.directory / name]

    def restored(self, snapshot: Company) -> None:
        """The server comes back from a backup, in a new epoch; devices and departures stand."""
        snapshot.devices = self.company.devices
        snapshot.time = self.time
        snapshot.master.epoch = self.company.random.randbytes(8)
        self.peer.company = snapshot

    def in_master(self, kind: type[Record]) -> list[Record]:
        """Every record of a kind that the master store has."""
        return [one.record for one in self.company.master.records.values() if isinstance(one.record, kind)]

    def is_active(self, replica: Replica) -> bool:
        """Whether the server still answers this phone with records."""
        return self.device(replica).standing is Standing.ACTIVE

    def ports(self, path: Path) -> Given:
        """What the phone in a directory is given from outside."""
        clock = self.clocks.setdefault(path, PhoneClock(self.time))
        self._seeds += 1
        return {"transport": self.peer, "clock": clock, "random": Seeded(self._seeds)}
