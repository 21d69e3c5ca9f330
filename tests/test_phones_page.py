"""`docs/phones.md` and the recipes beside it: what they name is there, what they build is what the SDK is pinned to."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import client_sdk
from client_sdk import Replica
from tests.source import ROOT, declared, distribution

DOCS = ROOT / "docs"
PAGE = (DOCS / "phones.md").read_text("utf-8")
RECIPES = DOCS / "phones"
APSW, SQLITE = (RECIPES / "python-for-android" / name / "__init__.py" for name in ("apsw", "sqlite3"))


def blocks(kind: str) -> list[str]:
    """The blocks of code of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


def pinned() -> str:
    """The version of apsw-sqlite3mc that the SDK is pinned to."""
    found = re.search(
        r"^apsw-sqlite3mc==([0-9.]+)", (ROOT / "requirements" / "sdk.txt").read_text("utf-8"), re.MULTILINE
    )
    assert found is not None
    return found[1]


def assigned(path: Path, name: str) -> Any:
    """What a class of a recipe gives a name."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Assign)]
    (value,) = (node.value for node in nodes if ast.unparse(node.targets[0]) == name)
    return ast.literal_eval(value)


@pytest.mark.parametrize("block", blocks("python"))
def test_code_names_what_there_is(block: str) -> None:
    """Every import of ours succeeds, and `Replica.open` has every argument that is passed."""
    tree = ast.parse(block)
    ours = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("client_sdk")
    ]
    for node in ours:
        exec(compile(ast.Module([node], []), "docs/phones.md", "exec"), {})  # noqa: S102  # the page is ours
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Replica.open"]
    assert calls
    for call in calls:
        assert {word.arg for word in call.keywords if word.arg} <= inspect.signature(Replica.open).parameters.keys()


def test_settings_of_an_app_are_toml() -> None:
    """And the app depends on the SDK."""
    (block,) = blocks("toml")
    assert "saojie" in tomllib.loads(block)["project"]["dependencies"]


def test_python_for_android_is_asked_for_all_that_the_sdk_needs() -> None:
    """It installs no dependencies of a package by itself."""
    found = re.search(r"--requirements (\S+)", PAGE)
    assert found is not None
    asked = {distribution(one) for one in found[1].split(",")}
    assert declared() - asked == {"apsw-sqlite3mc"}
    assert "apsw" in asked


@pytest.mark.parametrize("path", [APSW, SQLITE])
def test_a_recipe_builds_the_pinned_version_from_a_folder(path: Path) -> None:
    """No address stands in it: the source distribution comes by its hash (tools/sqlite3mc.sh)."""
    assert (assigned(path, "version"), assigned(path, "url")) == (pinned(), None)


def test_the_recipe_for_mobile_forge_builds_the_pinned_version() -> None:
    """With the one patch that it names."""
    folder = RECIPES / "mobile-forge" / "apsw-sqlite3mc"
    meta = (folder / "meta.yaml").read_text("utf-8")
    assert f'  version: "{pinned()}"' in meta
    (patch,) = re.findall(r"^  - (\S+\.patch)$", meta, re.MULTILINE)
    assert "-fetch = True\n+fetch = False\n" in (folder / "patches" / patch).read_text("utf-8")


def test_the_header_is_cut_out_of_the_one_c_file() -> None:
    """The first of two, with its guard, and nothing of what follows."""
    tree = ast.parse(SQLITE.read_text("utf-8"))
    parts: dict[str, Any] = {}
    wanted = [node for node in tree.body if isinstance(node, ast.FunctionDef) or "BEGINS" in ast.unparse(node)]
    exec(compile(ast.Module(wanted, []), str(SQLITE), "exec"), parts)  # noqa: S102  # the recipe is ours
    header = "#ifndef SQLITE3_H\n#define SQLITE3_H\nint sqlite3_open();\n#endif /* SQLITE3_H */\n"
    assert parts["header_of"](f"/* before */\n{header}SQLITE_PRIVATE int other();\n{header}") == header


def test_links_and_paths_lead_somewhere() -> None:
    """Files of the project that the page names are there, and so are its own headings."""
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    headings = {
        re.sub(r"[^a-z -]", "", line.lower()).strip().replace(" ", "-") for line in PAGE.splitlines() if line[:1] == "#"
    }
    for link in links:
        assert link[1:] in headings if link.startswith("#") else (DOCS / link).exists(), link
    for path in re.findall(r"`((?:tests|tools|requirements|docs)/[\w/.-]+)`", PAGE):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`client_sdk\.([A-Z]\w+)`", PAGE):
        assert hasattr(client_sdk, name), name


def test_the_page_says_what_was_not_run() -> None:
    """Nobody is to take it for tried."""
    assert "**Nothing here was run on a phone or in a simulator**" in PAGE
    assert "| **not run** |" in PAGE
