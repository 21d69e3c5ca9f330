"""No field of any record invites data on children: their names, birthdays and schools are nobody's to collect."""

from __future__ import annotations

import re
from enum import EnumType
from typing import Any

import msgspec
import pytest

from sync import records
from sync.records import COLLECTIONS, Collection

CHILD = re.compile(
    r"child|kid|baby|toddler|teen|\bsons?\b|daughter|school|grade_of|子女|孩子|儿子|女儿|小孩|婴|学校|幼", re.IGNORECASE
)


@pytest.mark.parametrize("one", COLLECTIONS.values(), ids=lambda one: one.name)
def test_no_field_or_label_asks_for_it(one: Collection) -> None:
    """By name, in either language."""
    said = [(name, rule.zh, rule.en) for name, rule in one.rules.items()]
    assert [each for each in said if CHILD.search(" ".join(each))] == []


def _exported() -> list[Any]:
    return [getattr(records, name) for name in records.__all__]


def test_no_part_of_a_record_and_no_choice_asks_for_it() -> None:
    """Nested parts and the values of enumerations: an occasion is a wedding or a funeral, never a birth."""
    parts = [one for one in _exported() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    fields = [f"{one.__name__}.{name}" for one in parts for name in one.__struct_fields__]
    enumerations: list[Any] = [one for one in _exported() if isinstance(one, EnumType)]
    choices = [str(value.value) for one in enumerations for value in one]
    assert len(fields) > 100
    assert [one for one in [*fields, *choices] if CHILD.search(one) or one == "birth"] == []
