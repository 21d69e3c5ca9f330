"""What managers do in the history, by the same calls as their commands, and the books of the company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from server.cli.deployment import Deployment
from server.cli.month.desk_trade import TradeDesk
from server.cli.month.history import Event
from server.cli.month.names import Names
from server.departure import cutoff
from server.field.appraisal.facts import Phase
from server.field.appraisal.phases import set_phase
from server.field.arrivals import look
from server.field.care.staff import CareKind, Said, forget, keep
from server.field.daily import look_daily
from server.field.ground import Ground
from server.field.merging import merge
from server.field.own_acts import Asked, carry_out
from server.field.policies import set_policy
from server.field.registration.deciding import Desk as ReviewDesk
from server.field.registration.deciding import Reviewed
from server.identity import territories
from server.master.actors import Authority
from server.master.store import Tx
from sync.errors import Refusal
from sync.records import Birthday, Calendar, OrderLine

__all__ = ["Office"]

_AT_ONCE = 200


class Office:
    """The desk of the company. `refused` lists what it could not do, with the reason; `expected` counts, by its code,
    what it was to refuse and did.
    """

    def __init__(self, deployment: Deployment, names: Names) -> None:
        self._deployment = deployment
        self._names = names
        self.trade = TradeDesk(deployment, names)
        self.refused: list[str] = []
        self.expected: Counter[str] = Counter()

    @property
    def ground(self) -> Ground:
        """What rules stand on."""
        return Ground(self._deployment.sources, self._deployment.settings.time_zone)

    async def do(self, event: Event) -> None:
        """One act of somebody at the desk, and what the rules say of it."""
        acts: dict[str, Callable[[Tx, Event, UUID], Awaitable[object]]] = {
            "policy": self._policy,
            "phase": self._phase,
            "approve": self._approve,
            "merge": self._merge,
            "verify": self._verify,
            "book_deliveries": self._book_deliveries,
            "book_payments": self._book_payments,
            "assign": self._assign,
            "staff_care": self._staff_care,
            "staff_care_forget": self._staff_care_forget,
            "question": self._question,
            "refuse": self._refuse,
            **self.trade.acts,
        }
        by = self._names.people[event["who"]]
        named = [event[name] for name in ("outlet", "gone", "into") if name in event]
        unknown = [one for one in named if one not in self._names.outlets]
        if unknown:
            self.refused.append(f"{event['do']}: there is no {unknown[0]}")
            return
        if event["do"] == "leave":
            people = self._names.people
            await cutoff.offboard(self._deployment.means, people[event["person"]], "left", people[event["successor"]])
        elif event["do"] == "book_file":
            await self.trade.book(event, by)
        else:
            act = acts[event["do"]]
            await self._try(event, lambda tx: act(tx, event, by))
        await look(self._deployment.store, self.ground)

    async def _try(self, event: Event, act: Callable[[Tx], Awaitable[object]]) -> None:
        meant = event.get("refused")
        try:
            await self._deployment.store.transact(act)
        except Refusal as refusal:
            if refusal.code == meant:
                self.expected[meant] += 1
            else:
                self.refused.append(f"{event['t']} {event['do']}: {refusal.code} {refusal.detail}")
        else:
            self.refused += [f"{event['t']} {event['do']}: {meant} was meant, and it was done"] if meant else []

    async def night(self) -> None:
        """The rules of the day, at their hour."""
        await look_daily(self._deployment.store, self.ground, self._deployment.settings.check_hour)

    async def _policy(self, tx: Tx, event: Event, by: UUID) -> None:
        await set_policy(tx, event["key"], event["value"], self._deployment.sources, by)

    async def _phase(self, tx: Tx, event: Event, by: UUID) -> None:
        area = self._names.areas[event["area"]]
        await set_phase(tx, area, Phase(event["phase"]), event["reason"], self._deployment.sources, by=by)

    async def _approve(self, tx: Tx, event: Event, by: UUID) -> None:
        desk = await self._review(tx, by)
        self._kept(event, await desk.approve([self._names.outlets[event["outlet"]]], reason=event.get("reason", "")))

    async def _question(self, tx: Tx, event: Event, by: UUID) -> None:
        desk = await self._review(tx, by)
        self._kept(event, await desk.question([self._names.outlets[event["outlet"]]], event["reason"]))

    async def _refuse(self, tx: Tx, event: Event, by: UUID) -> None:
        desk = await self._review(tx, by)
        self._kept(event, await desk.refuse([self._names.outlets[event["outlet"]]], event["reason"]))

    async def _review(self, tx: Tx, by: UUID) -> ReviewDesk:
        return ReviewDesk(tx, await self._deployment.ruled(tx), by)

    def _kept(self, event: Event, done: Reviewed) -> None:
        self.refused += [f"{event['do']} {event['outlet']}: {why}" for why in done.kept.values()]

    async def _merge(self, tx: Tx, event: Event, by: UUID) -> None:
        gone, into = self._names.outlets[event["gone"]], self._names.outlets[event["into"]]
        await merge(tx, self._deployment.sources, gone, into, reason=event["reason"], by=by)

    async def _verify(self, tx: Tx, event: Event, by: UUID) -> None:
        fields = {
            "outlet": self._names.outlets[event["outlet"]],
            "quarter": event["quarter"],
            "means": event["means"],
            "confirmed": event["confirmed"],
            "verified_on": event["t"][:10],
        }
        await self._enter(tx, "verification", [fields], by)

    async def _assign(self, tx: Tx, event: Event, by: UUID) -> None:
        del by
        area, person = self._names.areas[event["area"]], self._names.people[event["person"]]
        await territories.assign(tx, area, person, self._deployment.sources, private=True)

    async def _staff_care(self, tx: Tx, event: Event, by: UUID) -> None:
        day = event["birthday"]
        birthday = Birthday(day[0], day[1], Calendar(day[2])) if day else None
        said = Said(CareKind(event["kind"]), birthday, event["text"], consent=True)
        await keep(tx, self._names.people[event["person"]], said, self._deployment.sources, by)

    async def _staff_care_forget(self, tx: Tx, event: Event, by: UUID) -> None:
        await forget(tx, self._names.people[event["person"]], self._deployment.sources, by)

    async def _book_deliveries(self, tx: Tx, event: Event, by: UUID) -> None:
        rows = [
            {
                "outlet": self._names.outlets[code],
                "delivered_on": day,
                "lines": tuple(OrderLine(*line) for line in lines),
            }
            for code, day, lines in event["rows"]
        ]
        await self._enter(tx, "delivery", rows, by)

    async def _book_payments(self, tx: Tx, event: Event, by: UUID) -> None:
        rows = [
            {"outlet": self._names.outlets[code], "paid_on": day, "amount": amount, "account": event["account"]}
            for code, day, amount in event["rows"]
        ]
        await self._enter(tx, "payment", rows, by)

    async def _enter(self, tx: Tx, collection: str, rows: Sequence[dict[str, Any]], by: UUID) -> None:
        for at in range(0, len(rows), _AT_ONCE):
            asked = [Asked(collection, fields) for fields in rows[at : at + _AT_ONCE]]
            applied = await carry_out(tx, self._deployment.sources, asked, by=by, authority=Authority.MANAGER)
            self.refused += [f"{collection}: {one.reason} {one.detail}" for one in applied.outcomes if one.reason]
