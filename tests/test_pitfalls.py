"""The table of pitfalls names tests that exist, and no row is without one."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.source import ROOT

TABLE = ROOT / "docs" / "pitfalls.md"
COLUMNS = 4
NAMED = re.compile(r"`([^`\s]+\.py)::(\w+)`")


def cells(text: str) -> list[list[str]]:
    """The rows of all tables of a page, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {at for at, row in enumerate(split) if set("".join(row)) <= set("-:")}
    return [row for at, row in enumerate(split) if at not in rules and at + 1 not in rules]


@cache
def declared_in(path: str) -> frozenset[str]:
    """The test functions that a file declares, read and not run; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    declared = ast.parse(file.read_text("utf-8")).body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for one in declared if isinstance(one, kinds) and one.name.startswith("test_"))


def faults(row: list[str]) -> list[str]:
    """What is wrong with one row."""
    if len(row) != COLUMNS or not all(row):
        return ["a row has four cells, none of them empty"]
    proof = row[-1]
    named = NAMED.findall(proof)
    missing = [f"there is no {path}::{name}" for path, name in named if name not in declared_in(path)]
    if len(named) != proof.count("::"):
        missing.append("a test is named as `path::test_name`")
    if not named:
        missing.append("no test")
    return missing


ROWS = cells(TABLE.read_text("utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_a_pitfall_has_a_test_that_exists(row: list[str]) -> None:
    """In every row."""
    assert faults(row) == []


def test_no_pitfall_is_lost() -> None:
    """The table only grows, and no row stands in it twice."""
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 33


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        ("`tests/test_pitfalls.py::test_no_pitfall_is_lost`", 0),
        ("not built yet", 1),
        ("soon", 1),
        ("`tests/test_pitfalls.py::test_that_is_not_there`", 1),
        ("`tests/test_not_there.py::test_no_pitfall_is_lost`", 1),
        ("tests/test_pitfalls.py::test_no_pitfall_is_lost", 2),
        ("", 1),
    ],
)
def test_a_row_without_a_proof_is_found(proof: str, said: int) -> None:
    """A missing file, a missing test, a name that nothing can read, an empty promise."""
    assert len(faults(["what", "where", "rule", proof])) == said
