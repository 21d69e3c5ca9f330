"""The verifier is one file that needs nothing of ours."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest

from server.departure.evidence.single_file import verifier_source
from server.departure.evidence.verifier.main import main


def test_it_imports_the_standard_library_alone() -> None:
    """No import of ours or of a package is in it, at any depth."""
    tree = ast.parse(verifier_source())
    named = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names


def test_no_name_of_one_module_hides_another_ones() -> None:
    """Functions, classes and constants of all modules differ, since they share one file."""
    names = Counter[str]()
    for node in ast.parse(verifier_source()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] += 1
        elif isinstance(node, ast.Assign):
            names.update(one.id for one in node.targets if isinstance(one, ast.Name))
    assert [name for name, many in names.items() if many > 1] == []


def test_what_is_no_pack_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder, a file that is no archive, a path where nothing is: exit code 2, in both languages."""
    (tmp_path / "file").write_bytes(b"not a zip file")
    for path in (tmp_path, tmp_path / "file", tmp_path / "nothing"):
        assert main([str(path)]) == 2
        told = capsys.readouterr().err
        assert "不是证据包" in told
        assert "not a pack" in told
