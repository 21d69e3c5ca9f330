"""A company with a dealer, a manager and reps, and short ways to deliver, be paid and ask for credit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from server.field.arrivals import look
from server.field.daily import DAILY, Daily, look_daily
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.identity import staff, territories
from server.master import meta
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.store import Store
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of
from sync.outcomes import Outcome
from sync.records import OrderLine

DAY = 86_400_000
RULES: list[Daily] = [one for one in DAILY if one.name in {"overdue", "stock"}]


@dataclass
class Firm:
    """Wang owns the east, Li the west; time stands still until a test moves it, and begins on 2027-01-15."""

    store: Store
    now: int = 1_799_985_600_000
    rng: Random = field(default_factory=lambda: Random(20270115))

    def __post_init__(self) -> None:
        self.sources = Sources(lambda: self.now, self.rng.randbytes)
        self.ground = Ground(self.sources)

    async def open(self) -> Firm:
        """Set the company up."""
        async with self.store.write() as tx:
            await meta.found(tx, "测试公司", self.sources.new_id(), b"epoch-01")
            people = [("陈老板", staff.Role.DEALER), ("刘经理", staff.Role.MANAGER), ("王芳", staff.Role.REP)]
            people.append(("李强", staff.Role.REP))
            added = [(await staff.add(tx, name, role, self.sources)).id for name, role in people]
            self.dealer, self.manager, self.wang, self.li = added
            self.east = (await territories.add_territory(tx, "城东", None, self.sources)).id
            self.west = (await territories.add_territory(tx, "城西", None, self.sources)).id
            await territories.assign(tx, self.east, self.wang, self.sources, private=True)
            await territories.assign(tx, self.west, self.li, self.sources, private=True)
        await look_daily(self.store, self.ground, 3, RULES)
        return self

    def day(self, ago: int = 0) -> str:
        """The company's day, or the one so many days ago."""
        return str(self.ground.today - timedelta(days=ago))

    async def act(self, *asked: Asked) -> None:
        """Do these as a manager at a desk, and let the rules look."""
        async with self.store.write() as tx:
            applied = await carry_out(tx, self.sources, asked, by=self.manager, authority=Authority.MANAGER)
        assert {str(one.code) for one in applied.outcomes} <= {"applied", "merged"}, applied.outcomes
        await look(self.store, self.ground)

    async def phone(
        self, who: UUID, act: Act, collection: str, record: UUID, at: int | None = None, **fields: Any
    ) -> Outcome:
        """Do something on a rep's phone that happened at `at`, and let the rules look."""
        when = at or self.now
        rights = Rights(Authority.REP, frozenset({scopes.territory(self.east), scopes.territory(self.west)}))
        actor = Actor(self.rng.randbytes(16), rights, scopes.staff(who), who, UUID(int=who.int ^ 1))
        base = 1 if act is Act.EDIT else 0
        operation = Operation(
            self.sources.new_id(), act, collection, record, base, Moment("boot", when, when), None,
            changes_of(**fields),
        )  # fmt: skip
        handed = [Submission(1, encode(operation), Bounds(when, when, when), operation)]
        async with self.store.write() as tx:
            applied = await apply(tx, actor, handed, Batch(self.now, self.sources.random))
        await look(self.store, self.ground)
        return applied.outcomes[0]

    async def outlet(self, name: str = "老张烟酒", place: UUID | None = None, **fields: Any) -> UUID:
        """An outlet in the east, or elsewhere."""
        record = self.sources.new_id()
        where = scopes.territory(place or self.east)
        await self.act(Asked("outlet", {"name": name, **fields}, record, scope=where))
        return record

    async def apply(self, outlet: UUID, **fields: Any) -> UUID:
        """Wang asks for credit."""
        record = self.sources.new_id()
        outcome = await self.phone(self.wang, Act.CREATE, "credit_application", record, outlet=outlet, **fields)
        assert outcome.code == "applied"
        return record

    async def mend(self, form: UUID, **fields: Any) -> None:
        """Wang changes the form."""
        await self.phone(self.wang, Act.EDIT, "credit_application", form, **fields)

    async def deliver(self, outlet: UUID, amount: int, ago: int = 0, **more: Any) -> UUID:
        """A delivery of the books, so many days ago, of one piece unless lines are given."""
        record = self.sources.new_id()
        fields: dict[str, Any] = {"lines": (OrderLine("SKU-1", 1, amount),), "delivered_on": self.day(ago)}
        await self.act(Asked("delivery", {"outlet": outlet, **fields, **more}, record))
        return record

    async def pay(self, outlet: UUID, amount: int, account: str = "公司账户", by: UUID | None = None) -> UUID:
        """A payment of today: of the books, or on somebody's phone."""
        record = self.sources.new_id()
        fields: dict[str, Any] = {"amount": amount, "account": account, "paid_on": self.day()}
        if by is None:
            await self.act(Asked("payment", {"outlet": outlet, **fields}, record))
        else:
            await self.phone(by, Act.CREATE, "payment", record, outlet=outlet, **fields)
        return record

    async def nights(self, count: int = 1) -> None:
        """Let so many days pass, each with the rules of money and stock."""
        for _ in range(count):
            self.now += DAY
            await look_daily(self.store, self.ground, 3, RULES)

    @property
    def today(self) -> date:
        """The company's day."""
        return self.ground.today
