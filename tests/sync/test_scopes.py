"""A scope has exactly one name, and only some kinds are ever on a device."""

from __future__ import annotations

import pytest

from sync import scopes
from sync.scopes import COMPANY, Scope, ScopeKind, parse_scope, private_of
from tests.sync.builders import id_of

ONE = id_of(1)
EVERY = [Scope(kind, None if kind is ScopeKind.COMPANY else ONE) for kind in ScopeKind]


@pytest.mark.parametrize("scope", EVERY, ids=lambda one: one.kind.value)
def test_a_name_is_taken_apart_into_what_built_it(scope: Scope) -> None:
    """`parse_scope` is the inverse of `Scope.name`, for every kind."""
    assert parse_scope(scope.name) == scope


def test_the_names_are_those_of_the_design() -> None:
    """These texts stand on the wire and in the stores and never change."""
    assert [scope.name for scope in EVERY] == [
        "company",
        f"territory/{ONE}",
        f"territory/{ONE}/private",
        f"pool/{ONE}",
        f"pool/{ONE}/teasers",
        f"staff/{ONE}",
    ]


def test_the_short_builders_name_their_kind() -> None:
    """Each builder gives the scope that it is called after."""
    built = (scopes.territory(ONE), scopes.pool(ONE), scopes.teasers(ONE), scopes.staff(ONE))
    kinds = [found.kind for found in map(parse_scope, built) if found]
    assert kinds == [ScopeKind.TERRITORY, ScopeKind.POOL, ScopeKind.TEASERS, ScopeKind.STAFF]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "company/",
        f"company/{ONE}",
        "territory",
        "territory/",
        f"territory/{ONE}/",
        f"territory/{ONE}/teasers",
        f"territory/{ONE}/private/",
        f"territory/{ONE}/private/more",
        f"territory/{str(ONE).upper()}",
        f"Territory/{ONE}",
        f"pool/{ONE}/private",
        f"staff/{ONE}/private",
        "territory/*",
        f"outlet/{ONE}",
    ],
)
def test_what_is_no_name_is_no_scope(name: str) -> None:
    """A second spelling of a scope would be a way around its permission."""
    assert parse_scope(name) is None


def test_only_a_pool_is_never_on_a_device() -> None:
    """A pool's full records stay on the server; its teasers do not."""
    assert [kind for kind in ScopeKind if not kind.is_ever_on_a_device] == [ScopeKind.POOL]


@pytest.mark.parametrize(
    ("name", "private"),
    [
        (scopes.territory(ONE), f"territory/{ONE}/private"),
        (scopes.pool(ONE), f"pool/{ONE}"),
        (COMPANY, COMPANY),
    ],
)
def test_private_parts_stand_beside_a_territory(name: str, private: str) -> None:
    """A territory has a private scope; a pool keeps private parts in itself, for no device holds it."""
    assert private_of(name) == private
