"""Required fields (必填资料): what a registration has to have, for all classes and for each by itself."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from server.console.settings.changing import Hand
from server.console.settings.rules import change_rule
from server.console.viewer import Viewer
from server.field.policies import policies_of
from server.master.store import Tx
from server.master.typed import TYPED
from server.values import Unfit
from sync.policies.archive import DESCRIBABLE, REQUIRED
from sync.words import MISSING

__all__ = ["FIELDS", "Wanted", "require", "required"]

_CLASSES = TYPED["outlet_class"]
FIELDS: Sequence[str] = tuple(one for one in MISSING if one in DESCRIBABLE)
"""What can be required, in the order in which a form has it."""


class Wanted(msgspec.Struct, frozen=True):
    """What one class has to have; `code` is empty for all classes that have nothing of their own. `text` is the setting
    as it stands, empty where the class has none of its own.
    """

    code: str
    name: str
    fields: tuple[str, ...]
    text: str
    is_own: bool


async def required(tx: Tx, viewer: Viewer) -> list[Wanted]:
    """What is required: for all classes first, then for each."""
    policies = await policies_of(tx)
    usual = policies.texts.get(REQUIRED.key, REQUIRED.default)
    every = viewer.say("所有类别", "All classes")
    found = [Wanted("", every, policies.of(REQUIRED), usual, is_own=policies.is_set(REQUIRED))]
    columns = select(_CLASSES.c.code, _CLASSES.c.zh, _CLASSES.c.en).where(_CLASSES.c.active).order_by(_CLASSES.c.code)
    for row in await tx.execute(columns):
        text = policies.texts.get(f"{REQUIRED.key}_{row.code}", "")
        fields = policies.of(REQUIRED, row.code)
        found.append(Wanted(row.code, viewer.say(row.zh, row.en), fields, text, is_own=bool(text)))
    return found


async def require(hand: Hand, code: str, fields: Sequence[str] | None, seen: str) -> frozenset[str]:
    """Say what a class (all, where empty) has to have; None puts it back to what holds for all, or to the default. The
    scopes that changed. Raises Unfit for nothing at all and where it was changed meanwhile.
    """
    key = f"{REQUIRED.key}_{code}" if code else REQUIRED.key
    if fields is not None and not fields:
        raise Unfit("choose one field at least", "至少选择一项")
    value = None if fields is None else ",".join(one for one in FIELDS if one in fields)
    return await change_rule(hand, key, value, seen)
