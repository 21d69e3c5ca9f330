"""The rules' settings that a company can change, each with its default: one registry that all else is derived from."""

from __future__ import annotations

from typing import Any

from sync.policies import archive, care, pool, trade, work
from sync.policies.base import Policies, Setting, Unfit

__all__ = ["GROUPS", "SETTINGS", "Policies", "Setting", "Unfit", "fitting"]


def _declared(value: object) -> list[Setting[Any]]:
    if isinstance(value, Setting):
        return [value]
    return [one for one in value.values() if isinstance(one, Setting)] if isinstance(value, dict) else []


GROUPS: dict[str, dict[str, Setting[Any]]] = {
    group: {one.key: one for name in module.__all__ for one in _declared(getattr(module, name))}
    for group, module in {"work": work, "archive": archive, "care": care, "pool": pool, "trade": trade}.items()
}
"""Every setting by its key, in groups of what they are about, in the order in which people are shown them."""

SETTINGS: dict[str, Setting[Any]] = {key: one for group in GROUPS.values() for key, one in group.items()}
"""Every setting by its key."""


def fitting(key: str, classes: frozenset[str] = frozenset()) -> Setting[Any] | None:
    """The setting that a policy's key belongs to: the key itself, or with a class or a grade where it takes one."""
    if key in SETTINGS:
        return SETTINGS[key]
    for one in SETTINGS.values():
        if one.per and key.startswith(f"{one.key}_") and _names(key.removeprefix(f"{one.key}_"), one.per, classes):
            return one
    return None


def _names(rest: str, per: str, classes: frozenset[str]) -> bool:
    if per == "purpose":
        return rest.isascii() and rest.isidentifier() and len(rest) <= 40
    if per == "class_grade" and rest[-2:-1] == "_" and rest[-1:] in {"A", "B", "C"}:
        rest = rest[:-2]
    return rest in classes
