"""The server is killed in the middle of pushes: nothing acknowledged is lost, nothing is applied twice."""

from __future__ import annotations

from pathlib import Path
from random import Random
from threading import Timer

from client_sdk import Replica, Stock
from tests.end_to_end.deployment import Deployment

REP = "周海波"
ROUNDS = 6
VISITS = 120


def _log(phone: Replica, random: Random, times: int) -> None:
    shops = phone.outlets.list(size=40)
    for at in range(times):
        shop = random.choice(shops)
        phone.visits.log(shop.id, notes=f"拜访 {at}", stock=[Stock("SKU-1", on_hand=at, sold=1)])


def test_a_server_that_is_killed_while_phones_push_loses_nothing_and_does_nothing_twice(
    deployment: Deployment, tmp_path: Path
) -> None:
    """SIGKILL at a moment that the seed draws, six times; every visit is in the archive once, every sum is right."""
    random = Random(20261123)
    phone = deployment.phone(REP, tmp_path / "phone")
    logged = 0
    for _ in range(ROUNDS):
        _log(phone, random, VISITS)
        logged += VISITS
        killer = Timer(random.uniform(0.0, 0.25), deployment.kill)
        killer.start()
        phone.sync()
        killer.join()
        deployment.start()
    report = phone.sync()
    assert report.verified
    shops = phone.outlets.list(size=40)
    visits = sum(len(phone.visits.of(shop.id, size=10_000)) for shop in shops)
    sold = sum(shop.stock["SKU-1"].sold for shop in shops if "SKU-1" in shop.stock)
    assert (visits, sold) == (logged, logged)
    assert deployment.faults() == []
