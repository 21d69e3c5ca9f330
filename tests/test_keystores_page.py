"""What `docs/keystores.md` shows for the platforms keeps to the interface; it is read here, not run."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from client_sdk.ports import AttestingKeyStore, KeyStore
from tests.source import ROOT

PAGE = (ROOT / "docs" / "keystores.md").read_text("utf-8")
BLOCKS = [ast.parse(block) for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)]
SHOWN = {node.name: node for block in BLOCKS for node in block.body if isinstance(node, ast.ClassDef)}


def calls_of(kind: type) -> dict[str, list[str]]:
    """The public methods of an interface and the names of what they take."""
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: list(inspect.signature(one).parameters) for name, one in found if not name.startswith("_")}


@pytest.mark.parametrize(("name", "kind"), [("AndroidKeyStore", AttestingKeyStore), ("AppleKeyStore", KeyStore)])
def test_each_shown_key_store_has_every_call_of_the_interface(name: str, kind: type) -> None:
    """By name and by what it takes."""
    methods = [node for node in SHOWN[name].body if isinstance(node, ast.FunctionDef)]
    shown = {one.name: [each.arg for each in one.args.args] for one in methods if not one.name.startswith("_")}
    assert shown == calls_of(kind)


def test_the_page_says_that_the_code_was_not_run() -> None:
    """Nobody is to take it for tried."""
    assert "It has not" in PAGE
    assert "been run by this project" in PAGE
