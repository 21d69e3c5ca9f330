"""Reads the project's own source for the tests of its structure. It parses and imports nothing of what it reads."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("client_sdk", "server", "sync")

# Python 3.14 took it into the standard library; before that its place is held by a package, absent from 3.14 on.
NEWER_STANDARD_LIBRARY = frozenset({"compression"})
DISTRIBUTION_BEFORE_3_14 = {"backports": "backports-zstd"}


@dataclass(frozen=True)
class Import:
    """One imported name in full (`server.master.store.Store`) and where it stands."""

    name: str
    where: str

    @property
    def top(self) -> str:
        """The top-level package or module."""
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """The second part of the name: for a name in `server`, the room that it comes from."""
        return self.name.partition(".")[2].partition(".")[0]

    def __str__(self) -> str:
        return f"{self.where} imports {self.name}"


@dataclass(frozen=True)
class Module:
    """One source file of the project, parsed."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path from the project's root, as in messages."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self) -> str:
        """The part below the top-level package, without a suffix: `master` for server/master/feed.py."""
        return self.path.relative_to(ROOT).with_suffix("").parts[1]

    def imports(self) -> Iterator[Import]:
        """Every import, wherever it stands: at the top, in a function, for type checkers alone."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                names = [f"{origin}.{alias.name}" for alias in node.names]
            else:
                continue
            yield from (Import(name, f"{self.name}:{node.lineno}") for name in names)

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.relative_to(ROOT).parent.parts
        return ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))


def parse(path: Path, text: str) -> Module:
    """Give the text the form that the rules read."""
    return Module(path, text, ast.parse(text, str(path)))


@cache
def modules(package: str) -> tuple[Module, ...]:
    """Every module of a top-level package, in order of its path."""
    return tuple(parse(path, path.read_text("utf-8")) for path in sorted((ROOT / package).rglob("*.py")))


@cache
def project() -> dict[str, Any]:
    """What pyproject.toml declares."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def distribution(requirement: str) -> str:
    """Take the normal name of what a requirement asks for: `backports.zstd>=1.8` gives `backports-zstd`."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> frozenset[str]:
    """The distributions that the SDK declares, with those of the extras."""
    table = project()["project"]
    lists = [table["dependencies"], *(table["optional-dependencies"][extra] for extra in extras)]
    return frozenset(distribution(requirement) for requirements in lists for requirement in requirements)


@cache
def _providers() -> dict[str, frozenset[str]]:
    installed = {top: frozenset(map(distribution, names)) for top, names in packages_distributions().items()}
    return {top: frozenset({name}) for top, name in DISTRIBUTION_BEFORE_3_14.items()} | installed


def providers(top: str) -> frozenset[str]:
    """The distributions that bring a top-level module; none for what nobody installed."""
    return _providers().get(top, frozenset())


def is_standard(top: str) -> bool:
    """Whether a top-level module belongs to Python."""
    return top in sys.stdlib_module_names or top in NEWER_STANDARD_LIBRARY
