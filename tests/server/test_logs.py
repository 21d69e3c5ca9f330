"""The log: what cannot be written is lost, and nothing else with it."""

from __future__ import annotations

import io

from server.logs import make_logger


def test_a_line_that_cannot_be_written_stops_nothing() -> None:
    """On a full disk the line is lost, and whoever logged goes on."""
    with io.FileIO("/dev/full", "w") as raw:
        log = make_logger("info", io.TextIOWrapper(raw, write_through=True))
        for _ in range(2):
            log.info("started")
