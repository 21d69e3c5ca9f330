"""The SDK under an ARM64 Python, as phones have it: QEMU runs it here, where tools/arm64.sh could get them."""

from __future__ import annotations

import platform

import pytest

from client_sdk.testing.world import World
from sync.positions import Position
from sync.records import Visit
from tests.client_sdk.elsewhere import Told, enrol, look, run, work
from tests.client_sdk.over_http import served
from tests.source import ROOT

ARM64 = ROOT / ".venv" / "arm64"

pytestmark = pytest.mark.skipif(not (ARM64 / "stamp").exists(), reason="needs an ARM64 Python: make services")


def on_arm64(*acts: dict[str, str]) -> list[Told]:
    """Perform acts under ARM64; what each told, and that it was so."""
    root = ARM64 / "root"
    start = [str(ARM64 / "qemu"), "-L", str(root), str(root / "usr/bin/python"), "-S"]
    done = run(start, {"PYTHONPATH": f"{ARM64 / 'site'}:{ROOT}"}, *acts)
    assert [one.pop("machine") for one in done] == ["aarch64"] * len(acts)
    return done


def test_a_replica_moves_between_arm64_and_this_processor(world: World) -> None:
    """Enrolled, filled and worked on under either, read and gone on with under the other: every digest, row, search and
    distance is the same, no byte of the archive can be read from outside, and all work reaches the company.
    """
    here, there = world.directory / "here", world.directory / "there"
    for number in range(40):
        name = f"老张烟酒{number}号" if number % 4 else f"小李超市{number}号"
        world.outlet(name, position=Position(39.9, 116.4 + number / 900))
    world.product()
    with served(world.server) as url:
        codes = [world.company.code_for(world.rep) for _ in range(2)]
        begun_here = enrol(here, url, codes[0])
        begun_there, looked_there = on_arm64(
            {"act": "enrol", "directory": str(there), "url": url, "code": codes[1]},
            {"act": "look", "directory": str(here)},
        )
        assert looked_there == begun_here
        assert look(there) == begun_there
        assert (begun_there["pending"], begun_there["state"]) == (4, "open")
        assert len(begun_there["found"]) == 30
        assert "老张".encode() not in (there / "replica.db").read_bytes()
        worked_here = work(there)
        assert worked_here["pending"] == 8
        (synced,) = on_arm64({"act": "sync", "directory": str(there)})
    assert synced["before"] == worked_here
    assert (synced["ended"], synced["after"]["pending"]) == ("done", 0)
    visits = sorted(f"{machine} 补货 {sold}" for machine in ("aarch64", platform.machine()) for sold in (1, 2, 3))
    assert synced["after"]["visits"] == visits
    assert len(world.in_master(Visit)) == len(visits)
    assert look(there) == synced["after"]
