"""Two protocols back, on both sides; one place where the version stands; deprecations that say until when."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from client_sdk import __version__
from client_sdk.deprecation import Deprecated, deprecated
from sync import versions
from tests.client_sdk.newer_sdk import raised
from tests.client_sdk.public import deprecations, unannounced
from tests.source import ROOT, project


@pytest.mark.parametrize(("current", "oldest"), [(1, 1), (2, 1), (3, 1), (4, 2), (9, 7)])
def test_a_side_speaks_the_current_protocol_and_the_two_before(current: int, oldest: int) -> None:
    """When the current one rises, the oldest follows at a distance of two; neither is before the first."""
    side = raised(current)
    spoken = [number for number in range(12) if side.Protocol(number).is_spoken()]
    assert spoken == list(range(oldest, current + 1))


@pytest.mark.parametrize(
    ("current", "served", "said"),
    [
        (3, 3, "done done [3, 3]"),
        (3, 2, "done done [3, 2, 2]"),
        (3, 1, "done done [3, 2, 1, 1]"),
        (4, 1, "protocol_too_new protocol_too_new [4, 3, 2, 2]"),
    ],
)
def test_a_phone_ahead_of_its_server_speaks_what_both_know(
    current: int, served: int, said: str, tmp_path: Path
) -> None:
    """It goes back as far as two protocols, keeps to what was understood, and gives up where nothing is."""
    program = [sys.executable, "-m", "tests.client_sdk.newer_sdk", str(current), str(served), str(tmp_path)]
    run = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == (said, "")


def test_the_version_stands_in_one_place() -> None:
    """The build reads it where the SDK does, so that a phone without an installation's metadata knows it too."""
    assert "version" in project()["project"]["dynamic"]
    assert project()["tool"]["hatch"]["version"]["path"] == "client_sdk/version.py"
    assert [part.isdigit() for part in __version__.split(".")] == [True] * 3


def test_the_page_says_the_numbers_of_today() -> None:
    """Protocol and schema in docs/versions.md are those that requests carry."""
    page = (ROOT / "docs" / "versions.md").read_text("utf-8")
    told = {
        name: int(number) for name, number in re.findall(r"^\| (protocol|schema) \|.*\| (\d+) \|$", page, re.MULTILINE)
    }
    assert told == {"protocol": versions.CURRENT, "schema": versions.SCHEMA}


def test_a_deprecated_call_warns_its_caller_and_works() -> None:
    """The warning names the version that takes it away and what to call in its place; it points at the caller."""

    @deprecated(since="0.2.0", until="0.4.0", instead="Replica.sync")
    def old(number: int) -> int:
        return number + 1

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert old(2) == 3
    (one,) = caught
    assert one.category is DeprecationWarning
    assert str(one.message).endswith("old is deprecated since 0.2.0 and goes with 0.4.0: call Replica.sync")
    assert one.filename == __file__


@pytest.mark.parametrize(
    ("since", "until"),
    [("0.2.0", "0.2.1"), ("0.2.0", "0.3.0"), ("1.2.0", "1.9.0"), ("1.2.0", "1.2.0"), ("2.0.0", "1.0.0")],
)
def test_nothing_is_taken_away_at_once(since: str, until: str) -> None:
    """At least one minor version lies between, and from 1.0.0 on only a major version takes anything away."""
    with pytest.raises(ValueError, match="is too early"):
        deprecated(since=since, until=until, instead="Replica.sync")


def test_what_is_deprecated_is_announced() -> None:
    """The changelog names each, with the version that takes it away, under *Deprecated*."""
    assert unannounced(deprecations(), (ROOT / "CHANGELOG.md").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ("### Deprecated\n\n- `Replica.old` goes with 0.4.0: call `Replica.sync`.\n", []),
        ("### Deprecated\n\n- `Replica.old` goes some day.\n", ["Replica.old"]),
        ("### Added\n\n- `Replica.old` goes with 0.4.0.\n", ["Replica.old"]),
        ("### Deprecated\n\n- Nothing.\n\n### Fixed\n\n- `Replica.old` of 0.4.0.\n", ["Replica.old"]),
    ],
)
def test_a_deprecation_that_nobody_told_is_found(told: str, missing: list[str]) -> None:
    """Name and version stand in one line of that part."""
    assert unannounced({"Replica.old": Deprecated("0.2.0", "0.4.0", "Replica.sync")}, told) == missing
