"""What the product says of each report at the end, in the words of the history: outlets by key, people by name."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.field.appraisal.statement import statement_of
from server.field.credit.accounts import accounts
from server.field.ground import Ground
from server.field.pool.stays import read_of, steps_of
from server.field.purchases import by_quarter
from server.field.quarterly.callbacks import called_back
from server.field.quarterly.verification import progress
from server.field.stock.questions import listed as asked_of_stock
from server.field.sweeps.coverage import covered
from server.field.visits.joint import joint_state
from server.field.watching.dependence import dependences
from server.identity.territories import all_territories
from server.master.inbox import inbox
from server.master.money import worth
from server.master.standing import standing_outlets, stands
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes

__all__ = ["Reading"]


class Reading:
    """Reads in one transaction; `keys` and `people` say what the history calls records."""

    def __init__(self, tx: Tx, ground: Ground, keys: dict[UUID, str], people: dict[UUID, str]) -> None:
        self._tx = tx
        self._ground = ground
        self._keys = keys
        self._people = people

    def _key(self, outlet: UUID) -> str:
        return self._keys.get(outlet, str(outlet))

    async def coverage(self) -> dict[str, int | None]:
        """Percent by territory."""
        return {one.name: one.percent for one in await covered(self._tx, self._ground)}

    async def verdicts(self) -> dict[str, Any]:
        """Visits verified and doubtful, and each reason."""
        findings = TYPED["finding"]
        wanted = select(findings.c.state, findings.c.reasons).where(findings.c.collection == "visit")
        states: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for row in await self._tx.execute(wanted):
            states[row.state] += 1
            reasons.update(one["code"] for one in row.reasons or ())
        return {
            "verified": states["verified"], "doubtful": states["doubtful"], "reasons": dict(sorted(reasons.items())),
        }  # fmt: skip

    async def joint(self) -> dict[str, int]:
        """Joint first visits made and missing."""
        outlets = TYPED["outlet"]
        registered = select(outlets.c.id).where(outlets.c.registered_by.is_not(None), stands())
        found = await joint_state(self._tx, (await self._tx.execute(registered)).scalars().all(), self._ground)
        return {
            "made": sum(one is True for one in found.values()),
            "missing": sum(one is False for one in found.values()),
        }

    async def registrations(self) -> dict[str, int]:
        """Registrations by what became of them."""
        of = TYPED["outlet"]
        new = [one for one, key in self._keys.items() if key.startswith("N")]
        rows = (await self._tx.execute(select(of.c.review, of.c.merged_into, of.c.code).where(of.c.id.in_(new)))).all()
        found = Counter("merged" if row.merged_into else str(row.review) for row in rows)
        found["coded"] = sum(bool(row.code) for row in rows)
        return dict(sorted(found.items()))

    async def call_backs(self, quarter: str) -> dict[str, list[int]]:
        """Done and missing by territory."""
        found = await called_back(self._tx, quarter, self._ground)
        return {one.name: [len(one.done), len(one.missing)] for one in found}

    async def verification(self, quarter: str) -> dict[str, list[int]]:
        """Wanted and missing by territory."""
        return {one.name: [one.wanted, len(one.missing)] for one in await progress(self._tx, quarter)}

    async def purchases(self, quarter: str) -> dict[str, list[int]]:
        """This quarter and the one before, by outlet."""
        found = await by_quarter(self._tx, quarter, self._ground.zone)
        bought = {
            self._key(one): [each.bought, each.before] for one, each in found.items() if each.bought or each.before
        }
        return dict(sorted(bought.items()))

    async def owed(self) -> dict[str, list[int]]:
        """Open and overdue, by outlet."""
        day = str(self._ground.today)
        found = {self._key(one): [each.open, each.overdue(day)] for one, each in (await accounts(self._tx)).items()}
        return {key: each for key, each in sorted(found.items()) if each[0]}

    async def appraisal(self, month: str) -> tuple[dict[str, list[int]], list[str]]:
        """Number and sum of each person's lines that pay, and the outlets with an open question."""
        found = await statement_of(self._tx, month, self._ground)
        lines: dict[str, list[int]] = {}
        for one in found.lines:
            if one.amount:
                count, total = lines.get(self._people[one.staff], [0, 0])
                lines[self._people[one.staff]] = [count + 1, total + one.amount]
        return dict(sorted(lines.items())), [self._key(one) for one in found.asked]

    async def dependence(self) -> dict[str, list[int]]:
        """Bought, bought by what hangs on this person alone, key outlets, and those that do."""
        found = await dependences(self._tx, self._ground)
        return {
            self._people[one.staff]: [one.bought, one.single_bought, one.keys, one.single_keys]
            for one in sorted(found, key=lambda one: self._people[one.staff])
        }

    async def daily_reports(self) -> dict[str, list[int]]:
        """By person: reports, outlets visited, outlets registered, orders."""
        of, found = TYPED["daily_report"], dict[str, list[int]]()
        for row in await self._tx.execute(select(of)):
            old = found.get(self._people[row.staff], [0, 0, 0, 0])
            figures = (1, row.done + row.extra, row.registered, row.orders)
            found[self._people[row.staff]] = [a + b for a, b in zip(old, figures, strict=True)]
        return dict(sorted(found.items()))

    async def orders(self) -> dict[str, list[int]]:
        """By person: orders, and what they come to."""
        of, found = TYPED["order"], dict[str, list[int]]()
        for row in await self._tx.execute(select(of.c.staff, of.c.lines)):
            old = found.get(self._people[row.staff], [0, 0])
            found[self._people[row.staff]] = [old[0] + 1, old[1] + worth(row.lines)]
        return dict(sorted(found.items()))

    async def pool(self) -> dict[str, list[int]]:
        """By territory: outlets that the rule returned, and how many of those returns a late visit undid."""
        found = {one.name: [0, 0] for one in await all_territories(self._tx)}
        named = {scopes.territory(one.id): one.name for one in await all_territories(self._tx)}
        outlets = (await self._tx.execute(standing_outlets(TYPED["outlet"].c.id))).scalars().all()
        for bodies in (await read_of(self._tx, outlets)).values():
            for step in steps_of(bodies):
                if step.by_rule and step.came_from is not None:
                    found[named[step.came_from]][0] += 1
                elif step.restored:
                    found[named[step.scope]][1] += 1
        return found

    async def counts(self) -> dict[str, dict[str, int]]:
        """What else came of the month, by kind: tasks that were given, matters in the inbox, questions of stock."""
        tasks = (await self._tx.execute(select(TYPED["task"].c.kind))).scalars()
        matters = (await self._tx.execute(select(inbox.c.kind))).scalars()
        stock = [one.question.kind for one in await asked_of_stock(self._tx, everything=True)]
        said = {"tasks": Counter(tasks), "inbox": Counter(matters), "stock": Counter(stock)}
        return {name: dict(sorted(each.items())) for name, each in said.items()}
