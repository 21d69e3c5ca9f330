"""`docs/testing.md` shows a test for each bad day: they run here as they stand, and once as an app would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from client_sdk.testing import fixtures
from tests.source import ROOT

PAGE = ROOT / "docs" / "testing.md"
_BLOCK = re.compile(r"<!-- (test|conftest\.py) -->\n```python\n(.*?)```", re.DOTALL)
_NO_DAYS = {"district", "replica", "world"}


def code_of(kind: str) -> str:
    """The blocks of a kind, in order."""
    return "\n\n".join(text for found, text in _BLOCK.findall(PAGE.read_text("utf-8")) if found == kind)


exec(compile(code_of("test"), str(PAGE), "exec"), globals())  # noqa: S102  # collected as tests of this module


def test_no_code_of_the_page_is_left_out() -> None:
    """Every block says what it is, so it runs."""
    assert PAGE.read_text("utf-8").count("```python") == len(_BLOCK.findall(PAGE.read_text("utf-8")))


def test_every_bad_day_is_a_fixture_that_the_page_shows() -> None:
    """A test for each of them, by its name."""
    shown = set(re.findall(r"def test_\w+\((\w+)", code_of("test")))
    assert set(fixtures.__all__) - _NO_DAYS <= shown
    assert len(set(fixtures.__all__) - _NO_DAYS) == 10


def test_an_app_runs_it_with_the_page_alone(tmp_path: Path) -> None:
    """A directory with the page's conftest.py and its tests, nothing of this project's."""
    (tmp_path / "conftest.py").write_text(code_of("conftest.py"), "utf-8")
    (tmp_path / "test_app.py").write_text(code_of("test"), "utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    alone = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    told = subprocess.run(run, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert " passed" in told.stdout
