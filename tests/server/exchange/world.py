"""A record of every collection in a rep's own part, one elsewhere, and right values for every field there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import EnumType
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Meta

from server.master.actors import Actor, Authority, Rights
from sync.codec import encode
from sync.operations import Act
from sync.records import COLLECTIONS, Collection, Home
from sync.rules import Merge
from sync.scopes import COMPANY, private_of, staff, teasers, territory
from tests.server.exchange.conftest import Company

__all__ = ["World", "change_of", "made", "populated", "required", "right_value", "stands_in"]

REFERENCES = ("outlet", "contact", "of", "notice", "amends")


@dataclass
class World:
    """Ids by collection: `mine` stand where the rep may write, or read at least; `foreign` where nothing is theirs."""

    company: Company
    mine: dict[str, UUID] = field(default_factory=dict)
    foreign: dict[str, UUID] = field(default_factory=dict)

    @property
    def places(self) -> list[str]:
        """Every kind of scope, the rep's own first, and some that are none."""
        one = self.company
        return [
            one.east_scope, one.east_private, staff(one.wang), one.west_scope, private_of(one.west_scope), COMPANY,
            one.pool_scope, teasers(one.pool), staff(one.li), territory(one.wang), "", "devices", "territory/x",
        ]  # fmt: skip


async def populated(company: Company) -> World:
    """A world with a record of each collection on either side, as the server's own rules would write them."""
    world = World(company)
    for mine, place, person in ((True, company.east, company.wang), (False, company.west, company.li)):
        ids = world.mine if mine else world.foreign
        for one in COLLECTIONS.values():
            if one.home is Home.COMPANY and not mine:
                ids[one.name] = world.mine[one.name]
                continue
            await made(world, one, ids, territory(place), person)
    return world


async def made(world: World, one: Collection, ids: dict[str, UUID], place: str, person: UUID) -> None:
    """Make a record of a collection as the rules would; what it refers to is in `ids`, and so is it then."""
    company = world.company
    scope = stands_in(world, one, place, person)
    record = company.desk.id()
    server = Actor(company.desk.random.randbytes(16), Rights(Authority.SERVER), scope, person)
    fields = required(one, ids, Random(len(ids)))
    blank = company.desk.operation(Act.CREATE, one.name, record, scope=scope)
    operation = msgspec.structs.replace(blank, changes=msgspec.Raw(encode(fields)))
    (outcome,) = await company.desk.submit(server, operation)
    assert outcome.code == "applied", outcome
    ids[one.name] = record


def stands_in(world: World, one: Collection, place: str, person: UUID) -> str:
    """The scope in which a record of a collection is made: a person's, the company's, or that place's."""
    scope = {Home.STAFF: staff(person), Home.COMPANY: COMPANY}.get(one.home, place)
    return teasers(world.company.pool) if one.name == "teaser" else scope


def required(one: Collection, ids: dict[str, UUID], random: Random) -> dict[str, Any]:
    """Right values for the fields that a record of the collection cannot be without."""
    hints = get_type_hints(one.type, include_extras=True)
    wanted = [each.name for each in msgspec.structs.fields(one.type) if each.required and each.name != "id"]
    return {name: _referred(name, ids) or right_value(hints[name], random) for name in wanted}


def _referred(name: str, ids: dict[str, UUID]) -> UUID | None:
    return ids.get("outlet" if name == "of" else name) if name in REFERENCES else None


def change_of(one: Collection, name: str, random: Random) -> Any:
    """A right value for one field, in the form in which an operation brings it."""
    hint = get_type_hints(one.type, include_extras=True)[name]
    if one.rule(name).merge is Merge.SET:
        return {"add": [right_value(get_args(_bare(hint))[0], random)]}
    return right_value(hint, random)


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def right_value(hint: Any, random: Random) -> Any:
    """Some value that a declared type allows, as it goes on the wire."""
    kind = _bare(hint)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType, Annotated}:
        return right_value(next(each for each in parts if each is not NoneType), random)
    if origin is Literal:
        return random.choice(parts)
    if origin is tuple:
        return [right_value(parts[0], random)]
    if origin is dict:
        return {right_value(parts[0], random): right_value(parts[1], random)}
    return _of_class(kind, hint, random)


def _of_class(kind: Any, hint: Any, random: Random) -> Any:
    if isinstance(kind, EnumType):
        return random.choice([each.value for each in kind])  # type: ignore[var-annotated]  # any enumeration
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind, include_extras=True)
        return [right_value(hints[each.name], random) for each in msgspec.structs.fields(kind)]
    metas = [each for each in get_args(hint)[1:] if isinstance(each, Meta)] if get_origin(hint) is Annotated else []
    return _plain(kind, metas, random)


def _plain(kind: Any, metas: list[Meta], random: Random) -> Any:
    bounds = {name: value for each in metas for name in ("ge", "le", "pattern") if (value := getattr(each, name))}
    if kind is str and bounds.get("pattern"):
        return _PATTERNS[next(text for text in _PATTERNS if text in bounds["pattern"])]
    values: dict[Any, Any] = {
        UUID: UUID(int=random.getrandbits(128)),
        str: f"x{random.randrange(100)}",
        int: max(bounds.get("ge", 0), min(bounds.get("le", 9), random.randrange(1, 9))),
        float: 1.5,
        bool: True,
        bytes: b"x",
    }
    return values.get(kind, "x")


_PATTERNS = {"-02-29": "2026-11-01", "{64}": "0" * 64, "#": "#aa0000", "Q[1-4]": "2026Q4"}
