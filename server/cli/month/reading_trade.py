"""What the product says at the end of the pool, credit, the books and consent, in the words of the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.cli.month.reading_people import PeopleReading
from server.field.credit.overdue import cases
from server.field.credit.review import applications
from server.field.incidents import listed as incidents
from server.field.owners import shops
from server.field.pool.desk import verify
from server.field.pool.stays import read_of
from server.identity.territories import all_territories
from server.master.standing import standing_outlets
from server.master.typed import TYPED

__all__ = ["TradeReading"]


class TradeReading(PeopleReading):
    """Reads in the same transaction."""

    async def claimed_and_dealt(self, deals: list[UUID]) -> dict[str, Any]:
        """Outlets dealt by person, claims by what came of them, returns by hand and allotments.
        A deal counts only where drawing it again gives the same.
        """
        dealt: Counter[str] = Counter()
        for deal in deals:
            drawn, is_same = await verify(self._tx, deal)
            dealt.update({self._people[one]: len(each) for one, each in drawn.given.items() if is_same})
        of = TYPED["claim"]
        rows = await self._tx.execute(select(of.c.state, of.c.reason))
        claims = Counter(f"{row.state}: {row.reason}" if row.reason else str(row.state) for row in rows)
        standing = (await self._tx.execute(standing_outlets(TYPED["outlet"].c.id))).scalars().all()
        by_hand = await self._moves(list(standing))
        return {
            "dealt": dict(sorted(dealt.items())),
            "claims": dict(sorted(claims.items())),
            "came_back": by_hand["pool_returned"],
            "allotted": by_hand["pool_allotted"],
        }

    async def holding(self) -> dict[str, str]:
        """Where each standing outlet is: its territory, or the pool."""
        standing = (await self._tx.execute(standing_outlets(TYPED["outlet"].c.id))).scalars().all()
        areas = {one.id: one.name for one in await all_territories(self._tx)}
        known = await shops(self._tx, standing)
        return {self._key(one): areas[shop.territory] if shop.territory else "pool" for one, shop in known.items()}

    async def _moves(self, outlets: list[UUID]) -> Counter[str]:
        """Returns and allotments that a person decided, by kind, of what still stands."""
        found: dict[bytes, str] = {}
        for bodies in (await read_of(self._tx, outlets)).values():
            for one in bodies:
                kind, said, *_ = msgspec.msgpack.decode(one.body)
                if kind == "pool_allotted" or (kind == "pool_returned" and said["why"] == "person"):
                    found[said["move"]] = kind
        return Counter(found.values())

    async def credit_forms(self) -> dict[str, int]:
        """Forms by the state of their review."""
        found = Counter(str(one.review) for one in await applications(self._tx, everything=True))
        return dict(sorted(found.items()))

    async def overdue_cases(self) -> dict[str, list[int]]:
        """By outlet: cases opened and closed, and what was overdue when they opened."""
        found: dict[str, list[int]] = {}
        for one in await cases(self._tx, self._ground, everything=True):
            mine = found.setdefault(self._key(one.outlet), [0, 0, 0])
            mine[0] += 1
            mine[1] += one.closed_at is not None
            mine[2] += one.amount
        return dict(sorted(found.items()))

    async def incidents(self) -> dict[str, int]:
        """Incidents by kind."""
        found = Counter(one.what.kind for one in await incidents(self._tx, open_only=False))
        return dict(sorted(found.items()))

    async def withdrawn(self, noted: Mapping[str, str], held_on: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """People who took their consent back, and of how many something is left, here and on phones; and how many are
        on the phone of who noted them. `noted` says who did (empty: it was taken back), `held_on` which phones hold it.
        """
        of = TYPED["contact_private"]
        rows = await self._tx.execute(select(of))
        gone = [row for row in rows if row.consent is not None and not row.consent["given"]]
        return {
            "withdrawn": len(gone),
            "left": sum(bool(row.birthday or row.family) for row in gone),
            "left_on_phones": sum(len(who) for key, who in held_on.items() if not noted[key]),
            "held_on_phones": sum(noted[key] in who for key, who in held_on.items()),
        }
