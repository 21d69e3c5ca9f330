"""A version is asked what it can do."""

from __future__ import annotations

import pytest

from sync.versions import CURRENT, OLDEST, Protocol


@pytest.mark.parametrize("number", range(OLDEST, CURRENT + 1))
def test_every_version_from_the_oldest_on_is_spoken(number: int) -> None:
    """Both ends included."""
    assert Protocol(number).is_spoken()


@pytest.mark.parametrize("number", [OLDEST - 1, CURRENT + 1, 10_000])
def test_other_versions_are_not(number: int) -> None:
    """Older ones get `protocol_too_old`; newer ones are not guessed at."""
    assert not Protocol(number).is_spoken()
