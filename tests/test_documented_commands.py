"""Every command that a page tells people to type exists, with every option that it is typed with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from server.cli.root import PARTS
from tests.source import ROOT

PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
IN_TEXT = re.compile(r"`(saojie [^`]+)`")
EVERYWHERE = {"--json", "--lang", "--help"}


def typed(text: str) -> Iterator[str]:
    """The commands of a page: lines of its shell blocks, and what stands in backticks in a sentence."""
    for block in re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL):
        for line in block.splitlines():
            if (found := re.match(r"(?:[A-Z_]+=\S+ )*(saojie .*)", line)) is not None:
                yield found.group(1)
    yield from IN_TEXT.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def faults(line: str) -> list[str]:
    """What of a line there is none of."""
    words = shlex.split(line.replace("…", "x"), comments=True)[1:]
    if not words or words[0].startswith("-"):
        return []
    if words[0] not in PARTS:
        return [f"no command {words[0]}"]
    command: click.Command = PARTS[words[0]][0]()
    for word in words[1:]:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        if word not in command.commands:
            return [f"no command {word} of {words[0]}"]
        command = command.commands[word]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | EVERYWHERE
    return [f"no option {word}" for word in words if word.startswith("--") and word.partition("=")[0] not in known]


LINES = sorted({(str(page.relative_to(ROOT)), line) for page in PAGES for line in typed(page.read_text("utf-8"))})


@pytest.mark.parametrize(("page", "line"), LINES, ids=[f"{page}: {line[:60]}" for page, line in LINES])
def test_a_command_that_a_page_names_is_there(page: str, line: str) -> None:
    """By its name, its parts and its options."""
    assert faults(line) == [], page


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("saojie offboard 周海波 --to 曹文俊", 0),
        ("saojie wipes list --all", 0),
        ("saojie offbord 周海波", 1),
        ("saojie wipes lisst", 1),
        ("saojie offboard 周海波 --two 曹文俊", 1),
    ],
)
def test_what_is_not_there_is_found(line: str, said: int) -> None:
    """A command, a part of it, an option."""
    assert len(faults(line)) == said


def test_the_pages_name_many_commands() -> None:
    """The test reads what is there."""
    assert len(LINES) > 60
