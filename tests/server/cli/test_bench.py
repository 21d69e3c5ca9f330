"""`saojie bench` runs, at a small size, and says what it measured. No time is held against a limit here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from server.cli.bench.browser import chromium
from server.cli.bench.lines import Limit, Measured, Of, at_least, at_most, line_of, percentile
from server.cli.bench.raw import raw_departure
from server.cli.measuring import BENCHES
from server.console.map.page import is_there
from tests.source import ROOT

RUN = "from server.cli import main; main()"
FIELDS = {
    "name", "unit", "value", "reference", "ratio", "limit", "bound", "of", "met", "repetitions", "low", "high", "size",
    "en", "zh",
}  # fmt: skip


def measured(folder: Path, name: str, *more: str) -> list[dict[str, Any]]:
    """The lines of one benchmark at its small size; nothing is left on the disk."""
    place = folder / "files"
    place.mkdir()
    env = os.environ | {"TMPDIR": str(place), "SAOJIE_HOME": str(folder / "other")}
    line = [sys.executable, "-c", RUN, "bench", "--only", name, "--small", "--repeat", "1", "--json", *more]
    ran = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    lines: list[dict[str, Any]] = json.loads(ran.stdout.splitlines()[-1])["lines"]
    for one in lines:
        assert set(one) == FIELDS
        assert (one["repetitions"], one["met"] is None) == (1, one["limit"] is None)
    assert list(place.iterdir()) == []
    return lines


def test_a_departure_is_measured_on_real_phones(tmp_path: Path) -> None:
    """Five devices, both ways: each line whole, beside its reference."""
    lines = measured(tmp_path, "departure")
    assert [one["name"] for one in lines] == [
        f"departure.{way}.{share}" for way in ("one_person", "many_persons") for share in ("p50", "p99")
    ]
    assert all(min(one["value"], one["reference"]) > 0 for one in lines)


def test_a_crowd_is_told_what_concerns_it(tmp_path: Path) -> None:
    """Two devices in each of three territories: both hear, and nobody else does."""
    lines = {one["name"]: one for one in measured(tmp_path, "crowd")}
    assert lines["crowd.others"]["value"] == 0
    assert min(lines[f"crowd.{one}.p50"]["value"] for one in ("heard", "heard_of_command")) > 0
    assert lines["crowd.whole"]["value"] > 0


def test_a_first_sync_is_measured_beside_the_raw_insert(tmp_path: Path) -> None:
    """At two sizes, all archives each time, on processes whose cost is counted."""
    lines = measured(tmp_path, "first_sync")
    assert [one["size"] for one in lines] == [10] * 5 + [30] * 5
    found = {one["name"]: one for one in lines if one["size"] == 30}
    assert set(found) == {f"first_sync.{one}" for one in ("time", "down", "phone_cpu", "server_cpu", "memory")}
    assert found["first_sync.time"]["reference"] > 0
    assert 30 * 200 < found["first_sync.down"]["value"] < 30 * 1000
    assert found["first_sync.memory"]["value"] > 10


def test_changed_archives_are_measured_on_a_phone_that_is_in_step(tmp_path: Path) -> None:
    """They come in one request, and nothing else comes with them."""
    lines = {one["name"]: one for one in measured(tmp_path, "changed")}
    assert set(lines) == {f"changed.{one}" for one in ("time", "down", "requests")}
    assert lines["changed.requests"]["value"] == 1
    assert 10 * 150 < lines["changed.down"]["value"] < 10 * 1000


def test_a_write_is_followed_from_one_phone_to_another(tmp_path: Path) -> None:
    """Beside a chain of durable writes."""
    lines = measured(tmp_path, "live_write")
    assert [one["name"] for one in lines] == ["live_write.p50", "live_write.p95"]
    assert all(one["value"] > one["reference"] > 0 for one in lines)


def test_a_phone_is_measured_alone(tmp_path: Path) -> None:
    """Every figure but the start of its process stands beside a reference."""
    lines = {one["name"]: one for one in measured(tmp_path, "phone")}
    assert set(lines) == {f"phone.{one}" for one in ("near.p95", "search.p95", "log.p95", "open.p50", "start.p50")}
    assert all(one["value"] > 0 for one in lines.values())
    assert [name for name, one in lines.items() if not one["reference"]] == ["phone.start.p50"]


def test_the_import_of_the_sdk_is_measured_beside_a_bare_interpreter(tmp_path: Path) -> None:
    """In turns, both as processes of their own."""
    (line,) = measured(tmp_path, "import")
    assert (line["name"], line["limit"], line["bound"]) == ("import", 300.0, "at_most")
    assert line["value"] > line["reference"] > 0


def test_pages_of_the_console_are_measured_on_a_large_master(tmp_path: Path) -> None:
    """Each list and the tiles of the map, beside a hello, with how many outlets there were."""
    lines = measured(tmp_path, "console")
    names = {one["name"] for one in lines}
    assert {"console.outlets", "console.map_page", "console.inbox", "console.tiles"} <= names
    assert all(one["value"] > 0 < one["reference"] and one["size"] == 60 for one in lines)


def test_the_map_is_measured_in_a_browser(tmp_path: Path) -> None:
    """From opening it until it can be used, and frames while it moves; nothing without a browser."""
    lines = {one["name"]: one for one in measured(tmp_path, "map")}
    if chromium() is None or not is_there():
        assert lines == {}
        return
    frames = {f"map.frames.{zoom}.{share}" for zoom in ("groups", "points") for share in ("p50", "p95")}
    assert set(lines) == {"map.usable", *frames}
    assert all(one["value"] > 1 for one in lines.values())


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> list[str]:
    """What says where master stores are: in files, or on a PostgreSQL."""
    return [] if request.param == "sqlite" else ["--store", str(request.getfixturevalue("postgres"))]


def test_a_morning_is_measured_over_a_slow_link(tmp_path: Path, place: list[str]) -> None:
    """One request carries all of it; the bytes are counted on the link."""
    lines = {one["name"]: one for one in measured(tmp_path, "morning", *place)}
    assert set(lines) == {f"morning.{one}" for one in ("up", "down", "requests", "done", "shown")}
    assert lines["morning.requests"]["value"] == 1
    assert 2000 < lines["morning.up"]["value"] < 50_000
    assert lines["morning.done"]["reference"] > 0


def test_nothing_new_is_measured_alone_among_many_and_while_somebody_commits(tmp_path: Path) -> None:
    """Every answer is whole and in step; a hello stands beside them."""
    lines = {one["name"]: one for one in measured(tmp_path, "nothing_new")}
    ways = ("alone", "many", "busy")
    assert set(lines) == {f"nothing_new.{way}{what}" for way in ways for what in ("", ".of_a_core", ".p95")}
    assert all(lines[f"nothing_new.{way}"]["ratio"] > 0 for way in ways)


def test_the_cost_of_exchanges_is_measured_on_masters_of_different_size(tmp_path: Path) -> None:
    """Each kind on each master, in processor time and statements, beside the smallest; the curves are drawn."""
    picture = tmp_path / "curves.svg"
    lines = measured(tmp_path, "growth", "--plot", str(picture))
    kinds = [
        f"growth.{kind}.{what}"
        for kind in ("nothing", "down", "up", "registered", "first")
        for what in ("cpu", "statements")
    ]
    assert sorted((one["name"], one["size"]) for one in lines) == sorted(product(kinds, (100, 300)))
    assert all(one["of"] == "ratio" for one in lines)
    assert all(one["value"] > 0 for one in lines if one["name"].endswith("cpu"))
    curves = re.findall('<polyline points="([^"]*)"', picture.read_text("utf-8"))
    assert {len(one.split()) for one in curves} == {2}
    assert 4 <= len(curves) <= len(kinds)


def test_visits_are_measured_until_they_are_answered_and_until_the_rules_have_looked(tmp_path: Path) -> None:
    """Every visit is applied, at once from two devices; the raw insert stands beside it."""
    lines = {one["name"]: one for one in measured(tmp_path, "visits")}
    assert set(lines) == {"visits", "visits.p95", "visits.cpu", "visits.judged"}
    assert lines["visits"]["value"] > 0 < lines["visits"]["ratio"]


def test_a_week_is_measured_on_one_device(tmp_path: Path) -> None:
    """In as many requests as it takes."""
    (line,) = measured(tmp_path, "week")
    assert line["name"] == "week"
    assert line["reference"] > 0


def test_the_reference_destroys_as_many_secrets_as_there_are_devices() -> None:
    """One time for each, none before the first word."""
    took = raw_departure(9, 2)
    assert len(took) == 9
    assert min(took) > 0


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        ([7.0], 0.99, 7.0),
        (range(1, 101), 0.5, 50),
        (range(1, 101), 0.99, 99),
        (range(1, 201), 0.99, 198),
        ([3, 1, 2], 1, 3),
    ],
)
def test_percentiles(values: list[float], share: float, found: float) -> None:
    """The smallest value that so many of a hundred do not exceed."""
    assert percentile(values, share) == found


def test_a_line_says_median_spread_ratio_and_whether_the_limit_was_met() -> None:
    """From the repetitions; without a limit or a reference it says nothing about these."""
    line = line_of(Measured("x", "ms", (30.0, 10.0, 20.0), (5.0, 4.0, 6.0), at_most(20)))
    assert (line.value, line.low, line.high, line.reference, line.ratio, line.met) == (20.0, 10.0, 30.0, 5.0, 4.0, True)
    assert (line.limit, line.bound, line.of) == (20.0, "at_most", "value")
    plain = line_of(Measured("x", "ms", (30.0,)))
    assert (plain.reference, plain.ratio, plain.limit, plain.bound, plain.of, plain.met) == (None,) * 6


@pytest.mark.parametrize(
    ("limit", "met"),
    [
        (at_most(19.9), False),
        (at_most(20), True),
        (at_least(20), True),
        (at_least(20.1), False),
        (at_most(4, Of.RATIO), True),
        (at_most(3.9, Of.RATIO), False),
        (at_least(4, Of.RATIO), True),
        (at_least(4.1, Of.RATIO), False),
    ],
)
def test_a_limit_is_a_ceiling_or_a_floor_of_the_value_or_of_the_ratio(limit: Limit, met: bool) -> None:
    """Each of the four, just met and just missed, for 20 beside a reference of 5."""
    assert line_of(Measured("x", "ms", (20.0,), (5.0,), limit)).met is met


def test_nothing_beside_nothing_is_as_much() -> None:
    """Where both are zero, the ratio is one; something beside nothing has none."""
    assert line_of(Measured("x", "", (0.0,), (0.0,), at_most(1.1, Of.RATIO))).met is True
    assert line_of(Measured("x", "", (1.0,), (0.0,), at_most(1.1, Of.RATIO))).ratio is None


def test_a_limit_on_a_ratio_without_a_reference_says_nothing() -> None:
    """There is nothing to hold it against."""
    assert line_of(Measured("x", "ms", (20.0,), (), at_most(4, Of.RATIO))).met is None


def test_every_benchmark_has_a_name_and_stands_in_the_documentation() -> None:
    """`--only` takes these, and docs/performance.md has a section for each."""
    sections = re.findall(r"^## `(\w+)`$", (ROOT / "docs/performance.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(sections) == sorted(BENCHES)


def test_sizes_that_exclude_each_other_are_refused(tmp_path: Path) -> None:
    """Nothing is measured."""
    env = os.environ | {"TMPDIR": str(tmp_path)}
    line = [sys.executable, "-c", RUN, "bench", "--small", "--full", "--json"]
    ran = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, json.loads(ran.stdout)["error"]) == (1, "option_unfit")
