"""The replay: the events of a history, in their order, on the phones and at the desk of the company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from server.cli.deployment import Deployment
from server.cli.month.desk import Office
from server.cli.month.history import Clock, Event
from server.cli.month.names import Names
from server.cli.month.opening import Opening, opening_of
from server.cli.trial.company import Company
from server.cli.trial.processes import Driven
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.typed import TYPED

__all__ = ["ON_PHONES", "Replay"]

ON_PHONES = frozenset(
    {
        "visit", "register", "sweep", "order", "deliver", "pay", "report", "clock",
        "card", "occasion", "gift", "finish", "talk",
        "claim", "credit", "credit_mend", "mend", "withdraw",
    }
)  # fmt: skip
_HOURS = 8
_TRIES = 5


class Replay:
    """One replay. `refused` lists what a phone or the desk refused, `unsent` the syncs that did not end well,
    `alike` the registrations that a phone held to be known outlets,
    `expected` what a phone was to refuse and did, by its code.
    """

    def __init__(self, deployment: Deployment, url: str, phones: Driven, clock: Clock) -> None:
        self.deployment = deployment
        self.company = Company(deployment, url)
        self.phones = phones
        self.clock = clock
        self.names = Names()
        self.office = Office(deployment, self.names)
        self.opening = Opening({}, {})
        self.began = 0
        self.refused: list[str] = []
        self.unsent: list[str] = []
        self.alike: list[str] = []
        self.expected: Counter[str] = Counter()
        self._left: set[str] = set()
        self._carried: list[str] = []
        self._waiting: list[Event] = []

    async def begin(self, carried: Sequence[str]) -> None:
        """Everybody who carries a phone enrols one, and the phones learn what the history calls things."""
        await self._learn()
        self.began = self.clock.now
        for name in carried:
            code = await self.company.code_for(await self.company.person(name))
            asked = self.phones.does("enrol", who=name, code=code, ms=self.clock.now, hours=_HOURS)
            await self.company.confirm(UUID(asked["device"]), asked["confirmation"])
        self._carried = [*carried]
        self._sync(self._carried)

    async def play(self, events: Sequence[Event]) -> None:
        """All of it. Each night the rules of the day have their hour."""
        day = date.fromisoformat(events[0]["t"][:10])
        for event in events:
            while date.fromisoformat(event["t"][:10]) > day:
                day += timedelta(days=1)
                await self._night(day)
            await self._play(event)
        self._flush()
        await self._night(day + timedelta(days=1))

    async def _play(self, event: Event) -> None:
        at = self.clock.at(event["t"])
        if event["do"] in ON_PHONES:
            self._waiting.append(event | {"ms": at})
            return
        self._flush()
        self.clock.reach(at)
        if event["do"] == "sync":
            self._sync(event.get("only") or [one for one in self._carried if one not in event.get("without", ())])
            return
        await self.office.do(event)
        if event["do"] == "leave":
            self._sync([event["person"]])
            self._left.add(event["person"])

    def on_phones(self, contacts: Sequence[str]) -> dict[str, list[str]]:
        """On whose phones a birthday or a family of these contacts is."""
        held: dict[str, list[str]] = self.phones.does("private", keys=[*contacts], ms=self.clock.now)["held"]
        return held

    async def _night(self, day: date) -> None:
        self._flush()
        self.clock.reach(self.clock.at(f"{day}T{self.deployment.settings.check_hour:02}:00"))
        await self.office.night()

    def _flush(self) -> None:
        """What the phones did since they were last told."""
        if not self._waiting:
            return
        events, self._waiting = self._waiting, []
        done = self.phones.does("work", events=events)
        self.names.outlets |= {key: UUID(made) for key, made in done["made"].items()}
        self.alike += done["alike"]
        self.expected.update(done["expected"])
        self.refused += [f"{events[at]['t']} {events[at]['do']}: {why}" for at, why in done["refused"]]
        self.clock.reach(events[-1]["ms"])

    def _sync(self, who: Sequence[str]) -> None:
        named = [one for one in dict.fromkeys(who) if one not in self._left]
        ended: dict[str, str] = {}
        for _ in range(_TRIES):
            ended |= self.phones.does("sync", who=named, ms=self.clock.now)["ended"]
            # A busy machine lets a request run out of time: that is no event of the history.
            named = [name for name, how in ended.items() if how == "no_network"]
            if not named:
                break
        self.unsent += [f"{name}: {how}" for name, how in ended.items() if how not in {"done", "wiped"}]

    async def _learn(self) -> None:
        async with self.deployment.store.write() as tx:
            await staff.add(tx, "沈国强", Role.DEALER, self.deployment.sources)
        async with self.deployment.store.read() as tx:
            self.names.people = {one.name: one.id for one in await staff.everybody(tx)}
            self.names.areas = {one.name: one.id for one in await territories.all_territories(tx)}
            table = TYPED["outlet"]
            rows = await tx.execute(select(table.c.id, table.c.code).where(table.c.code != ""))
            self.names.outlets = {row.code: row.id for row in rows}
            self.opening = await opening_of(tx)
        self.phones.does("know", outlets=self.names.outlets, people=self.names.people, areas=self.names.areas)
