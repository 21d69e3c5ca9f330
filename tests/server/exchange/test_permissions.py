"""The table of permissions, cell by cell: each is tried on the write path, with records that are there."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from server.identity.staff import Role
from server.master.actors import Actor, Authority, Rights
from sync.codec import encode
from sync.operations import Act, Operation
from sync.outcomes import Outcome, OutcomeCode
from sync.permissions import FIELDS, PERMISSIONS, Cell, Who
from sync.records import COLLECTIONS, Collection
from sync.rules import Merge, Writer
from sync.scopes import staff
from tests.permissions_page import PATH, page
from tests.server.exchange.conftest import Company
from tests.server.exchange.world import World, change_of, made, populated, required, stands_in

UNTOUCHED = {Merge.FIXED, Merge.DERIVED}
SETTLED = {"refused": {"state": "dropped"}}
"""Edits whose values have rules of their own: one that is right."""
REASONS = {"not_yours", "never_changed"}


@pytest.fixture
async def world(company: Company) -> World:
    """A record of each collection where the actor may write."""
    return await populated(company)


def acting(world: World, who: Who) -> Actor:
    """Somebody with every scope, so that the table alone decides."""
    wang = world.company.wang
    return Actor(world.company.desk.random.randbytes(16), Rights(Authority(who)), staff(wang), wang, world.company.li)


def operation(world: World, act: Act, one: Collection, fields: dict[str, Any] | None = None) -> Operation:
    """An operation on the record of a collection that is there, with these fields as the wire has them."""
    blank = world.company.desk.operation(act, one.name, world.mine[one.name], base=1)
    return msgspec.structs.replace(blank, changes=msgspec.Raw(encode(fields or {})))


def making(world: World, one: Collection, **more: Any) -> Operation:
    """An operation that makes another record of a collection, with as little as it takes."""
    company, random = world.company, Random(len(one.name))
    scope = stands_in(world, one, company.east_scope, company.wang)
    blank = company.desk.operation(Act.CREATE, one.name, company.desk.id(), scope=scope)
    return msgspec.structs.replace(blank, changes=msgspec.Raw(encode(required(one, world.mine, random) | more)))


def open_fields(one: Collection) -> list[str]:
    """Fields that change in a record that stands."""
    return [name for name, rule in one.rules.items() if rule.merge not in UNTOUCHED]


def other_than(one: Collection, name: str, random: Random) -> Any:
    """A right value for a field that is not what a new record has: whoever proposes what stands proposes nothing."""
    blank = {field.name: field.default for field in msgspec.structs.fields(one.type)}[name]
    drawn = [change_of(one, name, random) for _ in range(20)]
    return next((value for value in drawn if value != blank), drawn[0])


async def tried(world: World, who: Who, *operations: Operation) -> list[Outcome]:
    """What comes of operations, each in a batch of its own."""
    actor = acting(world, who)
    return [(await world.company.desk.submit(actor, one))[0] for one in operations]


def judge(one: Collection, act: Act, who: Who, outcome: Outcome) -> None:
    """Hold an outcome against its cell."""
    if PERMISSIONS[one.name].allows(act, who):
        assert outcome.code is not OutcomeCode.REFUSED, (one.name, act, who, outcome)
    else:
        assert (outcome.code, outcome.reason in REASONS) == (OutcomeCode.REFUSED, True), (one.name, act, who, outcome)


@pytest.mark.parametrize("who", Who)
async def test_who_makes_edits_moves_and_removes(world: World, who: Who) -> None:
    """Every collection and every act: allowed is done, what is not is refused as *not yours* or *never changed*."""
    company, random = world.company, Random(5)
    for one in COLLECTIONS.values():
        writes = [name for name in open_fields(one) if FIELDS[one.rule(name).write][who] is Cell.ALLOWED]
        first = next((name for name in writes if "outlet" not in name and name != "merged_into"), None)
        plain = {first: change_of(one, first, random)} if first else {}
        edit = operation(world, Act.EDIT, one, SETTLED.get(one.name, plain))
        created, edited = await tried(world, who, making(world, one), edit)
        judge(one, Act.CREATE, who, created)
        judge(one, Act.EDIT, who, edited)
        fresh = World(company, dict(world.mine))
        await made(fresh, one, fresh.mine, company.east_scope, company.wang)
        target = staff(company.li) if one.name == "task" else company.west_scope
        move = msgspec.structs.replace(operation(fresh, Act.MOVE, one), scope=target)
        moved, removed = await tried(world, who, move, operation(fresh, Act.REMOVE, one))
        judge(one, Act.MOVE, who, moved)
        judge(one, Act.REMOVE, who, removed)


@pytest.mark.parametrize("who", Who)
async def test_which_fields_are_whose(world: World, who: Who) -> None:
    """Each field that changes, in a record that somebody may edit: written, proposed or refused, as its word says."""
    random, seen = Random(7), set()
    for one in COLLECTIONS.values():
        if not PERMISSIONS[one.name].allows(Act.EDIT, who):
            continue
        for name in open_fields(one):
            rule = one.rule(name)
            cell = FIELDS[rule.write][who]
            value = rule.propose[0] if rule.propose else other_than(one, name, random)
            (outcome,) = await tried(world, who, operation(world, Act.EDIT, one, {name: value}))
            where = (one.name, name, who, outcome)
            assert (outcome.reason == "not_yours") is (cell in {Cell.REFUSED, Cell.MAKING}), where
            is_proposed = cell is Cell.PROPOSED or (who is Who.REP and rule.is_only_proposed(value))
            assert (outcome.code is OutcomeCode.PROPOSED) is is_proposed, where
            seen.add(rule.write)
    assert seen >= {Writer.REP, Writer.PROPOSE, Writer.REGISTRAR, Writer.MANAGER}


@pytest.mark.parametrize("who", Who)
async def test_which_fields_are_whose_in_a_new_record(world: World, who: Who) -> None:
    """What is given at registration is given then; what a manager or a rule writes is not slipped in with the rest."""
    random = Random(11)
    for one in COLLECTIONS.values():
        if not PERMISSIONS[one.name].allows(Act.CREATE, who):
            continue
        for name, rule in one.rules.items():
            if rule.merge is Merge.DERIVED or name in {"outlet", "contact", "of", "notice", "amends", "merged_into"}:
                continue
            (outcome,) = await tried(world, who, making(world, one, **{name: change_of(one, name, random)}))
            is_refused = FIELDS[rule.write][who] is Cell.REFUSED
            assert (outcome.reason == "not_yours") is is_refused, (one.name, name, who, outcome)


def test_every_cell_is_there() -> None:
    """A new collection, word or act cannot be without its row; what is never changed is edited by nobody."""
    assert list(PERMISSIONS) == list(COLLECTIONS)
    assert FIELDS.keys() == set(Writer)
    assert all(row.keys() == set(Who) for row in FIELDS.values())
    for one in COLLECTIONS.values():
        row = PERMISSIONS[one.name]
        assert one.append_only is (not row.edit), one.name
        assert row.create | row.edit | row.remove | row.move >= {Who.SERVER}
        assert Who.REP not in row.remove | row.move


def test_every_role_has_a_column() -> None:
    """How far the word of each role goes."""
    found = {role: Who(role.authority) for role in Role}
    assert found == dict.fromkeys((Role.REP, Role.SERVICE, Role.ARCHIVIST), Who.REP) | dict.fromkeys(
        (Role.MANAGER, Role.DEALER), Who.MANAGER
    )
    assert [one.value for one in Authority] == [one.value for one in Who]


def test_the_page_is_the_table() -> None:
    """`docs/permissions.md` is what `python -m tests.permissions_page` writes."""
    assert PATH.read_text("utf-8") == page()
