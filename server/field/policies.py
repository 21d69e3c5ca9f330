"""The settings of the company's rules in the store: read together, set one by one, as records that reach phones."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.field.own_acts import Asked, carry_out
from server.master.actors import Authority
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.policies import Policies, Unfit, fitting

__all__ = ["policies_of", "reset_policy", "set_policy"]

_POLICIES = TYPED["policy"]
_ALL = select(_POLICIES.c.key, _POLICIES.c.value).order_by(_POLICIES.c.id)


async def policies_of(tx: Tx) -> Policies:
    """The company's settings as they stand. Of two policies of one key, the newer counts."""
    rows = await tx.execute(_ALL)
    return Policies({row.key: row.value for row in rows})


async def set_policy(tx: Tx, key: str, value: str, sources: Sources, by: UUID | None = None) -> frozenset[str]:
    """Set one; the scopes that changed. Raises Refusal for a key that no rule reads, and for a value it cannot take."""
    classes = (await tx.execute(select(TYPED["outlet_class"].c.code))).scalars()
    setting = fitting(key, frozenset(classes))
    if setting is None:
        raise Refusal("bad_value", f"no rule reads the setting {key}; `saojie policy list` shows them all")
    try:
        setting.read(value.strip())
    except Unfit as unfit:
        raise Refusal("bad_value", f"{key} takes {unfit.en}, not {value}") from unfit
    held = await _held(tx, key)
    if held:
        asked = [Asked("policy", {"value": value.strip()}, held[-1], Act.EDIT)]
    else:
        asked = [Asked("policy", {"key": key, "value": value.strip()}, scope=scopes.COMPANY)]
    return (await carry_out(tx, sources, asked, by=by, authority=Authority.MANAGER)).changed


async def reset_policy(tx: Tx, key: str, sources: Sources, by: UUID | None = None) -> frozenset[str]:
    """Go back to the default; the scopes that changed, none where it stood there."""
    asked = [Asked("policy", {}, one, Act.REMOVE) for one in await _held(tx, key)]
    return (await carry_out(tx, sources, asked, by=by, authority=Authority.MANAGER)).changed


async def _held(tx: Tx, key: str) -> list[UUID]:
    wanted = select(_POLICIES.c.id).where(_POLICIES.c.key == key).order_by(_POLICIES.c.id)
    return list((await tx.execute(wanted)).scalars())
