"""Bugs of departures, on the server's side."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from server.departure import contact, recovery
from server.departure.departures_file import DeparturesFile
from server.departure.drain import HandedIn, HandIn
from server.departure.enforce import Enforcer
from server.exchange import serve
from server.master.store import Tx
from server.ports import Sources
from tests.simulation.planted.bug import Plant, both, bug, meant, replaced


@bug
def share_kept() -> Plant:
    """The cut-off leaves the server's share of the device's key in the database."""
    make = Enforcer._device

    async def kept(self: Enforcer, tx: Tx, departure: Any, one: Any) -> None:
        before = (await tx.exec_driver_sql("SELECT id, lease_share FROM devices")).all()
        await make(self, tx, departure, one)
        for row in before:
            await tx.exec_driver_sql("UPDATE devices SET lease_share=? WHERE id=?", (row.lease_share, row.id))

    return replaced(Enforcer, _device=kept)


async def _no_orders(_tx: Tx, _device: Any) -> tuple[()]:
    return ()


@bug
def order_not_sent() -> Plant:
    """A departed device is answered without its order: it keeps what it has until its lease runs out."""
    return both(replaced(contact, orders_for=_no_orders), replaced(serve, orders_for=_no_orders))


@bug
def first_drained_row_only() -> Plant:
    """Of the rows that come in one request only the first is kept, and all are acknowledged."""
    hand_in = meant(contact, "hand_in")

    async def first(tx: Tx, given: HandIn, sources: Sources) -> HandedIn:
        done: HandedIn = await hand_in(tx, structs.replace(given, rows=given.rows[:1]), sources)
        last = given.rows[-1] if given.rows else None
        return structs.replace(done, acknowledged=last.number, hash=last.hash) if last is not None else done

    return replaced(contact, hand_in=first)


@bug
def departure_not_in_file() -> Plant:
    """The departures file is not written: a restored backup has the leaver's phone at work again."""
    return replaced(DeparturesFile, append=lambda _self, _entries: None)


@bug
def departure_not_applied_again() -> Plant:
    """A restored database is not told who has left since its backup."""
    return replaced(recovery._Held, lost=lambda _self, _entries: [])


@bug
def roster_kept() -> Plant:
    """Who left keeps their place on the roster, and whoever follows never gets it."""

    async def nothing(_self: Enforcer, _tx: Tx, _departure: Any) -> None:
        return

    return replaced(Enforcer, _plan=nothing)


@bug
def person_stays_active() -> Plant:
    """The devices of who left are cut off, and the person is not: another phone is enrolled for them."""

    async def nothing(_self: Enforcer, _tx: Tx, _departure: Any) -> None:
        return

    return replaced(Enforcer, _person=nothing)
