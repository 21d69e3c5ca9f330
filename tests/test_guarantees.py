"""What is promised stands once, in both languages; the threat model says the same row by row; each row has its test.

`python -m tests.test_guarantees` writes the two tables of the page anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import client_sdk.exchange.report as reports
import client_sdk.status as statuses
from client_sdk import errors as sdk_errors
from server.cli.guarantees.limits import LIMITS
from server.cli.guarantees.promises import ASSUMPTIONS, PROMISES
from server.cli.guarantees.rows import Promise, Said, Threat
from server.cli.guarantees.threats import DEFENDED
from server.cli.root import saojie
from sync.errors import ERRORS
from tests.source import ROOT
from tests.test_pitfalls import cells, declared_in

PAGE = ROOT / "docs" / "threat-model.md"
ROWS: tuple[Promise | Threat, ...] = (*PROMISES, *DEFENDED, *LIMITS)
HEAD = "| | who | what they try | {} | proved by |\n|---|---|---|---|---|\n"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
GONE = re.compile(
    r"\b(phones?|devices?|cop(?:y|ies)|data)\b[^.]{0,60}\b(?:was|were|is|are|been)\s+deleted\b|(手机|设备|副本|数据)[^。]{0,20}已(?:被)?删除"
)
"""A sentence that claims of a phone, a device or a copy that what was on it is deleted."""


def rendered(rows: tuple[Threat, ...]) -> str:
    """The rows as the page has them."""
    return "".join(
        f"| `{one.id}` | {one.who.en} | {one.tries.en} | {one.answer.en} | "
        + ", ".join(f"`{each}`" for each in one.tests)
        + " |\n"
        for one in rows
    )


def written(text: str) -> str:
    """The page with its two tables as the rows say."""
    tables = (
        HEAD.format("what stands against it") + rendered(DEFENDED),
        HEAD.format("what is so then") + rendered(LIMITS),
    )
    parts = re.split(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert len(parts) == 3, "the page has two tables"
    return parts[0] + tables[0] + parts[1] + tables[1] + parts[2]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_names_tests_that_exist(row: Promise | Threat) -> None:
    """A promise or a threat without a test, or with one that is not there, does not pass."""
    assert row.tests
    named = [one.split("::") for one in row.tests]
    assert [f"{path}::{name}" for path, name in named if name not in declared_in(path)] == []
    assert len(set(row.tests)) == len(row.tests)


def test_the_page_says_what_the_table_says() -> None:
    """Row by row, every word and every test; a row on one side alone is seen."""
    text = PAGE.read_text("utf-8")
    assert written(text) == text, "run `python -m tests.test_guarantees` and read what it changed"
    assert [row[0].strip("`") for row in cells(text)] == [one.id for one in (*DEFENDED, *LIMITS)]


def test_ids_are_unique_and_assumptions_are_there() -> None:
    """Machines go by ids."""
    ids = [one.id for one in (*ROWS, *ASSUMPTIONS)]
    assert len(set(ids)) == len(ids)
    assumed = {each for one in PROMISES for each in one.assumes}
    assert assumed == {one.id for one in ASSUMPTIONS}


def said() -> Iterator[Said]:
    """Every sentence of the table."""
    yield from (one.says for one in PROMISES)
    yield from (one.says for one in ASSUMPTIONS)
    for row in (*DEFENDED, *LIMITS):
        yield from (row.who, row.tries, row.answer)


def test_both_languages_say_it() -> None:
    """Chinese where Chinese is due, and none in the English."""
    for one in said():
        assert CHINESE.search(one.zh), one
        assert not CHINESE.search(one.en), one


def test_what_is_not_defended_is_said_to_be_so() -> None:
    """The limits of the design, each in the list, and none of them among what is defended."""
    wanted = {"copies_before_the_lock", "photographs_the_screen", "breaks_the_phone", "default_key_store"}
    assert wanted | {"administrators", "a_receipt_is_a_claim", "reaches_a_phone_first"} == {one.id for one in LIMITS}
    assert not any(one.is_defended for one in LIMITS)
    assert all(one.is_defended for one in DEFENDED)


def texts() -> Iterator[tuple[str, str]]:
    """Everything of ours that speaks to people about a phone that was wiped: pages, sentences of states and errors."""
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
    yield from ((str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in pages)
    for name, module in (("status", statuses), ("report", reports), ("sdk errors", sdk_errors)):
        assert module.__file__ is not None
        yield name, Path(module.__file__).read_text("utf-8")
    yield from ((code, f"{row.en} {row.zh} {row.todo}") for code, row in ERRORS.items())
    yield from (("guarantee", f"{one.en} {one.zh}") for one in said())
    for path in sorted((ROOT / "server").rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def test_nothing_that_we_say_claims_that_copies_are_gone() -> None:
    """No page, message or document of ours says "deleted" of what lies outside the client."""
    assert GONE.search("Everything on the phone was deleted.")
    assert GONE.search("手机上的数据已删除")
    assert [(name, found.group()) for name, text in texts() if (found := GONE.search(text))] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_tells_people_and_machines(language: str) -> None:
    """One object with all of it, both languages in it; and for people a page in theirs."""
    ran = CliRunner().invoke(saojie, ["guarantee", "--json", "--lang", language])
    assert ran.exit_code == 0, ran.output
    found = ran.stdout.splitlines()[-1]
    for one in said():
        assert one.en in found
        assert one.zh in found
    for row in ROWS:
        assert all(test in found for test in row.tests)
    shown = CliRunner().invoke(saojie, ["guarantee", "--lang", language])
    wanted = LIMITS[0].answer
    assert (wanted.zh if language == "zh" else wanted.en) in shown.stdout


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
