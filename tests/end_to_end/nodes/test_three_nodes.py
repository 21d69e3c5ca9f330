"""Three nodes over one database, a balancer in front of them: whichever of them answers, the company is one."""

from __future__ import annotations

from pathlib import Path

from client_sdk import Position
from tests.end_to_end.nodes.nodes import Nodes

HERE = Position(39.9042, 116.4074)


def test_a_phone_is_served_by_all_nodes(nodes: Nodes, tmp_path: Path) -> None:
    """What one node took in, the next gives out: each request of two phones goes to another node."""
    giving, taking = (nodes.phone("周海波", tmp_path / name) for name in ("giving", "taking"))
    for number in range(6):
        giving.outlets.register(name=f"老张烟酒 {number}", outlet_class="tobacco_liquor", position=HERE)
        assert giving.sync().verified
        assert taking.sync().verified
        assert len(taking.outlets.search("老张")) == number + 1
    assert min(nodes.balancer.served.values()) > 3
    assert nodes.faults() == []
