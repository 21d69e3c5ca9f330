"""Where a value came from: collected by the company's people, from the company's own lists, or from a public register.

A value is *public* where an import brought it from a register that the company named as public (setting
`public_registers`), and it is of the kind that such registers hold: what the shop is, where it is, its own phone.
Whoever writes the same value again makes it no less public. A value from a list of the company's own is *listed*: how
it came into that list is not known here. Everything else that a person wrote is *collected*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Any

from server.departure.evidence.groups import Group, group_of
from server.departure.evidence.history import Trace, Value
from server.master.actors import Authority
from sync.records import Source

__all__ = ["Origin", "origins_of", "source_of"]


class Origin(StrEnum):
    """Where a value came from."""

    COLLECTED = "collected"
    LISTED = "listed"
    PUBLIC = "public"
    RULE = "rule"

    @property
    def zh(self) -> str:
        """Its Chinese name."""
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        """Its English name."""
        return _NAMES[self][1]


_NAMES = {
    Origin.COLLECTED: ("员工收集", "collected by staff"),
    Origin.LISTED: ("公司原有清单", "from the company's own list"),
    Origin.PUBLIC: ("公开来源", "from a public register"),
    Origin.RULE: ("系统规则", "set by a rule"),
}


def source_of(trace: Trace) -> tuple[str, str]:
    """Where the record came from first, and its reference there (`osm:1`); empty where the journal does not say."""
    return _latest(trace, "source"), _latest(trace, "source_ref")


def _latest(trace: Trace, field: str) -> str:
    values = trace.values.get(field, ())
    return str(values[-1].value) if values else ""


def origins_of(trace: Trace, registers: Collection[str]) -> Iterator[tuple[Value, Origin]]:
    """Every value of a record in the order of time, field by field, with its origin."""
    source, reference = source_of(trace)
    is_public = reference.partition(":")[0] in registers
    for field, values in trace.values.items():
        known: list[Any] = []
        for one in values:
            origin = _origin(one, source)
            if origin is Origin.LISTED and is_public and _may_be_public(trace, field):
                origin = Origin.PUBLIC
                known.append(one.value)
            elif one.value in known:
                origin = Origin.PUBLIC
            yield one, origin


def _origin(one: Value, source: str) -> Origin:
    if one.staff is None:
        return Origin.RULE if one.authority == Authority.SERVER else Origin.LISTED
    return Origin.LISTED if one.is_first and source == Source.IMPORT else Origin.COLLECTED


def _may_be_public(trace: Trace, field: str) -> bool:
    return trace.collection.name == "outlet" and group_of("outlet", field) in {Group.PLACE, Group.CONTACT}
