"""The code in `docs/keystores.md` names what there is and passes the type checker's eye for what a replica takes."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

import pytest

from client_sdk import Replica
from tests.source import ROOT

PAGE = (ROOT / "docs" / "keystores.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_shown_is_there_and_is_what_a_replica_takes(block: str) -> None:
    """Imports succeed without the platform; every argument of `Replica.open` is one of its own."""
    shown: dict[str, Any] = {}
    exec(compile(block, "docs/keystores.md", "exec"), shown)  # noqa: S102  # the page is ours
    calls = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call)]
    passed = {word.arg for call in calls if ast.unparse(call.func) == "Replica.open" for word in call.keywords}
    assert passed
    assert passed - {None} <= inspect.signature(Replica.open).parameters.keys()


def test_the_page_says_what_was_not_run() -> None:
    """Nobody is to take it for tried."""
    assert "**Neither has been run on a phone or a simulator.**" in PAGE
