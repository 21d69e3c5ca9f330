"""A process that tests may kill. The world, the phone and the bad days are the fixtures that apps have too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client_sdk.killing import Killer


@pytest.fixture(scope="session")
def killer() -> Iterator[Killer]:
    """Runs acts of a phone in processes that end in the middle."""
    with Killer() as killer:
        yield killer
