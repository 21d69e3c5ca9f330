"""The README says what is so: its lines of code run against a real server, and its commands and settings exist."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from server.cli.deployment import Deployment
from server.cli.founding import establish
from server.cli.lists import Wanted, bring_in
from server.cli.root import PARTS
from server.cli.talk import Talk
from server.cli.trial.processes import ServerProcess
from server.identity import enrolment
from server.settings import Settings
from tests.source import ROOT

READMES = ("README.md", "README.zh-CN.md")
HANDBOOK = ("docs/console.md", "docs/operations.md", "docs/business.md", "docs/departures.md")
DISTRICT = ROOT / "fixtures" / "district" / "district.xlsx"


def text_of(name: str) -> str:
    """A document."""
    return (ROOT / name).read_text("utf-8")


def code_of(name: str) -> str:
    """The lines of the SDK in a README."""
    (code,) = re.findall(r"```python\n(.*?)```", text_of(name), re.DOTALL)
    return str(code)


async def _code(home: Path) -> str:
    """A company with the sample district, and an enrolment code for one of its reps that nobody has to confirm."""
    quiet = Talk(is_quiet=True)
    means, _ = await establish(quiet, Settings(home), "云澜商贸", "刘经理")
    try:
        deployment = Deployment(quiet, Settings(home), means)
        await bring_in(deployment, Wanted(DISTRICT))
        async with means.store.write() as tx:
            person = await deployment.person(tx, "周海波")
            issued = await enrolment.issue(tx, person.id, means.sources, lifetime=600_000, confirm=False)
        return issued.code.shown
    finally:
        await means.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a real server, and an enrolment code."""
    code = asyncio.run(_code(tmp_path / "home"))
    with ServerProcess(tmp_path / "home") as process:
        yield process.url, code


def test_the_ten_lines_run_against_a_real_server(server: tuple[str, str], tmp_path: Path) -> None:
    """What the README shows works as it stands, but for the address, the code and the directory."""
    url, code = server
    lines = code_of(READMES[0])
    assert len([line for line in lines.splitlines() if line.strip()]) <= 12
    lines = lines.replace("https://sync.example", url).replace('"replica"', repr(str(tmp_path / "replica")))
    lines = re.sub(r'code="[^"]*"', f'code="{code}"', lines)
    told = io.StringIO()
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(told):
        exec(compile(lines, "README.md", "exec"), names)  # noqa: S102  # the README's own lines
    digits, report = told.getvalue().splitlines()
    assert re.fullmatch(r"\d{6}", digits)
    assert report.startswith("3 [Outlet(")
    assert "Everything here was compared with the company's copy" in report
    names["replica"].close()  # type: ignore[attr-defined]


def test_both_readmes_show_the_same_code() -> None:
    """The languages differ in comments and in the language of the last line alone."""
    one, other = (ast.dump(ast.parse(code_of(name))) for name in READMES)
    assert one.replace("attr='en'", "attr='zh'") == other


@pytest.mark.parametrize("name", [*READMES, *HANDBOOK])
def test_every_command_that_is_named_exists(name: str) -> None:
    """`saojie …` and `make …` in a document are commands that there are."""
    text = text_of(name)
    assert set(re.findall(r"(?m)(?:`|^)saojie ([a-z-]+)", text)) <= PARTS.keys()
    verbs = set(re.findall(r"(?m)^([a-z]+):", text_of("Makefile")))
    assert set(re.findall(r"(?m)(?:`|^)make ([a-z]+)", text)) <= verbs


@pytest.mark.parametrize("name", [*READMES, *HANDBOOK, "docs/sdk.md", "docs/replica.md", "docs/threat-model.md"])
def test_every_file_that_is_linked_is_there(name: str) -> None:
    """A link in a document leads somewhere."""
    linked = re.findall(r"\]\(([^)#:]+)\)", text_of(name))
    folder = (ROOT / name).parent
    assert [one for one in linked if not (folder / one).exists()] == []


def test_operations_lists_every_setting() -> None:
    """No setting is undocumented, and none is documented that there is not."""
    table = text_of("docs/operations.md").partition("## Settings")[2].partition("\n## ")[0]
    listed = {one for row in re.findall(r"(?m)^\| (`[^|]*`) \|", table) for one in re.findall(r"`(\w+)`", row)}
    assert listed == {one.name for one in fields(Settings)} - {"home"}


def test_the_threat_model_names_tests_that_are_there() -> None:
    """Each folder or file of tests that it points to exists."""
    named = set(re.findall(r"tests/[\w/.]+", text_of("docs/threat-model.md")))
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []
