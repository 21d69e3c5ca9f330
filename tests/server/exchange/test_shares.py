"""How scopes share a page: what all need first, archives by the same part of what each has to give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from server.exchange import pull
from server.exchange.shares import Outstanding, shared
from server.master.feed import Looked, read_latest
from server.master.store import Tx
from sync import scopes
from sync.operations import Act
from sync.records import Contact, ContactPrivate
from tests.server.exchange.conftest import Company
from tests.server.exchange.ways import boss, outlets


def outstanding(*costs: int, is_all: bool = True, entries: int = 0, is_first: bool = False) -> Outstanding:
    """A scope that has these entries to give, and perhaps more."""
    return Outstanding(Looked(tuple(range(1, len(costs) + 1)), costs, is_all), entries or len(costs), is_first)


@pytest.mark.parametrize("room", [0, 1, 999, 100_000, 400_000, 10_000_000])
def test_shares_fit_and_are_even(room: int) -> None:
    """Never more than the room for large scopes, and the same part of each, whatever the sizes of their entries."""
    found = shared({"a": outstanding(*[400] * 2000), "b": outstanding(*[100] * 1000)}, room)
    assert sum(found.values()) <= max(room, 0)
    assert abs(found["a"] / 800_000 - found["b"] / 100_000) < 0.002
    if room >= 900_000:
        assert found == {"a": 800_000, "b": 100_000}


def test_what_all_need_comes_first() -> None:
    """It has no share of its own; the archives share what it leaves."""
    first, more = outstanding(300, 300, is_first=True), outstanding(300, is_all=False, entries=9)
    found = shared({"a": outstanding(*[400] * 2000), "c": first, "d": more}, 100_000)
    assert 90_000 < found["a"] <= 100_000 - 600
    assert found["d"] in {0, 300}
    assert "c" not in found


def test_nothing_to_give_and_no_room() -> None:
    """No scope; or a first one that leaves nothing."""
    assert shared({}, 100) == {}
    assert shared({"c": outstanding(300, 300, is_first=True), "a": outstanding(400)}, 100) == {"a": 0}


async def test_an_archive_is_whole_at_every_moment_of_a_first_sync(company: Company) -> None:
    """A contact and its private part come in the same answer or in the next one, though they are in two scopes."""
    desk, manager = company.desk, boss(company)
    for at in range(60):
        shop = await desk.register(manager, company.east, f"店{at}", notes="店" * 200)
        contact = desk.id()
        made = desk.operation(Act.CREATE, "contact", contact, outlet=shop, name=f"张{at}", notes="人" * 200)
        part = desk.operation(Act.CREATE, "contact_private", desk.id(), contact=contact, outlet=shop, notes="私" * 200)
        await desk.submit(manager, made, part)
    wang = await company.phone(company.wang)
    private, apart = scopes.private_of(company.east_scope), list[int]()
    while True:
        reply = await wang.ask(limit=20_000)
        wang.take(reply)
        people = sum(isinstance(one, Contact) for one in wang.records(company.east_scope).values())
        parts = sum(isinstance(one, ContactPrivate) for one in wang.records(private).values())
        apart.append(abs(people - parts))
        if reply.tail.checkpoint:
            break
    assert wang.agrees(reply)
    assert len(apart) > 4
    assert max(apart) <= 3


async def test_the_pages_of_a_first_sync_are_not_searched_for_what_the_phone_might_have(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks are read for the last page alone: that is all that a phone in step ever gets."""
    read, looked = read_latest, list[int]()

    async def noted(tx: Tx, found: Sequence[bytes]) -> Any:
        looked.append(len(found))
        return await read(tx, found)

    monkeypatch.setattr(pull, "read_latest", noted)
    await outlets(company, company.east, 60)
    wang = await company.phone(company.wang)
    pages = 0
    while True:
        reply = await wang.ask(limit=2_000, brief=True)
        pages += 1
        before = len(looked)
        wang.take(reply)
        if reply.tail.checkpoint:
            break
        assert before == 0
    assert wang.agrees(reply)
    assert pages > 4
    assert sum(looked) <= 20
