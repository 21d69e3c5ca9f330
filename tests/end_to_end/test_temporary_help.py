"""Somebody helps for a few seconds: the records come, go by themselves, and work from before the end counts."""

from __future__ import annotations

import time
from pathlib import Path

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.waiting import until

REP, PLACE = "周海波", "城西片区"


def test_help_ends_by_itself_and_what_was_done_before_counts(deployment: Deployment, tmp_path: Path) -> None:
    """The phone holds the territory while the help runs, drops it at its next contact after the end, and a visit that
    was logged before the end and handed in after it stands in the archive.
    """
    phone = deployment.phone(REP, tmp_path / "phone")
    own = {one.id for one in phone.outlets.list(size=10_000)}
    given = deployment.command("territory", "help", PLACE, "--who", REP, "--reason", "同事请假", "--for", "15s")
    assert phone.sync().verified
    helped = {one.id for one in phone.outlets.list(size=10_000)} - own
    assert helped
    visited = min(helped)
    phone.visits.log(visited, notes="代班时的拜访")
    assert time.time_ns() // 1_000_000 < given["until"]
    until(lambda: time.time_ns() // 1_000_000 > given["until"])
    report = phone.sync()
    assert f"territory/{given['territory']}" in report.evicted
    assert {one.id for one in phone.outlets.list(size=10_000)} == own
    assert deployment.command("refused", "list")["refused"] == []
    colleague = deployment.phone("吴晓琳", tmp_path / "colleague")
    assert "代班时的拜访" in {one.notes for one in colleague.visits.of(visited)}
    assert deployment.faults() == []
