"""Everything that a person meets is called something, in Chinese and English, in one table."""

from __future__ import annotations

import re
from enum import EnumType
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from sync.business.today import WEEKDAYS
from sync.policies.archive import DESCRIBABLE
from sync.records import COLLECTIONS
from sync.words import KINDS, LABELS, PARTS, VALUES, label, part_label, word

WRITTEN = [one for one in COLLECTIONS.values() if one.rep_creates or one.rep_edits]
CHINESE = re.compile("[\u4e00-\u9fff]")
LATIN = re.compile("[A-Za-z]")


def classes_in(kind: type[msgspec.Struct]) -> set[type]:
    """The structs and enumerations that the fields of a struct are made of, at any depth."""
    found: set[type] = set()
    waiting: list[Any] = list(get_type_hints(kind).values())
    while waiting:
        hint = waiting.pop()
        waiting += get_args(hint)
        is_ours = isinstance(hint, EnumType) or (isinstance(hint, type) and issubclass(hint, msgspec.Struct))
        if is_ours and hint not in found:
            found.add(hint)
            waiting += [] if isinstance(hint, EnumType) else get_type_hints(hint).values()
    return found


BY_NAME = {part.__name__: part for one in WRITTEN for part in classes_in(one.type)}


def is_said(said: tuple[str, str]) -> bool:
    """Chinese and English, each in its own script."""
    return bool(CHINESE.search(said[0])) and bool(LATIN.search(said[1])) and not CHINESE.search(said[1])


def test_what_reps_write_is_known() -> None:
    """The tests below look at all of it."""
    assert {"outlet", "visit", "payment", "task", "refused"} <= {one.name for one in WRITTEN}
    assert {"OrderLine", "Relative", "Birthday", "Grade", "Calendar"} <= BY_NAME.keys()


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.name)
def test_every_field_that_a_rep_may_meet_is_called_something(one: Any) -> None:
    """Of each collection that reps write: its name, and each field, derived ones too."""
    assert is_said(LABELS[one.name])
    assert [name for name in one.rules if not is_said(label(one.name, name))] == []


@pytest.mark.parametrize("kind", [BY_NAME[name] for name in sorted(BY_NAME)], ids=sorted(BY_NAME))
def test_every_part_and_every_value_is_called_something(kind: Any) -> None:
    """Fields of the parts of records; values of enumerations, each with words and no words without a value."""
    if isinstance(kind, EnumType):
        assert set(VALUES[KINDS[kind]]) == {one.value for one in kind}  # type: ignore[var-annotated, index]
    else:
        assert set(PARTS[kind.__name__]) == set(kind.__struct_fields__)
        assert [name for name in kind.__struct_fields__ if not is_said(part_label(kind.__name__, name))] == []


@pytest.mark.parametrize("kind", VALUES)
def test_values_have_words_in_both_languages(kind: str) -> None:
    """None is left in one language, or as it stands in the code."""
    assert [value for value, said in VALUES[kind].items() if not (said[0] and is_said((said[0] + "字", said[1])))] == []


def test_words_follow_what_they_are_words_for() -> None:
    """Days of the week, and what a registration may lack, are the rules' own."""
    assert tuple(VALUES["weekday"]) == WEEKDAYS
    assert set(VALUES["missing"]) == DESCRIBABLE


def test_what_nobody_named_stands_for_itself() -> None:
    """A newer company's word is shown as it is rather than not at all."""
    assert word("purpose", "tasting") == ("tasting", "tasting")
    assert label("outlet", "smell") == ("smell", "smell")
    assert part_label("Relative", "smell") == ("smell", "smell")
