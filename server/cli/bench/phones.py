"""What phones of a benchmark do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from server.cli.bench.bench import Stand
from server.cli.bench.records import Maker
from server.cli.talk import Failure
from server.cli.trial.link import Link
from server.cli.trial.processes import Phone

__all__ = ["Over", "enrol", "sync", "sync_over", "visit"]

_IN_REACH = 0.0001
"""Degrees: a rep stands within some metres of the outlet."""


class Over(NamedTuple):
    """One sync over a link: bytes each way, with HTTP's headers."""

    up: int
    down: int


async def enrol(stand: Stand, phone: Phone, person: UUID, url: str) -> None:
    """Enrol a phone of a person's with the server at `url`. It holds nothing yet."""
    phone.does("enrol", code=await stand.code(person, url))


def sync(phone: Phone) -> dict[str, Any]:
    """Sync a phone; the report. Raises Failure where it is not in step with the company afterwards."""
    report: dict[str, Any] = phone.does("sync")["report"]
    if not report["verified"]:
        raise Failure("bench_not_in_step", f"a phone is not in step: {report['ended']}", "手机未能同步")
    return report


def sync_over(phone: Phone, link: Link) -> Over:
    """Sync a phone that speaks through a link: what went over it. Raises Failure."""
    up, down = link.up, link.down
    sync(phone)
    return Over(link.up - up, link.down - down)


def visit(phone: Phone, outlets: Iterable[dict[str, Any]], maker: Maker) -> None:
    """Log a visit with stock at each of these outlets, as the phone gave them."""
    for one in outlets:
        near = [one["position"]["lat"] + _IN_REACH, one["position"]["lon"]]
        phone.does("log_visit", outlet=one["id"], **maker.visit_fields() | {"position": near})
