"""Field groups: complete, and each field in exactly one."""

from __future__ import annotations

import pytest

from server.departure.evidence.groups import Group, group_of
from sync.records import COLLECTIONS


def test_every_field_of_every_collection_is_in_a_group() -> None:
    """A new field cannot be forgotten by the exposure."""
    found = {group_of(name, field) for name, one in COLLECTIONS.items() for field in one.rules}
    assert found == set(Group)


def test_a_field_that_is_not_there_has_no_group() -> None:
    """A misspelt name is an error, not a member of some default."""
    with pytest.raises(KeyError):
        group_of("outlet", "telephone")


def test_means_to_contact_and_private_parts_are_never_observable() -> None:
    """Only what a passer-by can see counts as observable."""
    assert [one for one in Group if one.is_observable] == [Group.PLACE]
    assert all(group_of("contact_private", field) is Group.PRIVATE for field in COLLECTIONS["contact_private"].rules)
    assert group_of("outlet", "phone") is group_of("contact", "phone") is Group.CONTACT


def test_every_group_has_a_name_in_both_languages() -> None:
    """People read them."""
    assert all(one.zh and one.en and one.zh != one.en for one in Group)
