"""`docs/rules.md` names every setting of a rule with its default, as the code has it."""

from __future__ import annotations

import pytest

from sync.policies import SETTINGS
from tests.source import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")


@pytest.mark.parametrize("key", SETTINGS)
def test_the_page_names_a_setting(key: str) -> None:
    """In backticks, by its key."""
    assert f"`{key}`" in PAGE
