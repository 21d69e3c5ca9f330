"""`saojie bench` runs, at a small size, and says what it measured. No time is held against a limit here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.bench.lines import Measured, line_of, percentile
from server.cli.bench.raw import raw_departure
from server.cli.measuring import BENCHES

RUN = "from server.cli import main; main()"
FIELDS = {"name", "unit", "value", "reference", "ratio", "limit", "met", "repetitions", "low", "high", "en", "zh"}


def test_a_departure_is_measured_on_real_phones(tmp_path: Path) -> None:
    """Five devices, both ways: each line whole, beside its reference; nothing is left on the disk."""
    env = os.environ | {"TMPDIR": str(tmp_path), "SAOJIE_HOME": str(tmp_path / "other")}
    line = [sys.executable, "-c", RUN, "bench", "--only", "departure", "--devices", "5", "--repeat", "1", "--json"]
    ran = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    lines = json.loads(ran.stdout.splitlines()[-1])["lines"]
    assert [one["name"] for one in lines] == [
        f"departure.{way}.{share}" for way in ("one_person", "many_persons") for share in ("p50", "p99")
    ]
    for one in lines:
        assert set(one) == FIELDS
        assert min(one["value"], one["reference"]) > 0
        assert (one["repetitions"], one["met"] is None) == (1, one["limit"] is None)
    assert list(tmp_path.iterdir()) == []


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
    line = line_of(Measured("x", "ms", (30.0, 10.0, 20.0), (5.0, 4.0, 6.0), 20.0))
    assert (line.value, line.low, line.high, line.reference, line.ratio, line.met) == (20.0, 10.0, 30.0, 5.0, 4.0, True)
    assert line_of(Measured("x", "ms", (30.0,), (), 20.0)).met is False
    plain = line_of(Measured("x", "ms", (30.0,)))
    assert (plain.reference, plain.ratio, plain.limit, plain.met) == (None, None, None, None)


def test_every_benchmark_has_a_name() -> None:
    """`--only` takes these."""
    assert list(BENCHES) == ["departure"]
