"""A deployment on disk with its real application, and phones that speak to it over HTTP as a phone does."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar

from server.app import create_app
from server.departure.cutoff import lose_device, offboard
from server.identity import accounts, devices, enrolment, staff, territories
from server.identity.keys import create_keys
from server.identity.passwords import hashed
from server.identity.staff import Person, Role
from server.identity.territories import Territory
from server.logs import make_logger
from server.master.migrations import upgrade
from server.master.store import Store
from server.ports import Sources
from server.routes.context import Context
from server.settings import Settings
from sync import frames, scopes
from sync.clock import Moment
from sync.codec import encode
from sync.messages import Answer, SyncRequest
from sync.operations import START_HASH, Operation, chain
from sync.outbox import Told
from sync.signing import Kind
from sync.statements import RequestProof
from tests.server.desk import EPOCH, Desk
from tests.server.identity.conftest import PhoneKey
from tests.server.routes.browsing import Browser

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MINUTE = 60_000
PASSWORD = "correct horse battery"
NAMES = {
    Role.DEALER: "刘老板",
    Role.MANAGER: "陈经理",
    Role.REP: "王伟",
    Role.SERVICE: "孙客服",
    Role.ARCHIVIST: "档案员小何",
}


def found(home: Path, **changed: Any) -> Settings:
    """The settings of a new deployment under `home`, with its keys made."""
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home, **changed)
    create_keys(settings.keys, Random(3).randbytes)
    return settings


async def set_up(store: Store) -> Desk:
    """A company in a new store."""
    await upgrade(store)
    return await Desk(store).open()


_EMPTY: list[bytes] = []
"""A database with the newest schema and nothing in it, once it has been made in this process."""


async def _lay_out(home: Path) -> None:
    """Put an empty database with the newest schema where a deployment has it, unless one is there."""
    path = home / "saojie.db"
    if path.exists():
        return
    if not _EMPTY:
        store = Store(f"sqlite+aiosqlite:///{path}")
        await upgrade(store)
        await store.close()
        _EMPTY.append(path.read_bytes())
    path.write_bytes(_EMPTY[0])


@dataclass
class House:
    """One deployment. `desk.now` is the server's clock; `log` is what the server wrote."""

    settings: Settings
    app: Litestar
    desk: Desk
    client: httpx.AsyncClient
    log: io.StringIO
    sources: Sources
    browsers: list[Browser] = field(default_factory=list)

    @property
    def context(self) -> Context:
        """What the routes are given."""
        context: Context = self.app.state.context
        return context

    @property
    def store(self) -> Store:
        """The store of the running application."""
        return self.context.store

    def operator(self) -> dict[str, str]:
        """The headers of whoever watches the server."""
        return {"Authorization": f"Bearer {self.context.operations}"}

    async def person(self, name: str = "王伟", role: Role = Role.REP) -> Person:
        """A person."""
        async with self.store.write() as tx:
            return await staff.add(tx, name, role, self.sources)

    async def territory(self, name: str, *people: Person) -> Territory:
        """A territory with these people on its roster."""
        async with self.store.write() as tx:
            made = await territories.add_territory(tx, name, None, self.sources)
            for person in people:
                await territories.assign(tx, made.id, person.id, self.sources, private=True)
        return made

    async def code(self, person: Person, *, confirm: bool = True) -> str:
        """An enrolment code, as it is shown."""
        async with self.store.write() as tx:
            issued = await enrolment.issue(tx, person.id, self.sources, lifetime=15 * MINUTE, confirm=confirm)
        return issued.code.shown

    async def phone(self, person: Person | None = None, *, confirm: bool = False) -> Phone:
        """A phone that has enrolled over HTTP; active unless somebody has to confirm it."""
        phone = Phone(self)
        answer = await phone.enrol(await self.code(person or await self.person(), confirm=confirm))
        assert answer.status_code == 200, answer.text
        return phone

    async def console(self, role: Role = Role.MANAGER, language: str = "zh") -> Browser:
        """A browser in which a new person of this role has signed in."""
        person = await self.person(NAMES[role], role)
        if role is not Role.REP:
            async with self.store.write() as tx:
                await accounts.make(tx, person, role.value, await hashed(PASSWORD), self.sources)
        browser = Browser(self.app, language)
        self.browsers.append(browser)
        await browser.post("/sign-in", {"login": role.value, "password": PASSWORD})
        browser.person = person
        return browser

    async def offboard(self, person: UUID) -> None:
        """The person leaves."""
        await offboard(self.context.exchange.departure, person, "resigned")

    async def lose(self, phone: Phone) -> None:
        """The phone is lost, and is cut off."""
        await lose_device(self.context.exchange.departure, phone.device)

    async def suspend(self, phone: Phone) -> None:
        """The phone is suspended."""
        async with self.store.write() as tx:
            await devices.suspend(tx, phone.device, "test", self.sources)

    def lines(self) -> list[dict[str, Any]]:
        """The log's lines."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@dataclass
class Phone:
    """A phone: a key, what it was told when it enrolled, and the newest token and challenge."""

    house: House
    key: PhoneKey = field(default_factory=PhoneKey)
    told: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    elapsed: int = 1000

    @property
    def device(self) -> UUID:
        """The device's id."""
        return UUID(self.told["device"])

    @property
    def scope(self) -> str:
        """The scope of the person whose phone it is."""
        return scopes.staff(UUID(self.told["staff"]))

    async def enrol(self, code: str) -> httpx.Response:
        """Enrol with a code."""
        plain = code.replace("-", "").upper()
        signature = self.key.sign(Kind.ENROLMENT, plain.encode())
        body = {"code": code, "public_key": self.key.public.hex(), "signature": signature.hex(), "model": "Pixel 6a"}
        answer = await self.house.client.post("/enrol", json=body)
        if answer.status_code == 200:
            self.told = answer.json()
        return answer

    def proof(self, body: bytes = b"", challenge: str | None = None) -> dict[str, str]:
        """The headers of a signed request."""
        challenge = challenge or self.told["challenge"]
        company, epoch = UUID(self.told["company"]), bytes.fromhex(self.told["epoch"])
        digest = hashlib.sha256(body).digest()
        proof = RequestProof(company, epoch, self.device, bytes.fromhex(challenge), digest)
        return {
            "Saojie-Device": str(self.device),
            "Saojie-Challenge": challenge,
            "Saojie-Proof": self.key.sign(Kind.REQUEST, encode(proof)).hex(),
        }

    def bearer(self) -> dict[str, str]:
        """The headers of a request with a token that the server has just made."""
        company = UUID(self.told["company"])
        token = self.house.context.desk.token(company, self.device, self.house.desk.now)
        return {"Authorization": f"Bearer {token}"}

    def request(self, *operations: Operation, **changed: Any) -> SyncRequest:
        """A request with operations from a new outbox."""
        self.elapsed += 1
        bodies = tuple(map(encode, operations))
        ends = START_HASH
        for body in bodies:
            ends = chain(ends, body)
        outbox = Told(self.key.public[-16:], 0, START_HASH, len(bodies), ends) if bodies else None
        moment = Moment("boot", self.elapsed, self.house.desk.now)
        made = SyncRequest(1, 1, bytes.fromhex(self.told["epoch"]), moment, outbox=outbox, operations=bodies)
        return msgspec.structs.replace(made, **changed)

    async def post(self, body: bytes, media_type: str = frames.MEDIA_TYPE, **headers: str) -> httpx.Response:
        """Send a body to the exchange, with a token."""
        sent = self.bearer() | {"Content-Type": media_type} | headers
        return await self.house.client.post("/sync", content=body, headers=sent)

    async def sync(self, *operations: Operation, **changed: Any) -> Answer:
        """One exchange in the compact form."""
        answer = await self.post(frames.write_request(self.request(*operations, **changed)))
        assert answer.status_code == 200, answer.text
        return frames.read_answer(answer.content)


@asynccontextmanager
async def opened(home: Path, **changed: Any) -> AsyncIterator[House]:
    """A deployment whose application runs in this process."""
    settings = found(home, **changed)
    await _lay_out(home)
    store = Store(settings.database)
    desk = await set_up(store)
    await store.close()
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    log = io.StringIO()
    app = create_app(settings, sources, make_logger("debug", log))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        desk.store = app.state.context.store
        house = House(settings, app, desk, client, log, sources)
        yield house
        for browser in house.browsers:
            await browser.client.aclose()


__all__ = ["EPOCH", "PASSWORD", "House", "Phone", "found", "opened", "set_up", "zstd"]
